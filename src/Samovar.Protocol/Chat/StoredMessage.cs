using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Chat;

/// <summary>One message that a stored chat completion was made from.</summary>
public sealed class StoredMessage
{
    internal StoredMessage(string id, string role) => (Id, Role) = (id, role);

    public string Id { get; }
    internal string Role { get; }

    /// <summary>Who speaks, where the client said so.</summary>
    internal string? Name { get; init; }
    internal string? CallId { get; init; }
    internal IReadOnlyList<ContentPart> Content { get; init; } = [];

    /// <summary>The content as it came: a text, or parts.</summary>
    internal RawJson Parts { get; init; }
    internal List<ChatCall> Calls { get; } = [];

    public void Write(Utf8JsonWriter writer)
    {
        var texts = Content.OfType<ContentPart.Text>().Select(static text => text.Value).ToList();
        var refusals = Content.OfType<ContentPart.Refusal>().Select(static refusal => refusal.Value).ToList();
        writer.WriteStartObject();
        writer.WriteString("id"u8, Id);
        writer.WriteString("role"u8, Role);
        if (Name is not null) writer.WriteString("name"u8, Name);
        writer.WriteString("content"u8, texts.Count == 0 ? null : string.Concat(texts));
        writer.WriteString("refusal"u8, refusals.Count == 0 ? null : string.Concat(refusals));
        if (CallId is not null) writer.WriteString("tool_call_id"u8, CallId);
        if (Calls.Count > 0)
        {
            writer.WriteStartArray("tool_calls"u8);
            foreach (var call in Calls) call.Write(writer);
            writer.WriteEndArray();
        }
        WriteParts(writer);
        writer.WriteEndObject();
    }

    /// <summary>As the client sent them; null where it sent one text.</summary>
    private void WriteParts(Utf8JsonWriter writer)
    {
        if (Role == "assistant" || !Parts.IsArray || Content is [ContentPart.Text])
        {
            writer.WriteNull("content_parts"u8);
            return;
        }
        writer.WriteStartArray("content_parts"u8);
        foreach (var part in Content)
        {
            if (part is ContentPart.Text text) WriteText(writer, text.Value);
            else if (part is ContentPart.Image { Url: { } url } image) WriteImage(writer, url, image.Detail);
        }
        writer.WriteEndArray();
    }

    private static void WriteText(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }

    private static void WriteImage(Utf8JsonWriter writer, string url, string? detail)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "image_url"u8);
        writer.WriteStartObject("image_url"u8);
        writer.WriteString("url"u8, url);
        if (detail is not null) writer.WriteString("detail"u8, detail);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
