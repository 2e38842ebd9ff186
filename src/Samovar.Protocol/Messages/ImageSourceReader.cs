using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>Reads the <c>source</c> of an image; bytes become a data URL.</summary>
internal static class ImageSourceReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, source) => source.Kind = json.OptionalName()),
        ("media_type", static (ref json, source) => source.MediaType = json.OptionalName()),
        ("data", static (ref json, source) => source.Data = json.OptionalText(json.Limits.FrameBytesMax)),
        ("url", static (ref json, source) => source.Url = json.OptionalText(json.Limits.FrameBytesMax)),
        ("file_id", static (ref json, source) => source.FileId = json.OptionalName()));

    public static ContentPart.Image? Read(ref JsonCursor json)
    {
        if (json.IsNull) return null;
        var source = new Draft();
        json.Object(Fields, source);
        switch (source.Kind ?? throw json.Missing("type"))
        {
            case "base64":
                var type = source.MediaType ?? throw json.Missing("media_type");
                return new ContentPart.Image($"data:{type};base64,{source.Data ?? throw json.Missing("data")}", null, null);
            case "url": return new ContentPart.Image(source.Url ?? throw json.Missing("url"), null, null);
            case "file": return new ContentPart.Image(null, source.FileId ?? throw json.Missing("file_id"), null);
            case var other:
                json.Push("type");
                throw json.Fail(UnsupportedValue, other);
        }
    }

    private sealed class Draft
    {
        public string? Kind { get; set; }
        public string? MediaType { get; set; }
        public string? Data { get; set; }
        public string? Url { get; set; }
        public string? FileId { get; set; }
    }
}
