using System.IO.Pipelines;
using Samovar.Protocol.Errors;

namespace Samovar.Server.Http;

/// <summary>Sends what was written into an answer, and waits for the client no longer than <c>Http:WriteTimeMax</c>.</summary>
internal static class TimedFlush
{
    /// <exception cref="SlowReaderException">The client did not take the bytes in time.</exception>
    public static async ValueTask FlushAsync(this PipeWriter body, HttpOptions options, TimeProvider time, CancellationToken readerGone)
    {
        var flushing = body.FlushAsync(readerGone);
        if (flushing.IsCompletedSuccessfully) return;
        await WithinAsync(flushing.AsTask(), options, time, readerGone);
    }

    /// <exception cref="SlowReaderException">The client did not take the bytes in time.</exception>
    public static async Task WithinAsync(Task sending, HttpOptions options, TimeProvider time, CancellationToken readerGone)
    {
        try { await sending.WaitAsync(options.WriteTimeMax, time, readerGone); }
        catch (TimeoutException exception)
        {
            throw new SlowReaderException(options.WriteTimeMax, exception);
        }
    }
}

/// <summary>A client did not take what it was sent: its connection is cut.</summary>
internal sealed class SlowReaderException(TimeSpan patience, Exception cause)
    : Exception($"The client took nothing for {DurationText.Of(patience)}.", cause);
