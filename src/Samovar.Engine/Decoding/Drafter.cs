using Samovar.Engine.Drafting;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Decoding;

/// <summary>Proposes what turns will say next: what followed where their last tokens stood before in their own context.</summary>
/// <remarks>
/// 1 bring each stream's index up to its turn's newest token; 2 look the last tokens up; 3 put in what the turn's grammar says must come,
/// and leave off what cannot be: behind the turn's last token, behind an end, beyond what the grammar admits; 4 choose how much of it is
/// computed; 5 when the tokens are there, learn.
/// </remarks>
/// <param name="chooser">Knows ends and grammars.</param>
/// <param name="limits">Bounds of drafts.</param>
internal sealed class Drafter(TokenChooser chooser, DraftLimits limits)
{
    private int[] _lengths = [];
    private DraftCandidate[] _candidates = [];

    /// <summary>What batches cost.</summary>
    public DraftCosts Costs { get; private set; } = DraftCosts.Processor;

    /// <summary>Measures what batches cost, where it matters.</summary>
    /// <param name="isProcessor">Whether the CPU computes.</param>
    /// <param name="token">Any ordinary one.</param>
    public void Learn(DraftTrial trial, bool isProcessor, int token)
    {
        var usual = Costs = isProcessor ? DraftCosts.Processor : DraftCosts.Accelerator;
        if (limits.TokensMax == 0 || limits.IsAlways) return;
        try
        {
            Costs = trial.Run(token, usual);
        }
        catch (Exception) // of the measurement alone
        {
            Costs = usual;
        }
    }

    /// <summary>Gives each turn its draft for the next batch; many have none.</summary>
    public void Propose(List<TurnRun> turns)
    {
        if (limits.TokensMax == 0) return;
        if (_lengths.Length < turns.Count) (_lengths, _candidates) = (new int[turns.Count], new DraftCandidate[turns.Count]);
        var found = 0;
        for (var at = 0; at < turns.Count; at++)
        {
            _candidates[at] = TryFind(turns[at]); // :: 1-3
            found += _candidates[at].LengthMax;
        }
        if (found == 0) return;
        Choose(_candidates.AsSpan(0, turns.Count), _lengths.AsSpan(0, turns.Count)); // :: 4
        for (var at = 0; at < turns.Count; at++) turns[at].Draft?.Choose(_lengths[at]);
    }

    private void Choose(ReadOnlySpan<DraftCandidate> candidates, Span<int> lengths)
    {
        var room = Math.Min(limits.TokensMax, Math.Min(limits.BatchTokens, DraftLimits.BatchTokensMax) - candidates.Length);
        if (!limits.IsAlways)
        {
            DraftPlanner.Plan(candidates, Costs, room, lengths);
            return;
        }
        for (var at = 0; at < candidates.Length; at++)
            lengths[at] = Math.Min(candidates[at].LengthMax, Math.Max(0, room) / candidates.Length);
    }

    private DraftCandidate TryFind(TurnRun turn)
    {
        try
        {
            return Find(turn);
        }
        catch (Exception) // one turn's draft: it goes on without, and so do the others
        {
            turn.Draft!.Drop();
            turn.Slot!.Repeats.Truncate(0);
            return turn.Draft.Keep(0, turn.Slot.Length);
        }
    }

    private DraftCandidate Find(TurnRun turn)
    {
        var (slot, length) = (turn.Slot!, turn.Slot!.Length);
        if (turn.Draft is not { } draft) return new DraftCandidate(length, [], 0, null);
        var most = Math.Min(turn.Spec.OutputTokensMax - turn.Generated.Count, limits.ContextTokens - length) - 1;
        Recall(turn, slot);
        var (tokens, agreed) = draft.Find(slot.Repeats, Math.Max(0, most), out var found);
        var kept = chooser.Shape(turn, new DraftText(tokens, agreed, BeforeEnd(turn, tokens.Span[..found])));
        return draft.Keep(BeforeEnd(turn, tokens.Span[..kept]), length);
    }

    private int BeforeEnd(TurnRun turn, ReadOnlySpan<int> tokens)
    {
        var kept = 0;
        while (kept < tokens.Length && !chooser.IsEnd(turn, tokens[kept])) kept++;
        return kept;
    }

    /// <summary>The index has what the stream's cells hold, and the token behind it. What it lacks is mostly one token; all of it only
    /// where the turn got another stream.</summary>
    private static void Recall(TurnRun turn, StreamSlot slot)
    {
        var index = slot.Repeats;
        if (index.Length < turn.Target && slot.Leaf is { } leaf) leaf.Visit(index.Length, index.Append);
        while (index.Length <= slot.Length) index.Append(turn.Token(index.Length));
    }
}

/// <summary>Bounds of drafts.</summary>
/// <param name="TokensMax">Tokens of one turn's draft, and of all in a batch; 0: there are none.</param>
/// <param name="ContextTokens">Cells of a stream.</param>
/// <param name="BatchTokens">Tokens of a batch.</param>
/// <param name="IsAlways">Whether every draft is computed that is found, whatever it costs.</param>
internal sealed record DraftLimits(int TokensMax, int ContextTokens, int BatchTokens, bool IsAlways)
{
    /// <summary>From 64 tokens on ggml computes attention in tiles, which round in another way.</summary>
    public const int BatchTokensMax = 63;
}
