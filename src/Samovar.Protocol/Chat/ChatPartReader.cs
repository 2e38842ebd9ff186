using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Chat;

/// <summary>Reads a message's <c>content</c>.</summary>
internal static class ChatPartReader
{
    private static readonly string[] Kinds = ["text", "image_url", "file", "refusal"];

    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, part) => json.Skip()),
        ("text", static (ref json, part) => part.Text = json.OptionalText(json.Limits.TextCharsMax)),
        ("refusal", static (ref json, part) => part.Refusal = json.OptionalText(json.Limits.TextCharsMax)),
        ("image_url", ReadImage),
        ("file", static (ref json, part) =>
        {
            if (!json.IsNull) json.Object(FileFields!, part);
        }));

    private static readonly FieldTable<Draft> ImageFields = new(
        ("url", static (ref json, part) => part.ImageUrl = json.OptionalText(json.Limits.FrameBytesMax)),
        ("detail", static (ref json, part) => part.Detail = Forms.ImageDetail.Read(ref json)));

    private static readonly FieldTable<Draft> FileFields = new(
        ("filename", static (ref json, part) => part.FileName = json.OptionalText(json.Limits.NameCharsMax)),
        ("file_id", static (ref json, part) => part.FileId = json.OptionalName()),
        ("file_data", static (ref json, part) => part.FileData = json.OptionalText(json.Limits.FrameBytesMax)));

    /// <summary>A string, or an array of parts.</summary>
    public static IReadOnlyList<InputPart> StringOrParts(ref JsonCursor json) => json.Token switch
    {
        JsonTokenType.String => [new InputPart(new ContentPart.Text(json.Text(json.Limits.TextCharsMax)))],
        JsonTokenType.StartArray => json.Elements(json.Limits.PartsMax, Part),
        _ => throw json.WrongType("a string or an array"),
    };

    private static InputPart Part(ref JsonCursor json)
    {
        var kind = json.Peek("type", "type"u8) ?? throw json.Missing("type");
        if (!Kinds.Contains(kind, StringComparer.Ordinal))
        {
            json.Push("type");
            throw json.Fail(UnsupportedValue, kind);
        }
        var part = new Draft();
        json.Object(Fields, part);
        return kind switch
        {
            "text" => new InputPart(new ContentPart.Text(part.Text ?? throw json.Missing("text"))),
            "refusal" => new InputPart(new ContentPart.Refusal(part.Refusal ?? throw json.Missing("refusal"))),
            "image_url" => new InputPart(new ContentPart.Image(part.ImageUrl ?? throw json.Missing("image_url"), null, part.Detail)),
            _ when part.FileId is null && part.FileData is null => throw json.Missing("file"),
            _ => new InputPart(new ContentPart.File(part.FileName, part.FileId, null, part.FileData is not null), part.FileData),
        };
    }

    /// <summary>An object; some clients give the address alone.</summary>
    private static void ReadImage(ref JsonCursor json, Draft part)
    {
        if (json.Token == JsonTokenType.String) part.ImageUrl = json.Text(json.Limits.FrameBytesMax);
        else if (!json.IsNull)
        {
            json.Expect(JsonTokenType.StartObject, "a string or an object");
            json.Object(ImageFields, part);
            if (part.ImageUrl is null) throw json.Missing("url");
        }
    }

    private sealed class Draft
    {
        public string? Text { get; set; }
        public string? Refusal { get; set; }
        public string? ImageUrl { get; set; }
        public string? Detail { get; set; }
        public string? FileName { get; set; }
        public string? FileId { get; set; }
        public string? FileData { get; set; }
    }
}
