using System.Buffers;
using System.Net.WebSockets;
using Samovar.Sessions;
using Samovar.Turns;

namespace Samovar.Server.WebSockets;

/// <summary>The one writer of a socket: whole text frames, one after the other. A client that takes nothing of one for long is
/// cut.</summary>
/// <remarks>Who has a frame waits until it is written, so there is no queue to bound, and a silent socket holds nothing here.</remarks>
internal sealed class FrameWriter(WebSocket socket, ClientFrames frames, SocketOptions options, TimeProvider time)
{
    private const int TogetherBytesMax = 16 << 10; // then other lanes have their turn
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
            socket.Abort(); // wakes the reader: the connection ends
            throw;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Writes the events that are there, a frame each: those that are small go out together.</summary>
    /// <returns>Whether the terminal one was among them.</returns>
    /// <inheritdoc cref="WriteAsync" path="/exception"/>
    public async Task<bool> WriteAsync(LogReader events, LaneReply of, CancellationToken socketEnds)
    {
        var turn = LazyInitializer.EnsureInitialized(ref _turn, static () => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(socketEnds);
        try
        {
            var (bytes, isEnd, isAnnounced) = (0, false, false);
            var from = events.Times is null ? 0 : time.GetTimestamp();
            while (!isEnd && (isAnnounced || bytes < TogetherBytesMax) && events.TryRead(out var e, out var isLast))
            {
                isEnd = e.IsTerminal;
                frames.IsMoreToCome = isAnnounced = !isEnd && bytes + e.Bytes < TogetherBytesMax && !isLast; // frames are longer
                await SendAsync(e, events, of, out var length);
                bytes += length;
            }
            events.Times?.Write(from, time.GetTimestamp(), bytes, isEnd);
            return isEnd;
        }
        catch (Exception exception) when (SocketFaults.IsGone(exception))
        {
            socket.Abort(); // wakes the reader: the connection ends
            throw;
        }
        finally
        {
            frames.IsMoreToCome = false;
            turn.Release();
        }
    }

    /// <summary>Sends an event; one that the log keeps itself is written for this frame alone.</summary>
    private ValueTask SendAsync(in LoggedEvent e, LogReader events, LaneReply of, out int length)
    {
        if (e.Event is null)
        {
            var json = FrameText.Event(e, of);
            length = json.Length;
            return SendAsync(json);
        }
        var frame = FrameText.Rent(e, of, out length);
        events.Wrote(e, length);
        var sending = SendAsync(frame.AsMemory(0, length));
        if (!sending.IsCompletedSuccessfully) return EndAsync(sending, frame);
        ArrayPool<byte>.Shared.Return(frame);
        return ValueTask.CompletedTask;
    }

    private static async ValueTask EndAsync(ValueTask sending, byte[] frame)
    {
        await sending;
        ArrayPool<byte>.Shared.Return(frame); // not after a failure: the socket may still read it
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> json)
    {
        var sending = socket.SendAsync(json, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        return sending.IsCompletedSuccessfully ? ValueTask.CompletedTask // the usual case: no timer
            : new(WithinAsync(sending.AsTask()));
    }

    /// <summary>Waits as long as the client takes something of the frame now and then.</summary>
    /// <exception cref="TimeoutException">It took nothing for as long as it may.</exception>
    private async Task WithinAsync(Task sending)
    {
        while (true)
        {
            var taken = frames.PiecesTaken;
            try
            {
                await sending.WaitAsync(options.WriteTimeMax, time);
                return;
            }
            catch (TimeoutException) when (frames.PiecesTaken != taken)
            {
                // a long frame, which goes on
            }
        }
    }
}
