using System.Buffers;
using System.Collections;
using System.Text;
using Samovar.Engine.Native;

namespace Samovar.Engine.Tokens;

/// <summary>The loaded model's vocabulary: text to tokens and back. Pieces are asked for once and kept.</summary>
/// <remarks>
/// A text is (1) cut at its special tokens, because libllama's own cutting takes the square of their number, and (2) tokenised piece by
/// piece, which gives the same tokens for vocabularies whose pieces know nothing of each other (SPM and BPE; others are not cut).
/// </remarks>
internal sealed unsafe class Tokenizer : ITokenizer
{
    private const int PieceBytes = 128;
    private const int MarginTokens = 16;
    private const int BytesPerToken = 4; // of ordinary text: a piece that fits easily is tokenised once
    private const int CutTolerance = 16; // part of the tokens by which cuts may mislead; in truth far less
    private readonly nint _vocab;
    private readonly UseGate _gate;
    private readonly byte[]?[] _pieces;
    private readonly byte[]?[] _specialPieces;
    private readonly BitArray _ends;
    private readonly BitArray _controls;
    private readonly BitArray _found;
    private readonly int? _addsEndOfText;
    private readonly int? _runsMax;
    private readonly SpecialTexts? _specials;
    private readonly SpecialTexts? _userDefined;

    /// <param name="vocab">libllama's vocabulary.</param>
    /// <param name="gate">Is closed before the vocabulary goes.</param>
    /// <param name="words">The file's name for how the vocabulary finds words (<c>tokenizer.ggml.pre</c>).</param>
    public Tokenizer(nint vocab, UseGate gate, string? words)
    {
        (_vocab, _gate) = (vocab, gate);
        VocabularySize = VocabCalls.llama_vocab_n_tokens(vocab);
        _pieces = new byte[VocabularySize][];
        _specialPieces = new byte[VocabularySize][];
        (_ends, _controls, _found) = (new BitArray(VocabularySize), new BitArray(VocabularySize), new BitArray(VocabularySize));
        for (var token = 0; token < VocabularySize; token++)
        {
            _ends[token] = VocabCalls.llama_vocab_is_eog(vocab, token) != 0;
            _controls[token] = VocabCalls.llama_vocab_is_control(vocab, token) != 0;
            _found[token] = VocabularyFacts.IsFound(vocab, token);
        }
        BeginOfText = Known(VocabCalls.llama_vocab_bos(vocab));
        EndOfTurn = FindEndOfTurn();
        EndOfSequence = Known(VocabCalls.llama_vocab_eos(vocab));
        AddsBeginOfText = VocabCalls.llama_vocab_get_add_bos(vocab) != 0;
        _addsEndOfText = VocabCalls.llama_vocab_get_add_eos(vocab) != 0 ? VocabCalls.llama_vocab_eos(vocab) : null;
        var facts = new VocabularyFacts(vocab, words, token => Piece(token, special: true));
        (_specials, _userDefined, PieceBytesMax, _runsMax) =
            (facts.Specials(), facts.UserDefined(), facts.PieceBytesMax(), facts.RunsMax());
    }

    public int VocabularySize { get; }
    public int? BeginOfText { get; }
    public int? EndOfTurn { get; }
    public int? EndOfSequence { get; }
    public bool AddsBeginOfText { get; }
    public int? PieceBytesMax { get; }

    public int[] Tokenize(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial) =>
        Tokenize(text, addSpecial, parseSpecial, int.MaxValue, CancellationToken.None);

