using Samovar.Engine.Grammars;
using Samovar.Engine.Native;
using Samovar.Scheduling.Fairness;

namespace Samovar.Engine.Decoding;

/// <summary>Decodes the next token of every turn that speaks, together with what its draft says comes behind it.</summary>
/// <remarks>
/// 1 each turn may have a draft; 2 one batch computes all of it, each token with its logits; 3 of each turn a token is sampled, exactly as
/// without a draft, and while it is the one that the draft had, the next one is sampled from the logits that are there already; 4 what was
/// computed behind the last of them is cut off again. A batch that has no room is tried without drafts, then turn by turn.
/// Samplers, grammars, forbidden texts and ends see the sampled tokens only, one after the other: nothing of them is ever taken back.
/// </remarks>
internal sealed class TokenRounds
{
    private readonly LlamaContext _context;
    private readonly TurnEnder _ender;
    private readonly TokenChooser _chooser;
    private readonly Drafter _drafter;
    private readonly TurnQueue _queue;
    private readonly BatchSender _sender;
    private readonly LoopSettings _settings;
    private readonly ThreadGovernor _loneThreads; // a single token's attention splits its sums by threads
    private readonly ThreadGovernor _decodeThreads;
    private readonly ThreadGovernor _draftThreads;
    private int[] _counts = [];

    public TokenRounds(LlamaContext context, TurnEnder ender, TokenChooser chooser, Drafter drafter, TurnQueue queue, BatchSender sender,
        LoopSettings settings)
    {
        (_context, _ender, _chooser, _drafter, _queue, _sender) = (context, ender, chooser, drafter, queue, sender);
        _settings = settings;
        _loneThreads = new ThreadGovernor(settings.DecodeThreads, settings.AreThreadsFixed);
        (_decodeThreads, _draftThreads) = (new ThreadGovernor(settings.Threads), new ThreadGovernor(settings.Threads));
    }

    /// <summary>Decodes all of them; how many tokens came of it.</summary>
    /// <param name="turns">Turns that decode.</param>
    /// <param name="prompted">What the flow has used of whose prompt this round has a part; null where there is none. Whoever used more
    /// does not draft beside it: that takes longer, and is for time that is to spare.</param>
    public int Decode(List<TurnRun> turns, (FlowId Flow, double Used)? prompted = null)
    {
        turns.Sort(static (one, other) => one.Slot!.Index.CompareTo(other.Slot!.Index)); // libllama takes only such streams together
        if (prompted is not { } prompt || !HaveUsedMore(turns, prompt)) _drafter.Propose(turns); // :: 1
        else foreach (var turn in turns) turn.Draft?.Drop();
        return Compute(turns);
    }

    /// <summary>Goes on with the choices that an earlier round left open; whether there were any.</summary>
    public bool ChooseOn(List<TurnRun> running)
    {
        if (!running.Exists(static turn => turn.IsChoosing)) return false; // nearly always: nothing is allocated for it
        foreach (var turn in running.FindAll(static turn => turn.IsChoosing))
            if (Choose(turn, turn.Sampler!.OpenLogits, _chooser.Allowance()) is { } over) _ender.End(turn, over.Kind, over.Cause);
        return true;
    }

    /// <summary>A turn's stream has that many more tokens; how many of them are of its prompt, for the first time.</summary>
    public int Advance(TurnRun turn, int tokens, int cost)
    {
        if (turn.Advance(tokens, out var added)) _settings.Meters.Prefilled(tokens, turn.Spec.IsBackground);
        _queue.Charge(turn, cost);
        return added;
    }

    /// <summary>Its own turns have not: a prompt that ends in this round drafts as one that was cached does.</summary>
    private bool HaveUsedMore(List<TurnRun> turns, (FlowId Flow, double Used) than)
    {
        foreach (var turn in turns)
            if (turn.Spec.Flow != than.Flow && _queue.Used(turn.Spec.Flow) > than.Used) return true;
        return false;
    }

    private int Compute(List<TurnRun> turns)
    {
        // :: 2
        var result = Send(turns, out var drafted);
        if (result == DecodeResult.Done)
        {
            var (first, sampled) = (0, 0);
            _settings.Meters.DraftedTokens += drafted;
            foreach (var turn in turns) turn.Draft?.Computed();
            foreach (var turn in turns)
            {
                var length = turn.Draft?.Length ?? 0;
                sampled += Take(turn, first, length);
                first += 1 + length;
            }
            return sampled;
        }
        if (result != DecodeResult.Broken && drafted > 0)
        {
            foreach (var turn in turns) turn.Draft?.Drop();
            return Compute(turns);
        }
        if (turns.Count > 1 && result != DecodeResult.Broken) return turns.ToArray().Sum(turn => Compute([turn]));
        foreach (var turn in turns) _ender.Fail(turn, result);
        return 0;
    }

