using System.Buffers;
using System.IO.Pipelines;
using Samovar.Protocol.Errors;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>Writes a turn's events as server-sent events, each whole in one write.</summary>
/// <param name="end">Ends the answer, with what of the body was not sent yet.</param>
internal sealed class SseWriter(PipeWriter body, Func<Task> end, ISseForm form, HttpOptions options, TimeProvider time)
{
    private long _flushed; // of what is being written

    /// <summary>From the log's first event to its last, then what ends the stream.</summary>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    /// <exception cref="SlowReaderException">The client did not take the bytes in time.</exception>
    public async Task WriteAsync(EventLog log, CancellationToken readerGone)
    {
        using var reader = log.Open();
        if (!await WriteEventsAsync(reader, readerGone))
            throw new ApiException(Errors.Internal); // the turn broke so badly that it could not say so
        await EndAsync(reader, readerGone);
    }

    /// <summary>From where the reader stands; there may be nothing behind that.</summary>
    /// <param name="lost">What it hears where the events that follow are no longer kept.</param>
    /// <inheritdoc cref="WriteAsync(EventLog, CancellationToken)" path="/exception"/>
    public async Task WriteAsync(LogReader reader, Func<ApiException> lost, CancellationToken readerGone)
    {
        if (!await WriteEventsAsync(reader, readerGone) && reader.IsLost) form.WriteRefusal(lost(), body);
        await EndAsync(reader, readerGone);
    }

    private async Task<bool> WriteEventsAsync(LogReader reader, CancellationToken readerGone)
    {
        var isEnded = false;
        using var silence = new StreamSilence(reader, options.KeepAliveInterval, time);
        while (await silence.WaitAsync(readerGone))
        {
            var from = reader.Times is null ? 0 : time.GetTimestamp();
            while (body.UnflushedBytes < options.WriteBytesMax && reader.TryRead(out var e))
            {
                var written = e.Bytes > options.WriteBytesMax ? await WriteLongAsync(e, readerGone) : form.Write(e, body);
                if (e.Event is not null) reader.Wrote(e, written);
                isEnded = e.IsTerminal;
            }
            if (isEnded) break;
            if (body.UnflushedBytes == 0 && silence.IsLong) body.Write(form.Silence.Span);
            var bytes = TakeWritten();
            await body.FlushAsync(options, time, readerGone);
            if (bytes == 0) continue;
            var to = time.GetTimestamp();
            silence.End(to);
            reader.Times?.Write(from, to, bytes, isLast: false);
        }
        return isEnded;
    }

    /// <summary>An event that is long goes out in pieces: a slow client has the time for each.</summary>
    private async ValueTask<int> WriteLongAsync(LoggedEvent e, CancellationToken readerGone)
    {
        var text = new ArrayBufferWriter<byte>(options.WriteBytesMax);
        var written = form.Write(e, text);
        var left = text.WrittenMemory;
        for (; left.Length > options.WriteBytesMax; left = left[options.WriteBytesMax..])
        {
            body.Write(left.Span[..options.WriteBytesMax]);
            _flushed += body.UnflushedBytes;
            await body.FlushAsync(options, time, readerGone);
        }
        body.Write(left.Span);
        return written;
    }

    /// <summary>How much was written since it was last asked for.</summary>
    private long TakeWritten()
    {
        var bytes = _flushed + body.UnflushedBytes;
        _flushed = 0;
        return bytes;
    }

    private async Task EndAsync(LogReader reader, CancellationToken readerGone)
    {
        var from = time.GetTimestamp();
        body.Write(form.End.Span); // the last events, this and what ends the body go out together
        var bytes = TakeWritten();
        await TimedFlush.WithinAsync(end(), options, time, readerGone);
        reader.Times?.Write(from, time.GetTimestamp(), bytes, isLast: true);
    }
}
