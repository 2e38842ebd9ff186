using System.Net.WebSockets;

namespace Samovar.Server.WebSockets;

/// <summary>The one writer of a socket: whole text frames, one after the other, each with a deadline.</summary>
/// <remarks>Who has a frame waits until it is written, so there is no queue to bound, and a silent socket holds nothing here.</remarks>
internal sealed class FrameWriter(WebSocket socket, SocketOptions options, TimeProvider time)
{
    private SemaphoreSlim? _turn; // without a wait handle there is nothing to dispose

    /// <exception cref="Exception">One that <see cref="SocketFaults"/> knows: the client is gone or did not take a frame in time, and the
    /// socket was cut.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> json, CancellationToken socketEnds)
    {
        var turn = LazyInitializer.EnsureInitialized(ref _turn, static () => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(socketEnds);
        try
        {
            await SendAsync(json);
        }
        catch (Exception exception) when (SocketFaults.IsGone(exception))
        {
            socket.Abort(); // wakes whoever reads: the connection ends
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> json)
    {
        var sending = socket.SendAsync(json, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        if (sending.IsCompletedSuccessfully) return; // the usual case: no timer
        await sending.AsTask().WaitAsync(options.WriteTimeMax, time);
    }
}
