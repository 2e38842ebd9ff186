using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Samovar.Liveness;

namespace Samovar.Server.Hosting;

/// <summary>The server's address, taken before a model is loaded: one in use is reported at once, and nobody is let in before the first
/// request can be served.</summary>
internal sealed class ListenSocket : IDisposable
{
    private Socket? _bound;

    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public void Take(ServerOptions server) => _bound ??= Bind(new IPEndPoint(server.Address()!, server.Port), server);

    /// <summary>The socket for the listener, which owns it from now on.</summary>
    public Socket HandOver(EndPoint endpoint, ServerOptions server)
    {
        var bound = _bound ?? Bind(endpoint, server);
        _bound = null;
        return bound;
    }

    public void Dispose() => _bound?.Dispose();

    private static Socket Bind(EndPoint endpoint, ServerOptions server)
    {
        var bound = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        TcpLiveness.Watch(bound, server.ConnectionLostAfter);
        return bound;
    }
}
