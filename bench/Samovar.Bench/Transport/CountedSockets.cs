using System.Net.Sockets;

namespace Samovar.Bench.Transport;

/// <summary>HTTP and WebSocket connections whose bytes are counted where they leave the process, and below TLS.</summary>
internal static class CountedSockets
{
    public static HttpMessageInvoker Open(WireCounts counts) => new(new SocketsHttpHandler
    {
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
