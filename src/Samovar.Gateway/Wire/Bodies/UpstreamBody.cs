using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire.Bodies;

/// <summary>A request body as pieces of UTF-8 that lie where they were kept; nothing is written twice, nothing is parsed again.</summary>
internal sealed class UpstreamBody
{
    private static readonly ReadOnlyMemory<byte> Comma = new([(byte)',']);
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private bool _hasFields;

    public UpstreamBody() => Piece("{"u8);

    public long Length { get; private set; }
    public IReadOnlyList<ReadOnlyMemory<byte>> Pieces => _pieces;

    public UpstreamBody Field(string name, RawJson value)
    {
        Name(name);
        return Piece(value.Utf8);
    }

    public UpstreamBody Field(string name, string value) => Field(name, JsonBytes.Quote(value));

    public UpstreamBody Field(string name, bool value) => Field(name, RawJson.Of(value ? "true" : "false"));

    public UpstreamBody Array(string name, IEnumerable<RawJson> values)
    {
        Name(name);
        Piece("["u8);
        var isFirst = true;
        foreach (var value in values)
        {
            if (!isFirst) Piece(Comma);
            isFirst = false;
            Piece(value.Utf8);
        }
        return Piece("]"u8);
    }

    public UpstreamBody End() => Piece("}"u8);

    public void CopyTo(Span<byte> target)
    {
        foreach (var piece in _pieces)
        {
            piece.Span.CopyTo(target);
            target = target[piece.Length..];
        }
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    private void Name(string name)
    {
        if (_hasFields) Piece(Comma);
        _hasFields = true;
        Piece(JsonBytes.Quote(name).Utf8);
        Piece(":"u8);
    }

    private UpstreamBody Piece(ReadOnlySpan<byte> text) => Piece(new ReadOnlyMemory<byte>(text.ToArray()));

    private UpstreamBody Piece(ReadOnlyMemory<byte> piece)
    {
        _pieces.Add(piece);
        Length += piece.Length;
        return this;
    }
}
