using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Faults;

/// <summary>What a provider said to a proxy that passes it on as it came, beside words of its own that say nothing: OpenRouter.</summary>
internal static class ProxiedErrors
{
    /// <summary>The provider's error: its JSON, or its words; null where there is none.</summary>
    /// <param name="error">The proxy's.</param>
    public static RawJson? Of(RawJson error)
    {
        var raw = error.Field("metadata"u8).Field("raw"u8);
        if (raw.IsObject) return IsExplained(raw) ? raw : null;
        if (raw.AsText()?.Trim() is not { Length: > 0 } text || text[0] == '<') return null; // a page says nothing to a program
        var json = RawJson.Of(text);
        if (!RawValues.IsObjectOrArray(json.Utf8.Span)) return Explained(text);
        if (json.Elements() is [var only, ..]) json = only;
        return IsExplained(json) ? json : null;
    }

    /// <summary>Words as an error that has them for its message: one that explains itself, whatever its status.</summary>
    private static RawJson Explained(string text) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("message"u8, text);
        writer.WriteEndObject();
    });

    /// <summary>Whether it says something: what it says of itself in turn would be a proxy behind the proxy.</summary>
    private static bool IsExplained(RawJson json) =>
        !json.Field("error"u8).Field("metadata"u8).IsSet() && !json.Field("metadata"u8).IsSet()
        && (ErrorWords.Of(json.Field("error"u8)) ?? json.Text("error"u8) ?? ErrorWords.Of(json)) is { Length: > 0 };
}
