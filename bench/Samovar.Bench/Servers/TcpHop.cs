using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Samovar.Bench.Servers;

/// <summary>
/// The floor of every gateway, in a process of its own: passes bytes on between two TCP connections and looks at nothing. What it adds to
/// a turn is what one more process on the way costs on this machine.
/// </summary>
internal static class TcpHop
{
    /// <summary>A line of its input: the connections that are open pass nothing on any more, and nobody is told.</summary>
    public const string Cut = "cut";

    private const int BufferBytes = 16 << 10;

    /// <summary>Serves until its standard input ends.</summary>
    /// <param name="near">Where it listens.</param>
    /// <param name="far">Where it connects to.</param>
    public static async Task RunAsync(EndPoint near, EndPoint far)
    {
        using var listener = Open(near);
        listener.Bind(near);
        listener.Listen(512);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"PORT={(listener.LocalEndPoint as IPEndPoint)?.Port ?? 0}"));
        var silence = new HopSilence();
        var accepting = AcceptAsync(listener, far, silence);
        while (await Console.In.ReadLineAsync() is { } line)
            if (line == Cut) silence.Begin();
        listener.Dispose();
        await accepting;
    }

    private static Socket Open(EndPoint end) => end is UnixDomainSocketEndPoint
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private static async Task AcceptAsync(Socket listener, EndPoint far, HopSilence silence)
    {
        var pairs = new List<Task>();
        try
        {
            while (true)
            {
                pairs.Add(PassAsync(await listener.AcceptAsync(), far, silence));
                pairs.RemoveAll(pair => pair.IsCompleted);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // the listener was stopped; what still runs ends with the process
        }
    }

    private static async Task PassAsync(Socket client, EndPoint server, HopSilence silence)
    {
        using var near = client;
        using var far = Open(server);
        if (near.ProtocolType == ProtocolType.Tcp) near.NoDelay = true;
        var cuts = silence.Cuts;
        try
        {
            await far.ConnectAsync(server);
            await Task.WhenAny(CopyAsync(near, far, silence, cuts), CopyAsync(far, near, silence, cuts));
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // either side is gone
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, HopSilence silence, int cuts)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var read)
            {
                if (silence.Cuts > cuts) await Task.Delay(Timeout.Infinite);
                for (var at = 0; at < read;) at += await to.SendAsync(buffer.AsMemory(at, read - at));
            }
            if (silence.Cuts > cuts) await Task.Delay(Timeout.Infinite);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // the other direction ended the pair
        }
    }

    /// <summary>How often the connections were cut: one that was there before a cut is silent.</summary>
    private sealed class HopSilence
    {
        private int _cuts;

        public int Cuts => Volatile.Read(ref _cuts);

        public void Begin() => Interlocked.Increment(ref _cuts);
    }
}
