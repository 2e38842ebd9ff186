namespace Samovar.Engine;

/// <summary>Text to tokens and back.</summary>
public interface ITokenizer
{
    int VocabularySize { get; }

    /// <summary>Token ids of a text. <paramref name="parseSpecial"/>: control tokens spelled in the text become those tokens (template text
    /// yes, users' text no).</summary>
    int[] Tokenize(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial);

    /// <summary>The same, given up soon after more tokens than that were found: what is returned is then only the text's
    /// start.</summary>
    int[] Tokenize(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial, int tokensMax, CancellationToken cancelled) =>
        Tokenize(text, addSpecial, parseSpecial);

    /// <summary>Bytes of text that one token stands for at most, so that a text has no fewer tokens than its bytes divided by it; null
    /// where that does not follow.</summary>
    int? PieceBytesMax => null;

    /// <summary>The bytes of a token as it appears in text; empty for control tokens unless <paramref name="special"/>.</summary>
    ReadOnlyMemory<byte> Piece(int token, bool special = false);

    /// <summary>Whether the model ends its turn with this token.</summary>
    bool IsEndOfGeneration(int token);

    /// <summary>Whether the token is a control token of the vocabulary (user-defined special tokens are not).</summary>
    bool IsControl(int token);

    /// <summary>Whether the token is found in text before anything else is: control tokens where they are asked for, user-defined ones in
    /// any text.</summary>
    bool IsSpecial(int token) => IsControl(token);

    int? BeginOfText { get; }
    int? EndOfTurn { get; }

    /// <summary>The token that the file names as its end of sequence (<c>eos_token</c>), which need not end a turn.</summary>
    int? EndOfSequence => EndOfTurn;

    /// <summary>Whether the model wants a begin-of-text token in front of a prompt.</summary>
    bool AddsBeginOfText { get; }
}
