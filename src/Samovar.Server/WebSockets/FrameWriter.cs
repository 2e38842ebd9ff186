using System.Net.WebSockets;
using System.Threading.Channels;

namespace Samovar.Server.WebSockets;

/// <summary>The one writer of a socket: a bounded queue of whole text frames, each with a deadline.</summary>
internal sealed class FrameWriter(WebSocket socket, SocketOptions options, TimeProvider time)
{
    private readonly Channel<ReadOnlyMemory<byte>> _queue = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(options.FramesQueuedMax) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Waits while the queue is full.</summary>
    /// <exception cref="ChannelClosedException">The writer has ended.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> json, CancellationToken socketEnds) => _queue.Writer.WriteAsync(json, socketEnds);

    /// <summary>No more frames; what is queued is still written.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    /// <summary>Writes until <see cref="Complete"/> and the queue is empty. False: the client did not take a frame in time, or is
    /// gone.</summary>
    public async Task<bool> RunAsync()
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync())
                while (_queue.Reader.TryRead(out var json))
                    await SendAsync(json);
            return true;
        }
        catch (Exception exception) when (SocketFaults.IsGone(exception))
        {
            _queue.Writer.TryComplete(exception);
            socket.Abort();
            return false;
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> json)
    {
        var sending = socket.SendAsync(json, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        if (sending.IsCompletedSuccessfully) return; // the usual case: no timer
        await sending.AsTask().WaitAsync(options.WriteTimeMax, time);
    }
}
