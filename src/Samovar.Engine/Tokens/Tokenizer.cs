using System.Buffers;
using System.Text;
using Samovar.Engine.Native;

namespace Samovar.Engine.Tokens;

/// <summary>The loaded model's vocabulary: text to tokens and back. Pieces are asked for once and kept.</summary>
internal sealed unsafe class Tokenizer : ITokenizer
{
    private const int PieceBytes = 128;
    private readonly nint _vocab;
    private readonly byte[]?[] _pieces;
    private readonly byte[]?[] _specialPieces;

    public Tokenizer(nint vocab)
    {
        _vocab = vocab;
        VocabularySize = VocabCalls.llama_vocab_n_tokens(vocab);
        _pieces = new byte[VocabularySize][];
        _specialPieces = new byte[VocabularySize][];
        BeginOfText = Known(VocabCalls.llama_vocab_bos(vocab));
        EndOfTurn = FindEndOfTurn();
        AddsBeginOfText = VocabCalls.llama_vocab_get_add_bos(vocab) != 0;
    }

    public int VocabularySize { get; }
    public int? BeginOfText { get; }
    public int? EndOfTurn { get; }
    public bool AddsBeginOfText { get; }

    public int[] Tokenize(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var tokens = ArrayPool<int>.Shared.Rent(text.Length / 2 + 16);
        try
        {
            var length = Encoding.UTF8.GetBytes(text, bytes);
            var count = Tokenize(bytes.AsSpan(0, length), tokens, addSpecial, parseSpecial);
            if (count == int.MinValue) throw new ArgumentException("The text has too many tokens.", nameof(text));
            if (count < 0)
            {
                ArrayPool<int>.Shared.Return(tokens);
                tokens = ArrayPool<int>.Shared.Rent(-count);
                count = Tokenize(bytes.AsSpan(0, length), tokens, addSpecial, parseSpecial);
            }
            return tokens.AsSpan(0, count).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<int>.Shared.Return(tokens);
        }
    }

    public ReadOnlyMemory<byte> Piece(int token, bool special = false)
    {
        if ((uint)token >= (uint)VocabularySize) return default;
        var pieces = special ? _specialPieces : _pieces;
        return pieces[token] ??= MakePiece(token, special); // two threads may make the same bytes; either may win
    }

    public bool IsEndOfGeneration(int token) => (uint)token < (uint)VocabularySize && VocabCalls.llama_vocab_is_eog(_vocab, token) != 0;

    public bool IsControl(int token) => (uint)token < (uint)VocabularySize && VocabCalls.llama_vocab_is_control(_vocab, token) != 0;

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

    private int Tokenize(ReadOnlySpan<byte> text, int[] tokens, bool addSpecial, bool parseSpecial)
    {
        fixed (byte* source = text)
        fixed (int* target = tokens)
            return VocabCalls.llama_tokenize(_vocab, source, text.Length, target, tokens.Length,
                addSpecial ? (byte)1 : (byte)0, parseSpecial ? (byte)1 : (byte)0);
    }

    private byte[] MakePiece(int token, bool special)
    {
        var flag = special ? (byte)1 : (byte)0;
        var buffer = stackalloc byte[PieceBytes];
        var length = VocabCalls.llama_token_to_piece(_vocab, token, buffer, PieceBytes, 0, flag);
        if (length >= 0) return new Span<byte>(buffer, length).ToArray();
        var piece = new byte[-length];
        fixed (byte* target = piece) length = VocabCalls.llama_token_to_piece(_vocab, token, target, piece.Length, 0, flag);
        return length == piece.Length ? piece : [];
    }
}
