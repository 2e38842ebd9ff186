using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Items;

/// <summary>Reads the content of messages and the output of tools.</summary>
internal static class ContentReader
{
    private static readonly FieldTable<PartDraft> Fields = new(
        ("type", static (ref json, part) => json.Skip()),
        ("text", static (ref json, part) => part.Text = json.OptionalText(json.Limits.TextCharsMax)),
        ("refusal", static (ref json, part) => part.Refusal = json.OptionalText(json.Limits.TextCharsMax)),
        ("image_url", static (ref json, part) => part.ImageUrl = json.OptionalText(json.Limits.FrameBytesMax)),
        ("detail", static (ref json, part) => part.Detail = Forms.ImageDetail.Read(ref json)),
        ("file_id", static (ref json, part) => part.FileId = json.OptionalName()),
        ("file_url", static (ref json, part) => part.FileUrl = json.OptionalText(json.Limits.TextCharsMax)),
        ("filename", static (ref json, part) => part.FileName = json.OptionalText(json.Limits.NameCharsMax)),
        ("tool_name", static (ref json, part) => part.ToolName = json.OptionalName()),
        ("file_data", static (ref json, part) => part.HasData = !SkipNull(ref json)));

    // A kind of part that is only carried may use these names for anything.
    private static readonly FieldTable<PartDraft> Unread = new(("type", static (ref json, part) => json.Skip()));

    /// <summary>A string, or an array of parts.</summary>
    public static IReadOnlyList<ContentPart> StringOrParts(ref JsonCursor json) => json.Token switch
    {
        JsonTokenType.String => [new ContentPart.Text(json.Text(json.Limits.TextCharsMax))],
        JsonTokenType.StartArray => Parts(ref json),
        _ => throw json.WrongType("a string or an array"),
    };

    /// <summary>The output of a kind that is only carried: whatever of it has the usual shape.</summary>
    public static IReadOnlyList<ContentPart> Lenient(ref JsonCursor json)
    {
        if (json.Token == JsonTokenType.String) return [new ContentPart.Text(json.Text)];
        json.Skip();
        return [];
    }

    /// <summary>An array of parts of which only the texts are wanted, or null.</summary>
    public static IReadOnlyList<string> Texts(ref JsonCursor json) =>
        json.IsNull ? [] : [.. Parts(ref json).OfType<ContentPart.Text>().Select(part => part.Value)];

    private static IReadOnlyList<ContentPart> Parts(ref JsonCursor json) => json.Elements(json.Limits.PartsMax, Part);

    private static ContentPart Part(ref JsonCursor json)
    {
        var type = json.Peek("type", "type"u8) ?? throw json.Missing("type");
        var part = new PartDraft();
        switch (type)
        {
            case "input_text" or "output_text" or "text" or "summary_text" or "reasoning_text":
                json.Object(Fields, part);
                return new ContentPart.Text(part.Text ?? throw json.Missing("text"));
            case PartTypes.ToolReference: // without tool search it is the tool's name
                json.Object(Fields, part);
                return new ContentPart.Text(part.ToolName ?? throw json.Missing("tool_name"));
            case "refusal":
                json.Object(Fields, part);
                return new ContentPart.Refusal(part.Refusal ?? throw json.Missing("refusal"));
            case "input_image" or "computer_screenshot":
                json.Object(Fields, part);
                if (part.ImageUrl is null && part.FileId is null) throw json.Missing("image_url");
                return new ContentPart.Image(part.ImageUrl, part.FileId, part.Detail);
            case "input_file":
                json.Object(Fields, part);
                return new ContentPart.File(part.FileName, part.FileId, part.FileUrl, part.HasData);
            default:
                json.Object(Unread, part);
                return new ContentPart.Other(type);
        }
    }

    private static bool SkipNull(ref JsonCursor json)
    {
        var isNull = json.IsNull;
        json.Skip();
        return isNull;
    }

    private sealed class PartDraft
    {
        public string? Text { get; set; }
        public string? Refusal { get; set; }
        public string? ImageUrl { get; set; }
        public string? Detail { get; set; }
        public string? FileId { get; set; }
        public string? FileUrl { get; set; }
        public string? FileName { get; set; }
        public string? ToolName { get; set; }
        public bool HasData { get; set; }
    }
}
