using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Samovar.Testing.Servers;

/// <summary>
/// A network between a client and a server that cuts the first connection after a given number of bytes behind its upgrade, and leaves the
/// others alone until it is told to.
/// </summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ends = new();
    private readonly int? _down, _up;
    private readonly List<Task> _connections = [];
    private readonly ConcurrentDictionary<CancellationTokenSource, bool> _open = new();
    private readonly Task _accepting;

    /// <param name="server">Where the bytes go.</param>
    /// <param name="down">Bytes from the server that still arrive; null: all.</param>
    /// <param name="up">Bytes to the server that still arrive; null: all.</param>
    public CuttingProxy(Uri server, int? down = null, int? up = null)
    {
        (Server, _down, _up) = (server, down, up);
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Where the bytes of new connections go.</summary>
    public Uri Server { get; set; }

    /// <summary>Whether nothing gets through: what is open is cut, what is opened is reset at once.</summary>
    public bool IsAway
    {
        get;
        set
        {
            field = value;
            if (value) Cut();
        }
    }

    /// <summary>Connections that were made.</summary>
    public int Connections => _connections.Count;

    /// <summary>What the server sent on the first one behind its upgrade, as far as it arrived.</summary>
    public MemoryStream Down { get; } = new();

    /// <summary>What the client sent there.</summary>
    public MemoryStream Up { get; } = new();

    /// <summary>Cuts every connection that there is now.</summary>
    public void Cut()
    {
        foreach (var open in _open.Keys)
        {
            try { open.Cancel(); }
            catch (ObjectDisposedException) { /* it has just ended */ }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _listener.Dispose();
        _ends.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _connections.Add(RelayAsync(await _listener.AcceptSocketAsync(_ends.Token), isFirst: _connections.Count == 0));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // the test is over, perhaps between two accepts
        }
    }

    private async Task RelayAsync(Socket client, bool isFirst)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new LingerOption(true, 0) };
        using (client)
        {
            (client.NoDelay, client.LingerState) = (true, new LingerOption(true, 0)); // a cut connection is reset
            if (IsAway) return;
            try { await server.ConnectAsync(IPAddress.Loopback, Server.Port, _ends.Token); }
            catch (SocketException) { return; /* nobody listens there */ }
            using var cut = CancellationTokenSource.CreateLinkedTokenSource(_ends.Token);
            _open[cut] = true;
            if (IsAway) await cut.CancelAsync();
            await Task.WhenAll(
                CopyAsync(server, client, isFirst ? Down : null, isFirst ? _down : null, cut),
                CopyAsync(client, server, isFirst ? Up : null, isFirst ? _up : null, cut));
            _open.TryRemove(cut, out _);
        }
    }

    private static async Task CopyAsync(Socket from, Socket to, MemoryStream? seen, int? most, CancellationTokenSource cut)
    {
        var head = new List<byte>();
        var buffer = new byte[16 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, cut.Token) is > 0 and var read)
            {
                var begin = seen is null ? read : BodyFrom(head, buffer.AsSpan(0, read));
                var body = read - begin;
                var passed = most is { } bytes && seen is not null ? (int)Math.Min(body, bytes - seen.Length) : body;
                seen?.Write(buffer, begin, passed);
                if (begin + passed > 0) await to.SendAsync(buffer.AsMemory(0, begin + passed), cut.Token);
                if (passed < body || most is { } all && seen?.Length == all) break;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // cut
        }
        await cut.CancelAsync();
    }

    /// <summary>Where what follows the upgrade begins.</summary>
    private static int BodyFrom(List<byte> head, ReadOnlySpan<byte> bytes)
    {
        if (head is [.., 13, 10, 13, 10]) return 0;
        for (var at = 0; at < bytes.Length; at++)
        {
            head.Add(bytes[at]);
            if (head is [.., 13, 10, 13, 10]) return at + 1;
        }
        return bytes.Length;
    }
}
