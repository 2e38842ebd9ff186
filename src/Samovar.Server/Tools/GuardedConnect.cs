using System.Net;
using System.Net.Sockets;

namespace Samovar.Server.Tools;

/// <summary>Connects to servers of tools, and to nothing that their operator did not mean.</summary>
/// <remarks>
/// The address is looked at after its name was resolved, and the connection is made to the very address that was looked at: a name that
/// means another place a moment later gains nothing.
/// </remarks>
internal sealed class GuardedConnect(bool allowsPrivate, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    public const string Refused = "Its address is one of a private network or of this machine, which its entry does not allow.";

    public async ValueTask<Stream> ConnectAsync(DnsEndPoint to, CancellationToken cancelled)
    {
        var addresses = IPAddress.TryParse(to.Host, out var written) ? [written] : await resolve(to.Host, cancelled);
        var allowed = allowsPrivate ? addresses : [.. addresses.Where(AddressSpace.IsPublic)];
        if (allowed.Length == 0)
            throw new RefusedAddressException(addresses.Length == 0 ? "Its name leads to no address." : Refused);
        SocketException? fault = null;
        foreach (var address in allowed)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, to.Port), cancelled);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException failed)
            {
                socket.Dispose();
                fault = failed;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw fault!;
    }
}

/// <summary>A connection that was not made, because of where it would lead.</summary>
internal sealed class RefusedAddressException(string message) : IOException(message);
