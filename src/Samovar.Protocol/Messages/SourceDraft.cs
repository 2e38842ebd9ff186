using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>The fields of a <c>source</c>, of an image or of a document, as they are read.</summary>
internal sealed class SourceDraft
{
    /// <summary>The fields that every source may have.</summary>
    public static readonly (string Name, FieldRead<SourceDraft> Read)[] Fields =
    [
        ("type", static (ref json, source) => source.Kind = json.OptionalName()),
        ("media_type", static (ref json, source) => source.MediaType = json.OptionalName()),
        ("data", static (ref json, source) => source.Data = json.OptionalText(json.Limits.FrameBytesMax)),
        ("url", static (ref json, source) => source.Url = json.OptionalText(json.Limits.FrameBytesMax)),
        ("file_id", static (ref json, source) => source.FileId = json.OptionalName()),
    ];

    public string? Kind { get; private set; }
    public string? MediaType { get; private set; }
    public string? Data { get; private set; }
    public string? Url { get; private set; }
    public string? FileId { get; private set; }

    /// <summary>The texts of a document that is given as content.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>Bytes in base64 as a data URL.</summary>
    public string DataUrl(ref JsonCursor json)
    {
        var type = MediaType ?? throw json.Missing("media_type");
        return $"data:{type};base64,{Data ?? throw json.Missing("data")}";
    }
}
