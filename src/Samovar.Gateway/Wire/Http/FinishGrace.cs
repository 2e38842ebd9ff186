namespace Samovar.Gateway.Wire.Http;

/// <summary>
/// Reads an answer's stream, and once the answer has finished waits for its usage and its end for a moment only: some upstreams send
/// neither the mark that ends a stream nor close it. A connection that breaks then has nothing more to say.
/// </summary>
/// <remarks>Only waiting counts: an answer whose reader is behind has as long as any other.</remarks>
internal sealed class FinishGrace(UpstreamCall call)
{
    private TimeSpan? _left;

    /// <summary>Whether the answer has come to its end for sure: what is left to come can take nothing of it back.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>The upstream said why the answer ended, or goes on though it had said it.</summary>
    /// <param name="hasUsage">Whether it said what was used, too, so that only the end of the stream is missing.</param>
    public void Note(FinishSign sign, bool hasUsage)
    {
        IsFinished = sign == FinishSign.Sure;
        if (sign == FinishSign.None)
        {
            _left = null;
            return;
        }
        var time = sign == FinishSign.InDoubt ? call.EndTimes.InDoubt
            : hasUsage ? call.EndTimes.AfterUsage : call.EndTimes.AfterFinish;
        if (_left is null || time < _left) _left = time;
    }

    /// <summary>Bytes that came; 0 at the end, also where the answer has finished and nothing more comes in time.</summary>
    public ValueTask<int> ReadAsync(Stream stream, Memory<byte> buffer, CancellationToken attemptEnded) =>
        _left is { } left ? ReadAsync(stream, buffer, left, attemptEnded) : stream.ReadAsync(buffer, attemptEnded);

    private async ValueTask<int> ReadAsync(Stream stream, Memory<byte> buffer, TimeSpan left, CancellationToken attemptEnded)
    {
        if (left <= TimeSpan.Zero) return 0;
        var began = call.Time.GetTimestamp();
        using var over = new CancellationTokenSource(left, call.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(attemptEnded, over.Token);
        try
        {
            return await stream.ReadAsync(buffer, either.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !attemptEnded.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException && !attemptEnded.IsCancellationRequested)
        {
            return 0;
        }
        finally
        {
            _left -= call.Time.GetElapsedTime(began);
        }
    }
}
