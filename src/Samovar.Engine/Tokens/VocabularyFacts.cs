using System.Buffers;
using Samovar.Engine.Native;

namespace Samovar.Engine.Tokens;

/// <summary>What a vocabulary's own attributes say about how its tokens are found in a text.</summary>
internal sealed class VocabularyFacts
{
    private static readonly SearchValues<byte> Spaces = SearchValues.Create(" \t\n\v\f\r"u8);
    private const int Spm = 1, Bpe = 2;
    private const int Unknown = 1 << 0, Control = 1 << 3, UserMade = 1 << 4, LeftStrip = 1 << 7, RightStrip = 1 << 8;
    private const int RunBytesMax = 4096;

    // Patterns that libllama finds with loops of its own, tried with 200,000 letters and spaces; a name that is not here is taken for one
    // of the others.
    private static readonly HashSet<string> WithoutRecursion = new(StringComparer.Ordinal)
    {
        "llama3", "llama-v3", "llama-bpe", "falcon3", "qwen2", "qwen35", "gpt-2", "mpt", "olmo", "stablelm2", "grok-2", "chatglm-bpe",
        "granite-docling", "smollm", "starcoder", "refact", "command-r", "falcon", "default", "kimi-k2", "chameleon",
    };

    private readonly List<(SpecialText Text, bool IsUserDefined)> _specials = [];
    private readonly bool _recurses;
    private readonly bool _isCuttable;
    private readonly bool _losesNothing;
    private readonly int _longest;

    public VocabularyFacts(nint vocab, string? words, Func<int, ReadOnlyMemory<byte>> pieceOf)
    {
        var type = VocabCalls.llama_vocab_type(vocab);
        var bytes = new bool[256];
        _recurses = type == Bpe && !(words is not null && WithoutRecursion.Contains(words));
        for (var token = 0; token < VocabCalls.llama_vocab_n_tokens(vocab); token++)
        {
            var (attributes, piece) = (VocabCalls.llama_vocab_get_attr(vocab, token), pieceOf(token));
            _longest = Math.Max(_longest, piece.Length);
            if (piece.Length == 1) bytes[piece.Span[0]] = true;
            if ((attributes & (Unknown | Control | UserMade)) == 0 || piece.IsEmpty) continue;
            var special = new SpecialText(
                token, piece.ToArray(), (attributes & LeftStrip) != 0, (attributes & RightStrip) != 0);
            _specials.Add((special, (attributes & (Unknown | Control)) == 0));
        }
        var strips = _specials.Exists(one => one.Text.StripsLeft || one.Text.StripsRight);
        // Where tokens swallow spaces around them, those that are spaces themselves would depend on the order of finds.
        _isCuttable = type is Spm or Bpe && !(strips && _specials.Exists(one => one.Text.Text.AsSpan().ContainsAny(Spaces)));
        _losesNothing = !strips && (type == Spm || type == Bpe && Enumerable.Range(0, 256).All(value => bytes[value] || !IsUtf8(value)));
    }

    /// <summary>Whether libllama looks for the token in a text before it looks for words.</summary>
    public static bool IsFound(nint vocab, int token) =>
        (VocabCalls.llama_vocab_get_attr(vocab, token) & (Unknown | Control | UserMade)) != 0;

    /// <summary>What is found where a template's own text is read; null where a text must not be cut.</summary>
    public SpecialTexts? Specials() => _isCuttable ? new SpecialTexts(_specials.Select(one => one.Text)) : null;

    /// <summary>What is found in any text.</summary>
    public SpecialTexts? UserDefined() =>
        _isCuttable ? new SpecialTexts(_specials.Where(one => one.IsUserDefined).Select(one => one.Text)) : null;

    /// <summary>The longest run of letters or of spaces that libllama is given; null where any length is safe.</summary>
    public int? RunsMax() => _recurses ? RunBytesMax : null;

    /// <summary>Bytes of text that one token stands for at most; null where text may go without leaving a token.</summary>
    public int? PieceBytesMax() => _losesNothing && _longest > 0 ? _longest : null;

    private static bool IsUtf8(int value) => value is not (0xC0 or 0xC1 or >= 0xF5);
}
