using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Samovar.Testing.Servers;

/// <summary>Carries the bytes of one connection, both ways at once.</summary>
/// <param name="client">To whoever connected.</param>
/// <param name="server">To the server.</param>
/// <param name="cut">Ends the connection; cancelled, too, when the network is no longer needed.</param>
public delegate Task Relay(Socket client, Socket server, CancellationTokenSource cut);

/// <summary>A network between clients and a server: takes connections, has each carried as is chosen for it, resets what ends.</summary>
public sealed class RelayNetwork : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ends = new();
    private readonly List<Task> _connections = [];
    private readonly ConcurrentDictionary<CancellationTokenSource, bool> _open = new();
    private readonly Task _accepting;
    private volatile int _refused;

    /// <param name="server">Where the bytes go.</param>
    /// <param name="choose">How a connection is carried, by its number from 0; asked for one after the other.</param>
    public RelayNetwork(Uri server, Func<int, Relay> choose)
    {
        Server = server;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync(choose);
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

    /// <summary>What stands before the server answers each new connection with this status and a page, and passes nothing on; null: nothing
    /// stands there.</summary>
    public int? RefusesWith { get; set; }

    /// <summary>Connections that were answered so.</summary>
    public int Refused => _refused;

    /// <summary>Connections that were made.</summary>
    public int Connections => _connections.Count;

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

    private async Task AcceptAsync(Func<int, Relay> choose)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_ends.Token);
                _connections.Add(CarryAsync(client, choose(_connections.Count)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // the test is over, perhaps between two accepts
        }
    }

    private async Task CarryAsync(Socket client, Relay relay)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new LingerOption(true, 0) };
        using (client)
        {
            (client.NoDelay, client.LingerState) = (true, new LingerOption(true, 0)); // a cut connection is reset
            if (IsAway) return;
            using var cut = CancellationTokenSource.CreateLinkedTokenSource(_ends.Token);
            _open[cut] = true;
            if (IsAway) await cut.CancelAsync();
            try
            {
                if (RefusesWith is { } status) await RefuseAsync(client, status, cut.Token);
                else
                {
                    await server.ConnectAsync(IPAddress.Loopback, Server.Port, cut.Token);
                    await relay(client, server, cut);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException) { /* cut, or nobody is there */ }
            _open.TryRemove(cut, out _);
        }
    }

    private async Task RefuseAsync(Socket client, int status, CancellationToken cut)
    {
        var buffer = new byte[16 << 10];
        var head = "";
        while (!head.Contains("\r\n\r\n", StringComparison.Ordinal) && await client.ReceiveAsync(buffer, cut) is > 0 and var read)
            head += Encoding.ASCII.GetString(buffer, 0, read);
        const string page = "<html><body>Please log in.</body></html>";
        var answer = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} No\r\nContent-Length: {page.Length}\r\n") +
            $"Content-Type: text/html\r\nLocation: http://login.example/\r\nConnection: close\r\n\r\n{page}";
        await client.SendAsync(Encoding.ASCII.GetBytes(answer), cut);
        Interlocked.Increment(ref _refused);
        client.Shutdown(SocketShutdown.Send);
        while (await client.ReceiveAsync(buffer, cut) > 0) { } // until it has read that
    }
}
