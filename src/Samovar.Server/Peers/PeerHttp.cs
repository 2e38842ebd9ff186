using Samovar.Cluster;
using Samovar.Gateway.Wire.Http;
using Samovar.Protocol.Ids;
using Samovar.Server.Auth;
using Samovar.Stores;

namespace Samovar.Server.Peers;

/// <summary>The HTTP connections to all peers: those of turns, those of requests that are passed on as they came, those of answers that
/// are read for as long as their readers like, and a few for what is asked beside them and answered at once.</summary>
/// <remarks>
/// HTTP/1.1, a connection for each turn: what one client does not read then holds up no other's events, a line that breaks breaks one turn,
/// and the listener that clients use takes it as it is, without TLS to agree on another version.
/// </remarks>
internal sealed class PeerHttp : IDisposable
{
    private const int AsksMax = 32;
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(10); // of a connection that nobody reads from

    /// <summary>Below the time after which listeners end idle connections: a turn is not sent on one that is just ending.</summary>
    private static readonly TimeSpan IdleMax = TimeSpan.FromSeconds(30);
    private readonly ClusterKey _key;
    private readonly KeyRing? _clients;

    /// <param name="clients">Whose keys go on; null: nobody's.</param>
    public PeerHttp(ClusterOptions options, ClusterKey key, KeyRing? clients = null)
    {
        (_key, _clients) = (key, clients);
        Turns = Invoker(options, options.RelaysMax);
        Requests = Invoker(options, options.RelaysMax);
        Reads = Invoker(options, options.RelaysMax);
        Asks = Invoker(options, AsksMax);
    }

    public HttpMessageInvoker Turns { get; }
    public HttpMessageInvoker Requests { get; }
    public HttpMessageInvoker Reads { get; }

    /// <summary>What goes over these has its answer within <see cref="ClusterOptions.AskTimeMax"/>: what lasts would hold up what
    /// everybody asks.</summary>
    public HttpMessageInvoker Asks { get; }

    /// <param name="pathAndQuery">From the peer's root on.</param>
    public HttpRequestMessage Request(HttpMethod method, ClusterNode to, string pathAndQuery, TenantId? tenant = null)
    {
        var request = new HttpRequestMessage(method, new Uri(to.Address, pathAndQuery));
        _key.Show(request);
        if (tenant is { Value: var whose })
            request.Headers.TryAddWithoutValidation(PeerPaths.TenantHeader, Uri.EscapeDataString(whose)); // it may be any text
        return request;
    }

    /// <summary>The same for what begins a turn: it goes on with its client's key, where clients' keys go on.</summary>
    public HttpRequestMessage Beginning(HttpMethod method, ClusterNode to, string pathAndQuery, TenantId tenant)
    {
        var request = Request(method, to, pathAndQuery, tenant);
        if (_clients?.PassedOn(tenant) is { } key) request.Headers.TryAddWithoutValidation(PeerPaths.ClientKeyHeader, key);
        return request;
    }

    public void Dispose()
    {
        Turns.Dispose();
        Requests.Dispose();
        Reads.Dispose();
        Asks.Dispose();
    }

    private static HttpMessageInvoker Invoker(ClusterOptions options, int connectionsMax) => new(new SocketsHttpHandler
    {
        ConnectTimeout = options.ConnectTimeMax,
        MaxConnectionsPerServer = connectionsMax,
        PooledConnectionIdleTimeout = IdleMax,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        ConnectCallback = static async (context, connectEnds) =>
            await UpstreamHttp.ConnectAsync(context.DnsEndPoint, LostAfter, connectEnds),
    });
}