    public int[] Tokenize(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial, int tokensMax, CancellationToken cancelled)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var tokens = new TokenBuffer();
        try
        {
            var length = Encoding.UTF8.GetBytes(text, bytes);
            using var use = _gate.Enter();
            var specials = parseSpecial ? _specials : _userDefined;
            if (specials is null)
            {
                if (!IsTooLong(tokens, bytes, new TextPiece(0, length, null, parseSpecial), tokensMax, cancelled))
                    Add(tokens, bytes.AsSpan(0, length), addSpecial, parseSpecial);
                return tokens.ToArray();
            }
            if (addSpecial && AddsBeginOfText) tokens.Add(BeginOfText!.Value);
            foreach (var piece in TextPieces.Of(bytes, length, specials.Find(bytes.AsSpan(0, length)))) // :: 1-2
            {
                cancelled.ThrowIfCancellationRequested();
                if (piece.Token is { } token) tokens.Add(token);
                else if (piece with { HasSpecials = parseSpecial && piece.HasSpecials } is var plain
                    && !IsTooLong(tokens, bytes, plain, tokensMax, cancelled)) Add(tokens, bytes, plain);
                if (tokens.Count > tokensMax) return tokens.ToArray();
            }
            if (addSpecial && _addsEndOfText is { } end) tokens.Add(end);
            return tokens.ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            tokens.Return();
        }
    }

    public ReadOnlyMemory<byte> Piece(int token, bool special = false)
    {
        if ((uint)token >= (uint)VocabularySize) return default;
        var pieces = special ? _specialPieces : _pieces;
        return pieces[token] ??= MakePiece(token, special); // two threads may make the same bytes; either may win
    }

    public bool IsEndOfGeneration(int token) => (uint)token < (uint)VocabularySize && _ends[token];

    public bool IsControl(int token) => (uint)token < (uint)VocabularySize && _controls[token];

    public bool IsSpecial(int token) => (uint)token < (uint)VocabularySize && _found[token];

    /// <summary>Tokens of a text as libllama finds them itself, special tokens included.</summary>
    internal int[] TokenizeUncut(ReadOnlySpan<byte> text, bool addSpecial, bool parseSpecial)
    {
        var tokens = new TokenBuffer();
        using var use = _gate.Enter();
        Add(tokens, text, addSpecial, parseSpecial);
        return tokens.ToArray();
    }

    private static int? Known(int token) => token < 0 ? null : token;

    // Where the file does not name its end of turn, libllama takes one of the tokens that look like it, and some of those end documents.
    private int? FindEndOfTurn()
    {
        var (turn, sequence) = (Known(VocabCalls.llama_vocab_eot(_vocab)), Known(VocabCalls.llama_vocab_eos(_vocab)));
        if (turn is not { } token || sequence is null) return turn ?? sequence;
        var endsDocuments = Piece(token, special: true).Span is var text
            && (text.SequenceEqual("<|endoftext|>"u8) || text.SequenceEqual("<|end_of_text|>"u8));
        return endsDocuments ? sequence : turn;
    }

    /// <summary>
    /// Whether a long piece has more tokens than may be, found part by part because libllama cannot be interrupted; then they are added.
    /// </summary>
    /// <remarks>Cuts change a few tokens, so the parts must exceed the bound clearly; else the piece is tokenised whole.</remarks>
    private bool IsTooLong(TokenBuffer tokens, byte[] text, TextPiece piece, int tokensMax, CancellationToken cancelled)
    {
        var before = tokens.Count;
        if (piece.Length <= LongRuns.PartBytes || piece.Length / BytesPerToken <= tokensMax - before) return false;
        foreach (var (start, size) in LongRuns.Parts(text, piece.Start, piece.Length))
        {
            cancelled.ThrowIfCancellationRequested();
            Add(tokens, text, piece with { Start = start, Length = size });
            if (tokens.Count - (tokens.Count - before) / CutTolerance > tokensMax) return true;
        }
        tokens.Count = before;
        return false;
    }

    private void Add(TokenBuffer tokens, byte[] text, TextPiece piece)
    {
        if (_runsMax is { } runsMax && piece.Length > runsMax)
            foreach (var (start, size) in LongRuns.Parts(text, piece.Start, piece.Length, runsMax))
                Add(tokens, text.AsSpan(start, size), addSpecial: false, piece.HasSpecials);
        else Add(tokens, text.AsSpan(piece.Start, piece.Length), addSpecial: false, piece.HasSpecials);
    }

    private void Add(TokenBuffer tokens, ReadOnlySpan<byte> text, bool addSpecial, bool parseSpecial)
    {
        var room = text.Length + MarginTokens; // a token has a byte at least, but for a few
        var count = Tokenize(text, tokens.Room(room), addSpecial, parseSpecial);
        if (count == int.MinValue) throw new ArgumentException("The text has too many tokens.", nameof(text));
        if (count < 0) count = Tokenize(text, tokens.Room(-count), addSpecial, parseSpecial);
        tokens.Count += count;
    }

    private int Tokenize(ReadOnlySpan<byte> text, Span<int> tokens, bool addSpecial, bool parseSpecial)
    {
        fixed (byte* source = text)
        fixed (int* target = tokens)
            return VocabCalls.llama_tokenize(_vocab, source, text.Length, target, tokens.Length,
                addSpecial ? (byte)1 : (byte)0, parseSpecial ? (byte)1 : (byte)0);
    }

    private byte[] MakePiece(int token, bool special)
    {
        using var use = _gate.Enter();
        var flag = special ? (byte)1 : (byte)0;
        var buffer = stackalloc byte[PieceBytes];
        var length = VocabCalls.llama_token_to_piece(_vocab, token, buffer, PieceBytes, 0, flag);
        if (length >= 0) return new Span<byte>(buffer, length).ToArray();
        var piece = new byte[-length];
        fixed (byte* target = piece) length = VocabCalls.llama_token_to_piece(_vocab, token, target, piece.Length, 0, flag);
        return length == piece.Length ? piece : [];
    }
}
