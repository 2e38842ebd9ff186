using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Samovar.Bench.Transport;

/// <summary>HTTP and WebSocket connections whose bytes are counted where they leave the process, and below TLS.</summary>
internal static class CountedSockets
{
    /// <param name="trusted">The only certificate that is accepted; null: those of the machine.</param>
    public static HttpMessageInvoker Open(WireCounts counts, X509Certificate2? trusted = null) => new(new SocketsHttpHandler
    {
        SslOptions = trusted is null ? new SslClientAuthenticationOptions() : new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, seen, _, _) => seen?.GetCertHashString() == trusted.GetCertHashString(),
        },
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        ConnectCallback = async (context, late) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(context.DnsEndPoint, late);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
            counts.AddConnection();
            return new CountingStream(new NetworkStream(socket, ownsSocket: true), counts.AddUp, counts.AddDown);
        },
        PlaintextStreamFilter = (context, _) => ValueTask.FromResult<Stream>(
            new CountingStream(context.PlaintextStream, counts.AddPlainUp, counts.AddPlainDown)),
    });
}
