using System.Buffers;
using System.Text;
using Samovar.Engine;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Keeps what people and tools write from being read as control tokens, and turns rendered text into tokens.</summary>
/// <remarks>
/// A template's own text must be tokenised with its control tokens, a user's text never. Templates trim, join and escape texts, so where a
/// text began and ended cannot be seen in what they write. What can be seen is a mark: a text that spells a control token gets one
/// behind the first character of each such spelling (<see cref="Mark"/>), and <see cref="Tokenize"/> cuts there, so that no spelling is
/// ever whole.
/// All else is tokenised in one piece, exactly as the model was trained on. A mark of one's own in a text is doubled, and read back as one.
/// </remarks>
internal sealed class ControlText
{
    private const char MarkChar = '\uFDD0'; // a noncharacter: no text meant to be read has it

    private readonly ITokenizer _tokenizer;
    private readonly TimeProvider _time;
    private readonly int _tokensMax;
    private readonly string[] _spellings;
    private readonly SearchValues<string> _search;
    private long _charsTokenized;
    [ThreadStatic] private static TokenisingTally? _tally; // a plan is made on one thread, from its begin to its end

    /// <param name="tokenizer">The model's.</param>
    /// <param name="tokensMax">A longer text is given up, its tokens not counted to the end.</param>
    public ControlText(ITokenizer tokenizer, TimeProvider time, int tokensMax = int.MaxValue)
    {
        (_tokenizer, _time, _tokensMax) = (tokenizer, time, tokensMax);
        var spellings = new List<string>();
        for (var token = 0; token < tokenizer.VocabularySize; token++)
        {
            if (!tokenizer.IsControl(token) && !tokenizer.IsEndOfGeneration(token)) continue;
            var text = SpellingOf(token);
            if (text.Length > 1) spellings.Add(text);
        }
        _spellings = [.. spellings];
        _search = SearchValues.Create(_spellings, StringComparison.Ordinal);
    }

    /// <summary>Characters tokenised since start: the proof that a turn costs what is new.</summary>
    public long CharsTokenized => Interlocked.Read(ref _charsTokenized);

    public ITokenizer Tokenizer => _tokenizer;

    /// <summary>How a template spells a token.</summary>
    public string SpellingOf(int token) => Encoding.UTF8.GetString(_tokenizer.Piece(token, special: true).Span);

    /// <summary>A text from outside, made safe for a template.</summary>
    public string Mark(string text)
    {
        if (text.Contains(MarkChar)) text = text.Replace("\uFDD0", "\uFDD0\uFDD0", StringComparison.Ordinal);
        var at = IndexOfSpelling(text, 0);
        if (at < 0) return text;
        var marked = new StringBuilder(text.Length + 16);
        var from = 0;
        for (; at >= 0; at = IndexOfSpelling(text, at + 1))
        {
            var cut = at + (char.IsHighSurrogate(text[at]) ? 2 : 1);
            marked.Append(text, from, cut - from).Append(MarkChar);
            from = cut;
        }
        return marked.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>Where the next control token is spelled; -1 where none is.</summary>
    public int IndexOfSpelling(string text, int from)
    {
        if (from >= text.Length) return -1;
        var at = text.AsSpan(from).IndexOfAny(_search);
        return at < 0 ? -1 : at + from;
    }

    /// <summary>The longest spelling of a control token at this place.</summary>
    public string? SpellingAt(string text, int at)
    {
        string? longest = null;
        foreach (var spelling in _spellings)
            if (spelling.Length > (longest?.Length ?? 0) && text.AsSpan(at).StartsWith(spelling, StringComparison.Ordinal))
                longest = spelling;
        return longest;
    }

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
        RefuseByBytes(rendered);
        Interlocked.Add(ref _charsTokenized, rendered.Length);
        if (!rendered.Contains(MarkChar)) return Tokens(rendered, 0, cancelled);
        var tokens = new List<int>(Math.Min(rendered.Length / 3, _tokensMax));
        foreach (var piece in Pieces(rendered)) tokens.AddRange(Tokens(piece, tokens.Count, cancelled));
        return [.. tokens];
    }

    /// <summary>A text has no fewer tokens than its bytes divided by those of the longest piece: that is known without looking.</summary>
    private void RefuseByBytes(string rendered)
    {
        if (_tokenizer.PieceBytesMax is not { } longest || rendered.Length / longest <= _tokensMax) return;
        var marks = rendered.AsSpan().Count(MarkChar); // they cut, and leave no token
        var atLeast = (Encoding.UTF8.GetByteCount(rendered) - marks * Encoding.UTF8.GetByteCount([MarkChar])) / longest;
        if (atLeast > _tokensMax) throw new PromptTooLongException(atLeast);
    }

    private int[] Tokens(string text, int before, CancellationToken cancelled)
    {
        var tokens = _tokenizer.Tokenize(text, addSpecial: false, parseSpecial: true, _tokensMax - before, cancelled);
        return before + tokens.Length > _tokensMax ? throw new PromptTooLongException(before + tokens.Length) : tokens;
    }

    private static IEnumerable<string> Pieces(string rendered)
    {
        var piece = new StringBuilder();
        for (var at = 0; at < rendered.Length; at++)
        {
            if (rendered[at] != MarkChar) piece.Append(rendered[at]);
            else if (at + 1 < rendered.Length && rendered[at + 1] == MarkChar) piece.Append(rendered[at++]);
            else
            {
                yield return piece.ToString();
                piece.Clear();
            }
        }
        yield return piece.ToString();
    }
}
