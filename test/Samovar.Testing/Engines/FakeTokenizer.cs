using System.Text;
using Samovar.Engine;

namespace Samovar.Testing.Engines;

/// <summary>A special token of a fake vocabulary.</summary>
/// <param name="Text">How it is spelled.</param>
/// <param name="IsControl">Control tokens are read only in template text and have no piece; others are read everywhere.</param>
/// <param name="EndsTurn">Whether the model ends its turn with it.</param>
/// <param name="IsWord">Whether it is an ordinary token, which only comes of text that merges to it.</param>
public sealed record FakeSpecial(string Text, bool IsControl = true, bool EndsTurn = false, bool IsWord = false);

/// <summary>Bytes as tokens, a few merges so that cuts at wrong places show, and special tokens.</summary>
public sealed class FakeTokenizer : ITokenizer
{
    private const int Bytes = 256;

    private static readonly string[] Merges = ["\n\n", "<|", "|>", ">\n", "\n<", "the ", "an", "\": ", "  ", "</", "tool"];

    private readonly FakeSpecial[] _specials;
    private readonly byte[][] _merges = [.. Merges.Select(Encoding.UTF8.GetBytes)];

    public FakeTokenizer(IEnumerable<FakeSpecial> specials, string? begin = null, string? end = null)
    {
        _specials = [.. specials];
        BeginOfText = begin is null ? null : TokenOf(begin);
        EndOfTurn = end is null ? null : TokenOf(end);
    }

    public int VocabularySize => Bytes + _merges.Length + _specials.Length;
    public int? BeginOfText { get; }
    public int? EndOfTurn { get; }

    /// <summary>The file's end of sequence, where it is not the end of turn.</summary>
    public string? Ends { get; init; }
    public int? EndOfSequence => Ends is null ? EndOfTurn : TokenOf(Ends);
    public bool AddsBeginOfText => BeginOfText is not null;

    public int? PieceBytesMax { get; set; }

    /// <summary>Calls of <see cref="Tokenize"/> and their characters, for proofs of cost.</summary>
    public long CharsTokenized { get; private set; }

    public int TokenOf(string special) => Bytes + _merges.Length + Array.FindIndex(_specials, one => one.Text == special);

    public int[] Tokenize(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial)
    {
        CharsTokenized += text.Length;
        var tokens = new List<int>();
        if (addSpecial && BeginOfText is { } begin) tokens.Add(begin);
        var plain = 0;
        for (var at = 0; at < text.Length;)
        {
            if (SpecialAt(text[at..], parseSpecial) is not (>= 0 and var special))
            {
                at++;
                continue;
            }
            AddBytes(tokens, text[plain..at]);
            tokens.Add(Bytes + _merges.Length + special);
            at += _specials[special].Text.Length;
            plain = at;
        }
        AddBytes(tokens, text[plain..]);
        return [.. tokens];
    }

    public ReadOnlyMemory<byte> Piece(int token, bool special = false)
    {
        if (token < Bytes) return new[] { (byte)token };
        if (token < Bytes + _merges.Length) return _merges[token - Bytes];
        var one = _specials[token - Bytes - _merges.Length];
        return one.IsControl && !special ? ReadOnlyMemory<byte>.Empty : Encoding.UTF8.GetBytes(one.Text);
    }

    public bool IsEndOfGeneration(int token) => SpecialOf(token) is { EndsTurn: true };

    public bool IsControl(int token) => SpecialOf(token) is { IsControl: true };

    public bool IsSpecial(int token) => SpecialOf(token) is { IsWord: false };

    /// <summary>Tokens as text, special ones spelled.</summary>
    public string Text(IEnumerable<int> tokens) =>
        Encoding.UTF8.GetString([.. tokens.SelectMany(token => Piece(token, special: true).ToArray())]);

    private FakeSpecial? SpecialOf(int token) => token >= Bytes + _merges.Length ? _specials[token - Bytes - _merges.Length] : null;

    private int SpecialAt(ReadOnlySpan<char> text, bool parseSpecial)
    {
        var found = -1;
        for (var at = 0; at < _specials.Length; at++)
        {
            var one = _specials[at];
            if ((parseSpecial || !one.IsControl) && text.StartsWith(one.Text, StringComparison.Ordinal)
                && (found < 0 || one.Text.Length > _specials[found].Text.Length)) found = at;
        }
        return found;
    }

    private void AddBytes(List<int> tokens, ReadOnlySpan<char> text)
    {
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(text.ToString());
        while (!bytes.IsEmpty)
        {
            var merge = -1;
            for (var at = 0; at < _merges.Length && merge < 0; at++)
                if (bytes.StartsWith(_merges[at])) merge = at;
            tokens.Add(merge < 0 ? bytes[0] : Bytes + merge);
            bytes = bytes[(merge < 0 ? 1 : _merges[merge].Length)..];
        }
    }
}
