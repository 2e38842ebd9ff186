using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Samovar.Testing.Servers;

/// <summary>
/// A network that resets connections after seeded numbers of bytes, upgrades included; after so many in a row one is left alone, so that
/// whoever tries on gets through.
/// </summary>
public sealed class RandomCuts : IAsyncDisposable
{
    private const int InARowMax = 5;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ends = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Uri _server;
    private readonly Random _random;
    private readonly int _bytesMax, _wholeBytes;
    private readonly Task _accepting;
    private int _cuts, _inARow;

    /// <param name="server">Where the bytes go.</param>
    /// <param name="bytesMax">Before most connections are cut, at most.</param>
    /// <param name="wholeBytes">Before one is cut that is left alone.</param>
    public RandomCuts(Uri server, int seed, int bytesMax, int wholeBytes = 60_000)
    {
        (_server, _random, _bytesMax, _wholeBytes) = (server, new Random(seed), bytesMax, wholeBytes);
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }
    public int Cuts => _cuts;

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
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_ends.Token);
                var isWhole = _inARow >= InARowMax;
                _inARow = isWhole ? 0 : _inARow + 1;
                _connections.Add(RelayAsync(client, isWhole ? _wholeBytes : _random.Next(_bytesMax), isUp: _random.Next(4) == 0));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // the test is over
        }
    }

    /// <param name="bytes">How many still arrive, in the one direction that is counted.</param>
    private async Task RelayAsync(Socket client, int bytes, bool isUp)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, LingerState = new LingerOption(true, 0) };
        using (client)
        {
            (client.NoDelay, client.LingerState) = (true, new LingerOption(true, 0)); // a cut connection is reset
            using var cut = CancellationTokenSource.CreateLinkedTokenSource(_ends.Token);
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _server.Port, cut.Token);
                await Task.WhenAll(
                    CopyAsync(server, client, isUp ? int.MaxValue : bytes, cut),
                    CopyAsync(client, server, isUp ? bytes : int.MaxValue, cut));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException) { /* cut */ }
        }
    }

    private async Task CopyAsync(Socket from, Socket to, int most, CancellationTokenSource cut)
    {
        var buffer = new byte[8 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, cut.Token) is > 0 and var read)
            {
                var passed = Math.Min(read, most);
                if (passed > 0) await to.SendAsync(buffer.AsMemory(0, passed), cut.Token);
                most -= passed;
                if (passed == read) continue;
                Interlocked.Increment(ref _cuts);
                break;
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the other direction was cut
        }
        await cut.CancelAsync();
    }
}
