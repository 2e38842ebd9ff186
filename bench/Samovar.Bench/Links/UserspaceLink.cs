using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Samovar.Bench.Links;

/// <summary>
/// A link without the kernel's help: a relay that gives each piece to the other side when <see cref="TcpModel"/> says that it would have
/// arrived there. Opening a connection costs its round trip.
/// </summary>
internal sealed class UserspaceLink : ILink
{
    /// <summary>What a sender may be ahead of the link, as a socket's buffer.</summary>
    public const int PiecesMax = 64;

    private const int PieceBytes = 16 << 10;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly Uri _server;
    private readonly LinkLine _up, _down;
    private readonly Random _random;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly Lock _lock = new();
    private readonly Task _accepting;
    private List<LinkedPair> _pairs = [];
    private volatile bool _isSlow;
    private int _waiting;

    /// <param name="server">Where the server listens.</param>
    /// <param name="seed">Which segments are lost.</param>
    /// <param name="startsClear">Nothing is slow before <see cref="ShapeAsync"/>.</param>
    public UserspaceLink(LinkShape shape, Uri server, int seed, TimeProvider time, bool startsClear = false)
    {
        (Shape, _server, _random, _isSlow) = (shape, server, new Random(seed), !startsClear);
        (_time, _began) = (time, time.GetTimestamp());
        (_up, _down) = (new LinkLine(shape.UpBits), new LinkLine(shape.DownBits));
        _listener.Start(512);
        Address = new UriBuilder(server) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _accepting = AcceptAsync();
    }

    public LinkShape Shape { get; }
    public string Method => "userspace";
    public Uri Address { get; }

    /// <summary>Pieces of 16 KiB at most that were read and are not written.</summary>
    public int PiecesWaiting => Volatile.Read(ref _waiting);

    private TimeSpan Now => _time.GetElapsedTime(_began);

    public Task ShapeAsync()
    {
        _isSlow = true;
        return Task.CompletedTask;
    }

    public Task CutAsync()
    {
        lock (_lock) foreach (var pair in _pairs) pair.Silence();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _ending.Cancel();
        _listener.Stop();
        await _accepting;
        Task[] running;
        lock (_lock) running = [.. _pairs.Select(pair => pair.Running)];
        await Task.WhenAll(running);
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_ending.Token);
                lock (_lock) _pairs = [.. _pairs.Where(pair => !pair.Running.IsCompleted), Pair(client)];
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // the link is taken away
        }
    }

    private LinkedPair Pair(TcpClient client)
    {
        var (up, down) = (Model(_up), Model(_down));
        return new LinkedPair(client, _server, pair => Task.WhenAll(
            PumpAsync(pair, pair.Client, pair.Server, up, _isSlow ? Now + Shape.RoundTrip : Now),
            PumpAsync(pair, pair.Server, pair.Client, down, Now)), _ending.Token);
    }

    private TcpModel Model(LinkLine line)
    {
        lock (_lock) return new TcpModel(Shape.RoundTrip, line, Shape.Loss, new Random(_random.Next()));
    }

    /// <summary>Reads as fast as there is room, writes when it is time.</summary>
    /// <param name="from">Nothing is sent earlier: until then the connection is being opened.</param>
    private async Task PumpAsync(LinkedPair pair, NetworkStream near, NetworkStream far, TcpModel model, TimeSpan from)
    {
        var pieces = Channel.CreateBounded<(byte[] Bytes, TimeSpan At)>(PiecesMax);
        var writing = WriteAsync(pair, pieces.Reader, far);
        var buffer = new byte[PieceBytes];
        try
        {
            while (await near.ReadAsync(buffer, pair.Ending) is > 0 and var read)
            {
                var now = Now;
                Interlocked.Increment(ref _waiting);
                var at = _isSlow ? model.Send(read, now > from ? now : from, hasMore: read == buffer.Length) : now;
                await pieces.Writer.WriteAsync((buffer[..read], at), pair.Ending);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // one side is gone: what is on its way still arrives
        }
        pieces.Writer.Complete();
        await writing;
    }

    private async Task WriteAsync(LinkedPair pair, ChannelReader<(byte[] Bytes, TimeSpan At)> pieces, NetworkStream far)
    {
        try
        {
            await foreach (var (bytes, at) in pieces.ReadAllAsync(pair.Ending))
            {
                if (at - Now is { TotalMilliseconds: >= 1 } early) await Task.Delay(early, _time, pair.Ending);
                Interlocked.Decrement(ref _waiting);
                if (!pair.IsSilent) await far.WriteAsync(bytes, pair.Ending);
            }
            if (!pair.IsSilent) far.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception)
            when (exception is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // nobody reads there any more
        }
    }
}
