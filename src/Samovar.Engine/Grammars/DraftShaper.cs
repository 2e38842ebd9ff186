using Samovar.Engine.Drafting;

namespace Samovar.Engine.Grammars;

/// <summary>Walks a draft through a grammar: text that must come is put in, and what may not come ends it.</summary>
/// <remarks>
/// Text that must come is cut into tokens as the tokenizer does it, which is mostly as the model writes it. Where the draft has the same
/// tokens, what was found goes on behind them; where it has others, only what must come is left of it.
/// </remarks>
internal readonly struct DraftShaper(CompiledGrammar grammar)
{
    public int Shape(DraftText draft, LiveState state, StepAllowance steps)
    {
        var tokens = draft.Tokens.Span;
        var (found, forcedTo, at) = (draft.Found, 0, 0);
        for (; at < tokens.Length; at++)
        {
            if (at >= forcedTo && grammar.Learned.Forced(state, grammar.Tokenizer, steps) is { Length: > 0 } forced)
                forcedTo = PutIn(draft, at, forced, ref found);
            if (at >= Math.Max(found, forcedTo) || !TryStep(ref state, tokens[at], steps)) return at;
        }
        return at;
    }

    /// <summary>Where the tokens end that must come.</summary>
    private static int PutIn(DraftText draft, int at, int[] forced, ref int found)
    {
        var room = draft.Tokens.Span[at..];
        var put = forced.AsSpan(0, Math.Min(forced.Length, room.Length));
        if (found < at + put.Length || !room[..put.Length].SequenceEqual(put)) found = at; // what was found leads elsewhere
        put.CopyTo(room);
        draft.Agreed.Span.Slice(at, put.Length).Fill(DraftOdds.Forced);
        return at + put.Length;
    }

    private bool TryStep(ref LiveState state, int token, StepAllowance steps)
    {
        var piece = grammar.Tokenizer.Piece(token, special: true).Span;
        if (piece.IsEmpty || piece[0] == 0) return false;
        foreach (var one in piece)
        {
            if (steps.IsSpent) return false;
            steps.Take();
            state = grammar.Learned.Next(state, one, steps);
            if (state.IsDead) return false;
        }
        return true;
    }
}
