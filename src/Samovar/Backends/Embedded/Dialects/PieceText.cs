using System.Text;
using Samovar.Engine;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Token pieces as whole characters: bytes of a character that is not complete wait for the next piece.</summary>
internal sealed class PieceText(ITokenizer tokenizer)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder(); // broken bytes become U+FFFD

    public string Next(TokenStep step)
    {
        var bytes = step.Piece;
        if (bytes.IsEmpty && !step.IsEnd) bytes = tokenizer.Piece(step.Token, special: true); // control tokens that only parsers read
        if (bytes.IsEmpty) return "";
        return Decode(bytes.Span, flush: false);
    }

    /// <summary>What waits at the end.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        var count = _decoder.GetCharCount(bytes, flush);
        if (count == 0 && bytes.IsEmpty) return "";
        Span<char> chars = count <= 256 ? stackalloc char[256] : new char[count];
        return new string(chars[.._decoder.GetChars(bytes, chars, flush)]);
    }
}
