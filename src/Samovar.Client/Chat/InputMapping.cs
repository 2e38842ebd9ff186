using System.Text.Json;
using Microsoft.Extensions.AI;
using Samovar.Client.Requests;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Client.Chat;

/// <summary>Chat messages → input items. What came from the server goes back as it came.</summary>
internal static class InputMapping
{
    public static IReadOnlyList<RawJson> Of(IEnumerable<ChatMessage> messages)
    {
        var items = new List<RawJson>();
        foreach (var message in messages) Add(items, message);
        return items;
    }

    private static void Add(List<RawJson> items, ChatMessage message)
    {
        var parts = new List<AIContent>();
        Item? newest = null;
        foreach (var content in message.Contents)
        {
            if (content.RawRepresentation is Item item)
            {
                Flush(items, message, parts);
                if (!ReferenceEquals(item, newest)) items.Add(item.Json); // several contents may be of one item
                newest = item;
                continue;
            }
            if (ItemOf(content) is not { } own)
            {
                if (IsPart(content)) parts.Add(content);
                continue;
            }
            Flush(items, message, parts);
            items.Add(own);
        }
        Flush(items, message, parts);
    }

    private static RawJson? ItemOf(AIContent content) => content switch
    {
        FunctionResultContent result => InputItems.FunctionOutput(result.CallId, ChatJson.ResultOf(result)),
        FunctionCallContent call => ChatJson.Object(json =>
        {
            json.WriteString("type"u8, "function_call"u8);
            json.WriteString("call_id"u8, call.CallId);
            json.WriteString("name"u8, call.Name);
            json.WriteString("arguments"u8, ChatJson.ArgumentsOf(call));
        }),
        TextReasoningContent { ProtectedData: { Length: > 0 } sealed_ } thought => ChatJson.Object(json =>
        {
            json.WriteString("type"u8, "reasoning"u8);
            json.WriteStartArray("summary"u8);
            if (thought.Text is { Length: > 0 } text)
            {
                json.WriteStartObject();
                json.WriteString("type"u8, "summary_text"u8);
                json.WriteString("text"u8, text);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("encrypted_content"u8, sealed_);
        }),
        _ => null,
    };

    private static bool IsPart(AIContent content) => content is TextContent or UriContent or DataContent or HostedFileContent;

    private static void Flush(List<RawJson> items, ChatMessage message, List<AIContent> parts)
    {
        if (parts.Count == 0) return;
        var role = message.Role == ChatRole.Assistant ? "assistant" : message.Role == ChatRole.System ? "system"
            : message.Role.Value == "developer" ? "developer" : "user";
        List<AIContent> own = [.. parts];
        parts.Clear();
        items.Add(ChatJson.Object(json =>
        {
            json.WriteString("type"u8, "message"u8);
            json.WriteString("role"u8, role);
            json.WriteStartArray("content"u8);
            foreach (var part in own) WritePart(json, part, role == "assistant" ? "output_text" : "input_text");
            json.WriteEndArray();
        }));
    }

    private static void WritePart(Utf8JsonWriter json, AIContent part, string text)
    {
        json.WriteStartObject();
        switch (part)
        {
            case TextContent words:
                json.WriteString("type"u8, text);
                json.WriteString("text"u8, words.Text);
                break;
            case DataContent data when data.HasTopLevelMediaType("image"): WriteImage(json, data.Uri); break;
            case UriContent link when link.HasTopLevelMediaType("image"): WriteImage(json, link.Uri.AbsoluteUri); break;
            case DataContent data:
                json.WriteString("type"u8, "input_file"u8);
                json.WriteString("filename"u8, data.Name ?? "file");
                json.WriteString("file_data"u8, data.Uri);
                break;
            case UriContent link:
                json.WriteString("type"u8, "input_file"u8);
                json.WriteString("file_url"u8, link.Uri.AbsoluteUri);
                break;
            case HostedFileContent file:
                json.WriteString("type"u8, file.HasTopLevelMediaType("image") ? "input_image"u8 : "input_file"u8);
                json.WriteString("file_id"u8, file.FileId);
                break;
        }
        json.WriteEndObject();
    }

    private static void WriteImage(Utf8JsonWriter json, string url)
    {
        json.WriteString("type"u8, "input_image"u8);
        json.WriteString("image_url"u8, url);
    }
}
