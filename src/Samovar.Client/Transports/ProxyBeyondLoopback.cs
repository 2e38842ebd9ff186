using System.Net;

namespace Samovar.Client.Transports;

/// <summary>The proxy that the environment names, but not on the way to this machine's own loopback: it could not reach it, and would be
/// shown the key.</summary>
internal sealed class ProxyBeyondLoopback : IWebProxy
{
    public static ProxyBeyondLoopback Instance { get; } = new();

    private ProxyBeyondLoopback() { }

    public ICredentials? Credentials
    {
        get => HttpClient.DefaultProxy.Credentials;
        set => throw new NotSupportedException("They are the environment's.");
    }

    public Uri? GetProxy(Uri destination) => destination.IsLoopback ? null : HttpClient.DefaultProxy.GetProxy(destination);

    public bool IsBypassed(Uri host) => host.IsLoopback || HttpClient.DefaultProxy.IsBypassed(host);

    /// <summary>A client that goes by it, for one server.</summary>
    /// <param name="timeout">For a whole answer.</param>
    public static HttpClient Client(TimeSpan timeout) => new(new SocketsHttpHandler { Proxy = Instance }) { Timeout = timeout };
}
