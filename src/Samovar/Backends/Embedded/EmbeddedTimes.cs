using System.Globalization;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Engine;
using Samovar.Tracing;

namespace Samovar.Backends.Embedded;

/// <summary>Notes where a turn's time goes here and in the engine; does nothing where turns are not traced.</summary>
internal sealed class EmbeddedTimes(TurnTrace? trace, TimeProvider time)
{
    private static readonly EmbeddedTimes Nothing = new(null, TimeProvider.System);
    private bool _isOver;

    public static EmbeddedTimes Of(TurnTrace? trace, TimeProvider time) => trace is null ? Nothing : new EmbeddedTimes(trace, time);

    /// <summary>Stretches of the engine's that one turn can use.</summary>
    public int SpansMax => trace?.SpansMax ?? 0;

    /// <summary>The prompt as it is made.</summary>
    /// <remarks>Tokenising is shown behind rendering, though parts of both alternate.</remarks>
    public PromptPlan Planned(Func<BackendTurn, CancellationToken, PromptPlan> plan, BackendTurn turn, CancellationToken cancelled)
    {
        if (trace is null) return plan(turn, cancelled);
        var (from, tally) = (time.GetTimestamp(), new TokenisingTally());
        trace.Enter(TraceStage.Render);
        ControlText.Tally(tally);
        try
        {
            return plan(turn, cancelled);
        }
        finally
        {
            ControlText.Tally(null);
            var to = time.GetTimestamp();
            trace.Add(TraceStage.Render, from, to - tally.Ticks, tally.Chars);
            trace.Add(TraceStage.Tokenise, to - tally.Ticks, to, tally.Tokens);
            trace.Enter(TraceStage.Place);
        }
    }

    /// <summary>The client may know of the turn, which runs by now or still waits for a stream.</summary>
    public void Started(EngineTurn running)
    {
        if (running.Started.IsCompleted) trace?.Enter(TraceStage.Prefill);
    }

    /// <summary>The first token is there.</summary>
    public void Decodes()
    {
        if (trace is { Stage: TraceStage.Prefill or TraceStage.Place }) trace.Enter(TraceStage.Decode);
    }

    /// <summary>What the engine noted; of one turn once.</summary>
    public void Ended(EngineTurnEnd end)
    {
        if (trace is null || _isOver) return;
        _isOver = true;
        foreach (var span in end.Spans)
            trace.Add(new TraceSpan(StageOf(span.Stage), span.From, span.To, span.Tokens, span.Count)
            {
                Busy = span.Busy, Detail = DetailOf(span.Stage, end),
            });
    }

    private static TraceStage StageOf(EngineStage stage) => stage switch
    {
        EngineStage.Place => TraceStage.Place,
        EngineStage.Restore => TraceStage.Restore,
        EngineStage.Prefill => TraceStage.Prefill,
        _ => TraceStage.Decode,
    };

    private static string? DetailOf(EngineStage stage, EngineTurnEnd end) => stage switch
    {
        EngineStage.Restore => From(end.Source),
        EngineStage.Decode when end.DraftedTokens > 0 =>
            string.Create(CultureInfo.InvariantCulture, $"drafted {end.DraftedTokens}, accepted {end.AcceptedTokens}"),
        _ => null,
    };

    private static string From(CacheSource source) => source switch
    {
        CacheSource.OtherStream => "other_stream",
        CacheSource.Disk => "disk",
        _ => "memory",
    };
}
