using Samovar.Gateway.Json;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>
/// A thought of an Anthropic model as a reasoning item: what it read is the text, what proves it is <c>encrypted_content</c>, under a mark
/// that distinguishes it from other upstreams' sealed reasoning.
/// </summary>
internal static class SealedThought
{
    public static RawJson Item(string id, string text, string? signature, string? redacted) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, id);
        writer.WriteString("type"u8, "reasoning"u8);
        writer.WriteStartArray("summary"u8);
        writer.WriteEndArray();
        if (text.Length > 0)
        {
            writer.WriteStartArray("content"u8);
            writer.WriteStartObject();
            writer.WriteString("type"u8, "reasoning_text"u8);
            writer.WriteString("text"u8, text);
            writer.WriteEndObject();
            writer.WriteEndArray();
        }
        if (redacted is not null) writer.WriteString("encrypted_content"u8, ThoughtSeal.Redacted + redacted);
        else if (signature is { Length: > 0 }) writer.WriteString("encrypted_content"u8, ThoughtSeal.Signed + signature);
        writer.WriteEndObject();
    });

    /// <summary>The block that goes back; empty for a thought that no Anthropic model signed.</summary>
    public static RawJson Block(string text, string? sealedContent)
    {
        if (sealedContent is null) return default;
        if (sealedContent.StartsWith(ThoughtSeal.Redacted, StringComparison.Ordinal)) return Write("redacted_thinking",
            ("data", sealedContent[ThoughtSeal.Redacted.Length..]));
        return sealedContent.StartsWith(ThoughtSeal.Signed, StringComparison.Ordinal)
            ? Write("thinking", ("thinking", text), ("signature", sealedContent[ThoughtSeal.Signed.Length..]))
            : default;
    }

    private static RawJson Write(string type, params (string Name, string Value)[] fields) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        foreach (var (name, value) in fields) writer.WriteString(name, value);
        writer.WriteEndObject();
    });
}
