namespace Samovar.Engine.Sampling;

/// <summary>Keeps one turn from writing forbidden texts, and from ending without a word where it would have written one.</summary>
internal sealed class TextBanGate(TextBan ban, IReadOnlyList<int> stopTokens)
{
    private int _at = TextSearch.Start;
    private bool _hasRefused;
    private bool _hasSaid;

    /// <summary>Whether the token may not come next.</summary>
    public bool Refuses(int token)
    {
        if (IsEnd(token)) return MustSpeak;
        if (!ban.Search.Forbids(_at, ban.Tokenizer.Piece(token, special: true).Span)) return false;
        return _hasRefused = true;
    }

    /// <summary>The tokens that may come next, of those that a grammar admits; where none would be left, all of these.</summary>
    /// <param name="admitted">Is not changed; null for every token.</param>
    public ulong[] Narrow(ulong[]? admitted)
    {
        var mask = (ulong[])ban.Allowed(_at).Clone();
        if (MustSpeak)
            for (var token = 0; token < ban.Tokenizer.VocabularySize; token++)
                if (IsEnd(token)) mask[token >> 6] &= ~(1UL << (token & 63));
        if (admitted is null) return mask;
        for (var word = 0; word < mask.Length; word++) mask[word] &= admitted[word];
        return mask.AsSpan().ContainsAnyExcept(0UL) ? mask : admitted;
    }

    public void Accept(int token)
    {
        foreach (var one in ban.Tokenizer.Piece(token, special: true).Span)
        {
            _at = ban.Search.Next(_at, one);
            if (ban.Search.Found(_at) == TextFound.Opening) _hasSaid = false;
            else if (one > (byte)' ') _hasSaid = true;
        }
    }

    private bool MustSpeak => _hasRefused && !_hasSaid;

    private bool IsEnd(int token) => ban.Tokenizer.IsEndOfGeneration(token) || stopTokens.Contains(token);
}
