using System.Text;
using Samovar.Engine;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Keeps what people and tools write from being read as structure, and turns rendered text into tokens.</summary>
/// <remarks>
/// A template's own text must be tokenised with its control tokens, a user's text never. Templates trim, join and escape texts, so where a
/// text began and ended cannot be seen in what they write. What can be seen is a mark: a text from outside gets one wherever it could
/// have a part in the spelling of such a token (<see cref="Mark"/>), and <see cref="Tokenize(string)"/> cuts where a token is really
/// spelled over a mark, so that no such spelling is ever whole.
/// All else is tokenised in one piece, exactly as the model was trained on. A mark of one's own in a text is escaped, and read back.
/// </remarks>
internal sealed class ControlText
{
    private const string Separator = "\u0001"; // a token of its own in every vocabulary that puts a space before a text

    private readonly ITokenizer _tokenizer;
    private readonly TimeProvider _time;
    private readonly int _tokensMax;
    private readonly int[]? _separator;
    private long _charsTokenized;
    [ThreadStatic] private static TokenisingTally? _tally; // a plan is made on one thread, from its begin to its end

    /// <param name="tokenizer">The model's.</param>
    /// <param name="tokensMax">A longer text is given up, its tokens not counted to the end.</param>
    public ControlText(ITokenizer tokenizer, TimeProvider time, int tokensMax = int.MaxValue)
        : this(tokenizer, time, tokensMax, new StructureSpellings(StructureTokens.Always(tokenizer), []))
    {
    }

    private ControlText(ITokenizer tokenizer, TimeProvider time, int tokensMax, StructureSpellings structure)
    {
        (_tokenizer, _time, _tokensMax, Structure) = (tokenizer, time, tokensMax, structure);
        if (TextOf(Tokens("a", 0, CancellationToken.None)).StartsWith(' ')) _separator = Tokens(Separator, 0, CancellationToken.None);
    }

    /// <summary>The same for a template whose structure is known.</summary>
    public ControlText With(StructureSpellings structure) => new(_tokenizer, _time, _tokensMax, structure);

    /// <summary>What no text from outside may spell.</summary>
    public StructureSpellings Structure { get; }

    /// <summary>Characters tokenised since start: the proof that a turn costs what is new.</summary>
    public long CharsTokenized => Interlocked.Read(ref _charsTokenized);

    public ITokenizer Tokenizer => _tokenizer;

    /// <summary>How a template spells a token.</summary>
    public string SpellingOf(int token) => StructureTokens.SpellingOf(_tokenizer, token);

    /// <summary>A text from outside, made safe for a template.</summary>
    public string Mark(string text)
    {
        var risks = Structure.Risks(text);
        if (risks.Count == 0) return Escaped(text);
        var marked = new StringBuilder(text.Length + 2 * risks.Count);
        var from = 0;
        foreach (var risk in risks)
        {
            if (risk == from && risk > 0) continue; // it has its mark
            AppendEscaped(marked, text.AsSpan(from, risk - from));
            marked.Append(HostMarks.Cut);
            from = risk;
        }
        AppendEscaped(marked, text.AsSpan(from));
        return marked.ToString();
    }

    /// <summary>Where the next token of the structure is spelled; -1 where none is.</summary>
    public int IndexOfSpelling(string text, int from) => Structure.IndexIn(text, from);

    /// <summary>Where the last spelling of a structural token begins; -1 where there is none.</summary>
    public int LastIndexOfSpelling(string text)
    {
        var last = -1;
        for (var at = IndexOfSpelling(text, 0); at >= 0; at = IndexOfSpelling(text, at + 1)) last = at;
        return last;
    }

    /// <summary>The longest spelling of such a token at this place.</summary>
    public string? SpellingAt(string text, int at) =>
        Structure.LengthAt(text, at) is > 0 and var length ? text.Substring(at, length) : null;

