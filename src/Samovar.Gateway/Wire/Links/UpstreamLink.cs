using Samovar.Client;
using Samovar.Client.Settings;
using Samovar.Client.Transports;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire.Http;
using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Wire.Links;

/// <summary>
/// The one connection of a tenant to a destination, which all of its chains share: opened when it is needed and again when it is lost.
/// </summary>
internal sealed class UpstreamLink : ILinkHome, IDisposable
{
    private const int WaitingMax = 1024, NamedLanes = 32;
    private readonly SocketsHttpHandler _handler;
    private readonly ResponsesConnection _connection;
    private volatile bool _isClosed;
    private int _turns;

    public UpstreamLink(UpstreamCall call, UpstreamOptions options, int requestBytesMax, WireMeter meter, IdSource ids)
    {
        _handler = new SocketsHttpHandler
        {
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(15),
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = ProxyBeyondLoopback.Instance,
            ActivityHeadersPropagator = null,
            ConnectCallback = async (context, connectEnds) => new MeteredStream(
                await UpstreamHttp.ConnectAsync(context.DnsEndPoint, options.ConnectionLostAfter, connectEnds), meter),
        };
        _connection = new ResponsesConnection(call.Destination.BaseUrl, Settings(call, options, requestBytesMax,
            new LinkWatch(_handler, call.Destination.State.Way, options.ConnectTimeout, call.Time), ids));
    }

    public bool IsOpen => !_isClosed;

    /// <summary>Turns that run on it.</summary>
    public int Turns => Volatile.Read(ref _turns);

    /// <summary>When a turn began on it last, by <c>TimeProvider.GetTimestamp</c>.</summary>
    public long UsedAt { get; set; }

    /// <summary>Whether the destination has no WebSocket, so that nothing is held there that is not stored.</summary>
    public bool IsPlain => _connection.IsPlainHttp;

    public void Begin() => Interlocked.Increment(ref _turns);

    public void End() => Interlocked.Decrement(ref _turns);

    /// <summary>Where the turn is to run.</summary>
    /// <param name="parent">What it continues, where the destination has that; null: everything is sent.</param>
    /// <param name="isDelta">Whether only what is new has to be sent.</param>
    public LinkLane Take(UpstreamState? parent, out bool isDelta)
    {
        isDelta = true;
        if (parent is { ResponseId: { } id } && !(IsPlain && !parent.IsStored))
        {
            if (parent.Socket is LinkLane lane && lane.TryTake(this, id)) return lane;
            if (parent.IsStored) return new LinkLane(this, _connection.Continue(id));
        }
        isDelta = false;
        return new LinkLane(this, _connection.Start());
    }

    /// <summary>Ends it and what runs on it.</summary>
    public void Dispose()
    {
        if (_isClosed) return;
        _isClosed = true;
        _connection.Abort();
        _handler.Dispose();
    }

    private static ResponsesOptions Settings(
        UpstreamCall call, UpstreamOptions options, int requestBytesMax, HttpMessageHandler handler, IdSource ids)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        call.Authorize((name, value) => headers[name] = value);
        var silence = options.FirstEventTimeout > options.IdleTimeout ? options.FirstEventTimeout : options.IdleTimeout;
        var bridge = options.BridgeMax > TimeSpan.Zero ? options.BridgeMax : options.ConnectTimeout;
        return new ResponsesOptions
        {
            Headers = headers,
            Handler = handler,
            Deflate = call.Destination.Options.Deflate,
            ConnectTimeMax = options.ConnectTimeout < bridge ? options.ConnectTimeout : bridge,
            PingInterval = options.LinkPingInterval,
            PingTimeMax = options.LinkPingTimeMax,
            SilenceMax = silence,
            LostTimeMax = bridge,
            OrphanTime = bridge,
            BackoffMax = options.BridgePauseMax,
            RestartsMax = 0, // what the client has seen is not this class's to know: who called decides
            TurnsMax = options.LinkTurnsMax,
            WaitingMax = WaitingMax,
            LanesMax = call.Destination.Dialect.IsSamovar ? NamedLanes : 0,
            RequestBytesMax = requestBytesMax,
            EventBytesMax = options.EventBytesMax,
            HistoryBytesMax = 0, // the chain is kept here already
            Time = call.Time,
            Ids = ids,
        };
    }
}
