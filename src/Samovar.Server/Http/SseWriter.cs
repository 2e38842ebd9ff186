using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>Writes a turn's events as server-sent events, each whole in one write.</summary>
internal sealed class SseWriter(PipeWriter body, HttpOptions options, TimeProvider time)
{
    /// <summary>From the log's first event to its last, then the end marker. Comment lines fill long silences.</summary>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    /// <exception cref="SlowReaderException">The client did not take the bytes in time.</exception>
    public async Task WriteAsync(EventLog log, CancellationToken readerGone)
    {
        var number = 0L;
        while (await IsThereAsync(log, number, readerGone))
        {
            while (body.UnflushedBytes < options.WriteBytesMax && log.TryRead(number, out var e))
            {
                Write(e);
                number++;
            }
            await FlushAsync(readerGone);
        }
        body.Write("data: [DONE]\n\n"u8);
        await FlushAsync(readerGone);
    }

    private async ValueTask<bool> IsThereAsync(EventLog log, long number, CancellationToken readerGone)
    {
        var there = log.WaitAsync(number, readerGone);
        if (there.IsCompleted) return await there;
        var waiting = there.AsTask();
        while (true)
        {
            try { return await waiting.WaitAsync(options.KeepAliveInterval, time, readerGone); }
            catch (TimeoutException)
            {
                body.Write(": keep-alive\n\n"u8);
                await FlushAsync(readerGone);
            }
        }
    }

    private void Write(LoggedEvent e)
    {
        var size = 7 + Encoding.UTF8.GetMaxByteCount(e.Type.Length) + 7 + e.Json.Length + 2;
        var span = body.GetSpan(size);
        var length = 0;
        Append(span, "event: "u8, ref length);
        length += Encoding.UTF8.GetBytes(e.Type, span[length..]);
        Append(span, "\ndata: "u8, ref length);
        Append(span, e.Json.Span, ref length);
        Append(span, "\n\n"u8, ref length);
        body.Advance(length);
    }

    private static void Append(Span<byte> span, ReadOnlySpan<byte> bytes, ref int length)
    {
        bytes.CopyTo(span[length..]);
        length += bytes.Length;
    }

    private async ValueTask FlushAsync(CancellationToken readerGone)
    {
        var flushing = body.FlushAsync(readerGone);
        if (flushing.IsCompletedSuccessfully) return;
        try { await flushing.AsTask().WaitAsync(options.WriteTimeMax, time, readerGone); }
        catch (TimeoutException exception)
        {
            throw new SlowReaderException(options.WriteTimeMax, exception);
        }
    }
}

/// <summary>A client did not take what it was sent: its connection is cut.</summary>
internal sealed class SlowReaderException(TimeSpan patience, Exception cause)
    : Exception($"The client took nothing for {patience.TotalSeconds} s.", cause);
