using System.Collections.Frozen;
using System.Text;
using Samovar.Gateway.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire.Bodies;

/// <summary>A request body as pieces of UTF-8 that lie where they were kept; nothing is written twice, nothing is parsed again.</summary>
internal sealed class UpstreamBody
{
    private const int UsualPieces = 24;
    private static readonly ReadOnlyMemory<byte> Comma = Text(",");
    private static readonly ReadOnlyMemory<byte> Begin = Text("{"), Close = Text("}"), BeginArray = Text("["), CloseArray = Text("]");
    private static readonly RawJson True = RawJson.Of("true"), False = RawJson.Of("false");

    // Fields that most bodies have, each with the comma before it and its colon.
    private static readonly FrozenDictionary<string, ReadOnlyMemory<byte>> Names = FieldRows.All.Where(row => row.IsTop)
        .Select(row => row.Path).Distinct(StringComparer.Ordinal)
        .ToFrozenDictionary(name => name, Named, StringComparer.Ordinal);
    private readonly List<ReadOnlyMemory<byte>> _pieces = new(UsualPieces);
    private readonly List<string> _betas = [];
    private bool _hasFields;

    public UpstreamBody() => Piece(Begin);

    public long Length { get; private set; }
    public IReadOnlyList<ReadOnlyMemory<byte>> Pieces => _pieces;

    /// <summary>What the Messages API takes of it only where a header names it.</summary>
    public IReadOnlyList<string> Betas => _betas;

    public UpstreamBody Beta(string name)
    {
        if (!_betas.Contains(name, StringComparer.Ordinal)) _betas.Add(name);
        return this;
    }

    public UpstreamBody Field(string name, RawJson value)
    {
        Name(name);
        return Piece(value.Utf8);
    }

    public UpstreamBody Field(string name, string value) => Field(name, JsonBytes.Quote(value));

    public UpstreamBody Field(string name, bool value) => Field(name, value ? True : False);

    public UpstreamBody Array(string name, IEnumerable<RawJson> values)
    {
        Name(name);
        Piece(BeginArray);
        var isFirst = true;
        foreach (var value in values)
        {
            if (!isFirst) Piece(Comma);
            isFirst = false;
            Piece(value.Utf8);
        }
        return Piece(CloseArray);
    }

    public UpstreamBody End() => Piece(Close);

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
        var named = Names.TryGetValue(name, out var known) ? known : Named(name);
        Piece(_hasFields ? named : named[Comma.Length..]);
        _hasFields = true;
    }

    private static ReadOnlyMemory<byte> Named(string name) => Text($",{JsonBytes.Quote(name)}:");

    private static ReadOnlyMemory<byte> Text(string text) => Encoding.UTF8.GetBytes(text);

    private UpstreamBody Piece(ReadOnlyMemory<byte> piece)
    {
        _pieces.Add(piece);
        Length += piece.Length;
        return this;
    }
}
