using System.Runtime.InteropServices;
using Samovar.Engine.Native;
using Samovar.Scheduling.Fairness;

namespace Samovar.Engine.Decoding;

/// <summary>Computes prompts, one chunk of one prompt in a round. The engine's thread only.</summary>
/// <remarks>
/// 1 choose whose prompt; 2 how much of it: while others speak what the round's budget leaves, by what chunks take behind as many tokens;
/// else what is usual for the model, which nothing that was measured changes; 3 compute it; 4 measure.
/// </remarks>
internal sealed class PromptRounds
{
    private readonly LlamaContext _context;
    private readonly TokenRounds _rounds;
    private readonly TurnEnder _ender;
    private readonly StreamPlacer _placer;
    private readonly BatchSender _sender;
    private readonly RoundBudget _budget;
    private readonly LoopSettings _settings;
    private readonly ThreadGovernor _threads;
    private readonly PrefillPace _pace;
    private readonly RoundPlanner _planner;
    private readonly List<BatchCandidate> _planned = [];
    private long _computed;

    public PromptRounds(LlamaContext context, TokenRounds rounds, TurnEnder ender, StreamPlacer placer, BatchSender sender,
        RoundBudget budget, LoopSettings settings)
    {
        (_context, _rounds, _ender, _placer, _sender) = (context, rounds, ender, placer, sender);
        (_budget, _settings, _threads) = (budget, settings, new ThreadGovernor(settings.Threads));
        _pace = new PrefillPace(settings.PrefillGuess, settings.BatchTokens);
        _planner = new RoundPlanner(_pace, budget, settings.PrefillGuess, settings.DecodeDelayMax, settings.BatchTokens);
    }

    /// <summary>The flow whose prompt the newest chunk is of, and what it had used.</summary>
    public (FlowId Flow, double Used) Newest { get; private set; }

    /// <summary>Computes a chunk, if there is to be any; how many tokens.</summary>
    /// <param name="running">Turns that have a stream.</param>
    /// <param name="used">What a turn's flow has used.</param>
    public int Compute(List<TurnRun> running, Func<TurnRun, double> used)
    {
        // :: 1-2
        _planned.Clear();
        foreach (var turn in running)
        {
            if (turn.PrefillLeft > 0) turn.Share.Deadline ??= BatchPlanner.Deadline(_computed, turn.PrefillLeft);
            _planned.Add(new BatchCandidate(turn.IsSpeaking || turn.Spec.IsBackground, turn.PrefillLeft, turn.Share.Waited, used(turn),
                turn.Share.Deadline ?? 0, turn.Slot!.Length, turn.IsDecoding));
        }
        if (_planner.Prompt(CollectionsMarshal.AsSpan(_planned)) is not { } plan) return 0;
        var prefilling = running[plan.Turn];
        Newest = (prefilling.Spec.Flow, _planned[plan.Turn].Used);
        foreach (var turn in running)
            if (turn.PrefillLeft > 0) turn.Share.Waited = ReferenceEquals(turn, prefilling) ? 0 : turn.Share.Waited + 1;
        // :: 3-4
        Compute(prefilling, Math.Min(plan.Tokens, prefilling.Marks.Until(prefilling.Slot!.Length)));
        return plan.Tokens;
    }

    private void Compute(TurnRun turn, int tokens)
    {
        var slot = turn.Slot!;
        var (began, from) = (_settings.Time.GetTimestamp(), slot.Length);
        turn.FirstBatch ??= began;
        _context.ClearBatch();
        for (var index = 0; index < tokens; index++)
            _context.Add(turn.Token(slot.Length + index), slot.Length + index, slot.Index, output: false);
        var result = _sender.Send(_threads, tokens);
        if (result == DecodeResult.NoRoom && tokens > 1)
        {
            Compute(turn, tokens / 2);
            return;
        }
        if (result != DecodeResult.Done)
        {
            _ender.Fail(turn, result);
            return;
        }
        _context.Wait(); // so that the time below is the whole step's
        var ended = _settings.Time.GetTimestamp();
        var took = _settings.Time.GetElapsedTime(began, ended);
        _computed += tokens;
        var added = _rounds.Advance(turn, tokens, tokens);
        turn.Timeline?.Prefilled(began, ended, added, isLast: false);
        _placer.Reached(turn, tokens, took);
        if (turn.IsWarmedUp) _ender.End(turn, EngineTurnEndKind.OutputLimit);
        _settings.Prefill.Measured(from, from + tokens, took);
        _pace.Measured(from, tokens, took);
        _budget.Moved(_settings.Time.GetElapsedTime(ended));
    }
}
