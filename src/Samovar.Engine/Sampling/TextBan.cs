using System.Runtime.CompilerServices;

namespace Samovar.Engine.Sampling;

/// <summary>Forbidden texts on one model: which tokens each place of the search refuses.</summary>
/// <remarks>Masks belong to the engine's thread.</remarks>
internal sealed class TextBan(ForbiddenTexts texts, ITokenizer tokenizer)
{
    private const int MasksMax = 32; // a text is refused where it is nearly whole: places that refuse are few
    private readonly Dictionary<int, ulong[]> _masks = [];

    public TextSearch Search { get; } = new(texts);

    public ITokenizer Tokenizer => tokenizer;

    /// <summary>The tokens that complete no forbidden text here; those that end a generation are among them.</summary>
    public ulong[] Allowed(int at)
    {
        if (_masks.TryGetValue(at, out var known)) return known;
        var mask = new ulong[(tokenizer.VocabularySize + 63) / 64];
        for (var token = 0; token < tokenizer.VocabularySize; token++)
            if (tokenizer.IsEndOfGeneration(token) || !Search.Forbids(at, tokenizer.Piece(token, special: true).Span))
                mask[token >> 6] |= 1UL << (token & 63);
        if (_masks.Count == MasksMax) _masks.Clear();
        return _masks[at] = mask;
    }
}

/// <summary>Bans by what they forbid: turns that forbid the same share one.</summary>
internal sealed class TextBans(ITokenizer tokenizer)
{
    private readonly ConditionalWeakTable<ForbiddenTexts, TextBan> _bans = [];

    public TextBan? Of(ForbiddenTexts? texts) => texts is null ? null : _bans.GetValue(texts, one => new TextBan(one, tokenizer));
}
