using System.Net.Sockets;

namespace Samovar.Liveness;

/// <summary>
/// Notices that the other side of a connection is gone though nothing says so, as where a link breaks: TCP itself would go on for a quarter
/// of an hour where something was sent, and for ever where nothing was.
/// </summary>
internal static class TcpLiveness
{
    private const int Probes = 3, UserTimeoutOption = 18; // TCP_USER_TIMEOUT, for which the runtime has no name
    private const int SharesOfSilence = 6; // half of the time in silence, then a probe each sixth

    /// <param name="socket">A connection, or a listening socket, whose connections have the same settings.</param>
    /// <param name="lostAfter">How long what was sent may stay unacknowledged, and probes of a silent connection unanswered.</param>
    public static void Watch(Socket socket, TimeSpan lostAfter)
    {
        var probeSeconds = Math.Max(1, (int)(lostAfter.TotalSeconds / SharesOfSilence));
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, probeSeconds * (SharesOfSilence - Probes));
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, probeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        if (!OperatingSystem.IsLinux()) return; // elsewhere what was sent is given up when the system does that
        Span<byte> milliseconds = stackalloc byte[sizeof(int)];
        BitConverter.TryWriteBytes(milliseconds, (int)lostAfter.TotalMilliseconds);
        socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, UserTimeoutOption, milliseconds);
    }

    /// <summary>What <see cref="Watch"/> set; null where a connection is not watched.</summary>
    public static TimeSpan? LostAfter(Socket socket)
    {
        if (socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive) is not > 0) return null;
        if (!OperatingSystem.IsLinux()) return TimeSpan.FromSeconds(SharesOfSilence
            * (int)socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval)!);
        Span<byte> milliseconds = stackalloc byte[sizeof(int)];
        socket.GetRawSocketOption((int)SocketOptionLevel.Tcp, UserTimeoutOption, milliseconds);
        return TimeSpan.FromMilliseconds(BitConverter.ToInt32(milliseconds));
    }
}
