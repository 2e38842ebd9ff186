using System.Text;

namespace Samovar.Protocol.Json;

/// <summary>The UTF-8 text of one complete JSON value, kept as it came in.</summary>
public readonly record struct RawJson(ReadOnlyMemory<byte> Utf8)
{
    public static RawJson Of(string json) => new(Encoding.UTF8.GetBytes(json));
    public bool IsEmpty => Utf8.IsEmpty;
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);
}
