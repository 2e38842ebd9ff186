using System.Net.Sockets;
using Samovar.Client.Errors;
using Samovar.Client.Settings;

namespace Samovar.Client.Transports;

/// <summary>
/// The ways to one server: a socket that is opened when it is needed and again when it is lost, by one caller while the others wait; and
/// HTTP, for what a socket cannot do, or where there is none.
/// </summary>
internal sealed class Links : IAsyncDisposable
{
    private static readonly TimeSpan SocketRetryAfter = TimeSpan.FromMinutes(10); // a server that had none may have one later
    private readonly Uri _socketAddress;
    private readonly ResponsesOptions _options;
    private readonly HttpMessageInvoker _http;
    private readonly SemaphoreSlim _opening = new(1);
    private readonly List<SocketLink> _old = []; // with turns that end on them
    private SocketLink? _socket;
    private long? _noSocketAt, _missedAt;
    private int _opened;
    private volatile bool _asksAgain;
    private LinkLostException? _failed;
    private bool _isDisposed;

    public Links(Uri baseUrl, ResponsesOptions options)
    {
        _options = options;
        HasNoChains = !options.KnowsChains;
        _http = new HttpMessageInvoker(options.Handler ?? OwnHandler(options), disposeHandler: options.Handler is null);
        Http = new HttpLink(baseUrl, options, _http);
        var socket = new UriBuilder(baseUrl) { Scheme = baseUrl.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" };
        socket.Path = socket.Path.TrimEnd('/') + "/responses";
        _socketAddress = socket.Uri;
    }

    public HttpLink Http { get; }

    /// <summary>The open socket, if there is one.</summary>
    public SocketLink? Open => _socket is { IsOpen: true } socket ? socket : null;

    /// <summary>Sockets that were opened.</summary>
    public int Opened => _opened;

    /// <summary>Whether the server turned out to have no WebSocket.</summary>
    public bool HasNoSocket => _options.Transport == TransportChoice.Http || _noSocketAt is not null;

    /// <summary>Whether the server may know lanes.</summary>
    public bool HasLanes { get; private set; } = true;

    /// <summary>Whether the server goes on from nothing over HTTP: each turn sends everything.</summary>
    public bool HasNoChains { get; set; }

    /// <summary>The server takes no names of lanes: from here on there is one turn at a time on a socket.</summary>
    public void RefuseNames(SocketLink socket)
    {
        HasLanes = false;
        socket.RefuseNames();
    }

    /// <summary>A socket that is open; null where there is none to be had and HTTP must do.</summary>
    public async Task<SocketLink?> SocketAsync(CancellationToken caller)
    {
        _socket?.AgeNow();
        if (Open is { } open) return open;
        if (_options.Transport == TransportChoice.Http) return null;
        var failed = _failed;
        await _opening.WaitAsync(caller);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (Open is { } meanwhile) return meanwhile;
            if (_failed is { } one && one != failed) throw Again(one); // it spoke for all
            if (!_asksAgain && _noSocketAt is { } since && _options.Time.GetElapsedTime(since) < SocketRetryAfter) return null;
            await LeaveAsync();
            _socket = await SocketLink.OpenAsync(_socketAddress, _options, _http, HasLanes, caller);
            _noSocketAt = _missedAt = null;
            _asksAgain = false;
            _opened++;
            return _socket;
        }
        catch (LinkLostException lost) when (lost.InnerException is not LinkLostException)
        {
            _failed = lost;
            throw;
        }
        catch (NoSocketException none) when (IsMissed())
        {
            throw _failed = new LinkLostException(none.Message, none, wasNeverSent: true)
            { Status = none.Status, RetryAfter = none.RetryAfter };
        }
        catch (NoSocketException none) when (_options.Transport == TransportChoice.WebSocket)
        {
            throw new ResponsesException(ResponsesErrorKind.Unreachable, none.Message, none) { Status = none.Status };
        }
        catch (NoSocketException)
        {
            _noSocketAt = _options.Time.GetTimestamp();
            _asksAgain = false;
            return null;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>What answers over HTTP is no such server either: what said that it has no socket was none.</summary>
    public void AskAgain() => _asksAgain = true;

    /// <summary>The same for a caller that tries nothing again.</summary>
    /// <exception cref="ResponsesException">The server cannot be reached, or refuses this caller.</exception>
    public async Task<SocketLink?> SocketNowAsync(CancellationToken caller)
    {
        try
        {
            return await SocketAsync(caller);
        }
        catch (LinkLostException none)
        {
            throw new ResponsesException(ResponsesErrorKind.Unreachable, none.Message, none)
            { Status = none.Status, RetryAfter = none.RetryAfter };
        }
    }

    /// <summary>Whether the server had sockets, so that what has none now is more likely something before it: believed to be the server
    /// itself where it lasts.</summary>
    private bool IsMissed()
    {
        if (_opened == 0) return false;
        _missedAt ??= _options.Time.GetTimestamp();
        return _options.Time.GetElapsedTime(_missedAt.Value) < SocketRetryAfter;
    }

    private static LinkLostException Again(LinkLostException one) => new(one.Message, one, wasNeverSent: true)
    { Status = one.Status, RetryAfter = one.RetryAfter };

    /// <summary>One request, whose loss is its caller's.</summary>
    public async Task<T> HttpAsync<T>(Func<HttpLink, Task<T>> ask)
    {
        try
        {
            return await ask(Http);
        }
        catch (LinkLostException none)
        {
            throw new ResponsesException(none.WasNeverSent ? ResponsesErrorKind.Unreachable : ResponsesErrorKind.Lost, none.Message, none);
        }
    }

    /// <summary>Leaves the socket, at once where nothing runs on it, and older ones on which nothing does any more.</summary>
    private async Task LeaveAsync()
    {
        if (_socket is { } left) _old.Add(left);
        _socket = null;
        foreach (var old in _old.Where(static old => !old.IsBusy).ToList())
        {
            _old.Remove(old);
            await old.DisposeAsync();
        }
    }

    /// <summary>Ends everything without waiting for anything.</summary>
    public void Abort()
    {
        _isDisposed = true;
        _socket?.Abort();
        foreach (var old in _old.ToArray()) old.Abort();
        _http.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _opening.WaitAsync(CancellationToken.None);
        _isDisposed = true;
        if (_socket is not null) await _socket.DisposeAsync();
        foreach (var old in _old) await old.DisposeAsync();
        _opening.Release();
        _http.Dispose();
    }

    /// <summary>A broken link tells nobody: the system probes silent connections as often as pings go.</summary>
    private static SocketsHttpHandler OwnHandler(ResponsesOptions options) => new()
    {
        UseCookies = false,
        Proxy = ProxyBeyondLoopback.Instance,
        ConnectTimeout = options.ConnectTimeMax,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        ConnectCallback = async (context, caller) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint, caller);
                // Not before: .NET 8 tries no name, of which there may be several addresses, with a socket that has options of TCP.
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(options.PingInterval));
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(options.PingTimeMax) / 3 + 1);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    private static int Seconds(TimeSpan time) => (int)Math.Clamp(time.TotalSeconds, 1, 3600);
}