    private DecodeResult Send(List<TurnRun> turns, out int drafted)
    {
        drafted = 0;
        if (_counts.Length < turns.Count) _counts = new int[turns.Count];
        _context.ClearBatch();
        for (var at = 0; at < turns.Count; at++)
        {
            var (turn, slot) = (turns[at], turns[at].Slot!);
            turn.FirstBatch ??= _settings.Time.GetTimestamp();
            _context.Add(turn.NextToken, slot.Length, slot.Index, output: true);
            _counts[at] = 1 + (turn.Draft?.Length ?? 0);
            for (var next = 1; next < _counts[at]; next++)
                _context.Add(turn.Draft!.Chosen[next - 1], slot.Length + next, slot.Index, output: true);
            drafted += _counts[at] - 1;
        }
        if (drafted == 0) return _sender.Send(turns.Count == 1 ? _loneThreads : _decodeThreads, turns.Count);
        return _sender.Send(_draftThreads, _drafter.Costs.Of(_counts.AsSpan(0, turns.Count), turns[0].Slot!.Length));
    }

    /// <summary>Samples what a turn says by what was computed for it; how many tokens.</summary>
    /// <param name="first">The place of its own token in the batch; its draft's follow.</param>
    /// <param name="length">Tokens of its draft.</param>
    private int Take(TurnRun turn, int first, int length)
    {
        // :: 3
        var (steps, drafted, accepted) = (_chooser.Allowance(), turn.Draft, turn.Draft?.Accepted ?? 0);
        var (computed, sampled, over) = (0, 0, (TurnOver?)null);
        for (var isNext = true; isNext && over is null; )
        {
            Decoded(turn);
            var before = turn.Generated.Count;
            over = Choose(turn, _context.Logits(first + computed++), steps);
            if (turn.Generated.Count == before) break; // the choice is left open, or at fault
            sampled++;
            isNext = drafted is not null && drafted.Hear(turn.Generated[^1]) && turn.IsGone is null;
        }
        // :: 4
        if (drafted is not null) _settings.Meters.AcceptedTokens += drafted.Accepted - accepted;
        if (length + 1 > computed && !CutOff(turn, length + 1 - computed)) return sampled;
        if (over is { } end) _ender.End(turn, end.Kind, end.Cause);
        return sampled;
    }

    private bool CutOff(TurnRun turn, int tokens)
    {
        _queue.Charge(turn, tokens);
        if (_context.Truncate(turn.Slot!.Index, turn.Slot.Length)) return true;
        _ender.Fail(turn, DecodeResult.Broken, "What was drafted could not be cut off.");
        return false;
    }

    /// <summary>The prompt's last token is decoded as a sampled one is.</summary>
    private void Decoded(TurnRun turn)
    {
        var added = Advance(turn, 1, TurnRun.DecodedTokenCost);
        if (added > 0) turn.Timeline?.Prefilled(_sender.SentAt, _settings.Time.GetTimestamp(), added, isLast: true);
    }

    /// <summary>Chooses a turn's next token; how the turn ends with it, null where it does not.</summary>
    private TurnOver? Choose(TurnRun turn, ReadOnlySpan<float> logits, StepAllowance steps)
    {
        try
        {
            if (_chooser.Next(turn, logits, steps) is not { } step)
                return turn.IsChoosing ? null
                    : new TurnOver(EngineTurnEndKind.Failed, turn.GrammarFault ?? "The decoded batch has no logits.");
            if (turn.FirstSampled is null) Sampled(turn);
            turn.Publish(step);
            if (!turn.Spec.IsBackground) _settings.Meters.OutputTokens++;
            return _chooser.EndOf(turn, step) is { } kind ? new TurnOver(kind, null) : null;
        }
        catch (Exception exception) // one turn's token: the others of the batch have theirs
        {
            return new TurnOver(EngineTurnEndKind.Failed, exception.ToString());
        }
    }

    private void Sampled(TurnRun turn)
    {
        var now = _settings.Time.GetTimestamp();
        turn.FirstSampled = now;
        turn.Timeline?.Sampled(now);
    }

    /// <summary>How a turn ends, and why.</summary>
    private sealed record TurnOver(EngineTurnEndKind Kind, string? Cause);
}