    /// <summary>Whether a rendered text begins with this token, white space before it aside.</summary>
    public bool BeginsWith(string rendered, int token) =>
        SpellingOf(token) is { Length: > 0 } spelling && rendered.AsSpan().TrimStart().StartsWith(spelling, StringComparison.Ordinal);

    /// <summary>Counts what this thread tokenises from now on; null: no longer.</summary>
    public static void Tally(TokenisingTally? tally) => _tally = tally;

    /// <summary>Tokens of a short text of our own.</summary>
    public int[] Tokenize(string rendered) => Tokenize(rendered, CancellationToken.None);

    /// <summary>Tokens of rendered text; nothing is put in front.</summary>
    /// <exception cref="PromptTooLongException">They are more than are worth to count.</exception>
    public int[] Tokenize(string rendered, CancellationToken cancelled)
    {
        if (_tally is not { } tally) return TokenizeNow(rendered, cancelled);
        var from = _time.GetTimestamp();
        var tokens = TokenizeNow(rendered, cancelled);
        tally.Add(_time.GetTimestamp() - from, rendered.Length, tokens.Length);
        return tokens;
    }

    private int[] TokenizeNow(string rendered, CancellationToken cancelled)
    {
        Interlocked.Add(ref _charsTokenized, rendered.Length);
        var text = MarkedText.Read(rendered);
        RefuseByBytes(text.Text);
        var cuts = text.Cuts(Structure);
        if (cuts.Count == 0) return Tokens(text.Text, 0, cancelled);
        var tokens = new List<int>(Math.Min(rendered.Length / 3, _tokensMax));
        var from = 0;
        foreach (var cut in cuts.Append(text.Text.Length))
        {
            tokens.AddRange(Piece(text.Text[from..cut], isFirst: from == 0, tokens.Count, cancelled));
            from = cut;
        }
        return [.. tokens];
    }

    /// <summary>Behind a cut no space may come in: some vocabularies put one before whatever they are given.</summary>
    private ReadOnlySpan<int> Piece(string text, bool isFirst, int before, CancellationToken cancelled)
    {
        if (isFirst || _separator is not { } separator) return Tokens(text, before, cancelled);
        var tokens = Tokens(Separator + text, Math.Max(0, before - separator.Length), cancelled).AsSpan();
        return tokens.StartsWith(separator) ? tokens[separator.Length..] : Tokens(text, before, cancelled);
    }

    /// <summary>A text has no fewer tokens than its bytes divided by those of the longest piece: that is known without looking.</summary>
    private void RefuseByBytes(string text)
    {
        if (_tokenizer.PieceBytesMax is not { } longest || text.Length / longest <= _tokensMax) return;
        var atLeast = Encoding.UTF8.GetByteCount(text) / longest;
        if (atLeast > _tokensMax) throw new PromptTooLongException(atLeast);
    }

    private int[] Tokens(string text, int before, CancellationToken cancelled)
    {
        var tokens = _tokenizer.Tokenize(text, addSpecial: false, parseSpecial: true, _tokensMax - before, cancelled);
        return before + tokens.Length > _tokensMax ? throw new PromptTooLongException(before + tokens.Length) : tokens;
    }

    private string TextOf(int[] tokens) => Encoding.UTF8.GetString([.. tokens.SelectMany(token => _tokenizer.Piece(token).ToArray())]);

    private static string Escaped(string text)
    {
        if (text.AsSpan().IndexOfAny(HostMarks.Cut, HostMarks.Escape) < 0) return text;
        var escaped = new StringBuilder(text.Length + 16);
        AppendEscaped(escaped, text);
        return escaped.ToString();
    }

    private static void AppendEscaped(StringBuilder to, ReadOnlySpan<char> text)
    {
        while (text.IndexOfAny(HostMarks.Cut, HostMarks.Escape) is >= 0 and var at)
        {
            to.Append(text[..at]).Append(HostMarks.Escape).Append(text[at]);
            text = text[(at + 1)..];
        }
        to.Append(text);
    }
}
