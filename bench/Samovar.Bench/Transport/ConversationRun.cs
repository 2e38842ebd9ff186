using Samovar.Bench.Samples;

namespace Samovar.Bench.Transport;

/// <summary>One session of a round: its turns, one after the other.</summary>
internal sealed class ConversationRun(CellRun run, AgentTask task, string session, AgentWire wire, Func<TimeSpan>? processor)
    : IDisposable
{
    private readonly AgentConversation _conversation = new(run.Kind, wire, task, run.Seed, run.HasCalls)
    {
        CacheKey = run.HasCacheKeys ? $"{run.Seed}-{session}" : null,
    };
    private int _turns;

    /// <summary>A turn that failed, or took too long, has an error.</summary>
    public async Task<MeasuredTurn> TurnAsync(CancellationToken stop)
    {
        var (counts, used) = (wire.Counts, processor?.Invoke());
        var started = TimeProvider.System.GetTimestamp();
        var answer = await AnswerAsync(started, stop);
        return new MeasuredTurn(
            Sample(answer, wire.Counts - counts, processor?.Invoke() - used), answer.Error is null ? answer.ResponseId : null);
    }

    public void Dispose() => _conversation.Dispose();

    private async Task<TransportAnswer> AnswerAsync(long started, CancellationToken stop)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        late.CancelAfter(CellRun.TurnMax);
        try
        {
            return await _conversation.StepAsync(late.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new TransportAnswer { Error = "timeout", Total = TimeProvider.System.GetElapsedTime(started) };
        }
    }

    private TurnSample Sample(TransportAnswer answer, WireAmounts counts, TimeSpan? used) => new()
    {
        Cell = run.Cell,
        Round = run.Round,
        Session = session,
        Turn = ++_turns,
        BytesUp = counts.Up,
        BytesDown = counts.Down,
        HeaderBytesUp = Math.Max(0, counts.PlainUp - answer.JsonUp),
        HeaderBytesDown = Math.Max(0, counts.PlainDown - answer.JsonDown),
        TlsBytesUp = counts.Up - counts.PlainUp,
        TlsBytesDown = counts.Down - counts.PlainDown,
        Requests = 1,
        Handshakes = counts.Connections,
        FirstTokenMs = answer.FirstOutput?.TotalMilliseconds,
        TotalMs = answer.Total.TotalMilliseconds,
        ServerCpuMs = used?.TotalMilliseconds,
        InputTokens = answer.InputTokens,
        NewTokens = Math.Max(0, answer.InputTokens - _conversation.KnownTokens),
        PrefilledTokens = answer.InputTokens - answer.CachedTokens,
        OutputTokens = answer.OutputTokens,
        ContentBytes = _conversation.Content.Bytes,
        ContentDeflatedBytes = _conversation.Content.Deflated,
        Error = answer.Error,
    };
}

/// <summary>A turn's sample, and the name by which the server knows it; null where it has none, or nobody heard it.</summary>
internal sealed record MeasuredTurn(TurnSample Sample, string? ResponseId);
