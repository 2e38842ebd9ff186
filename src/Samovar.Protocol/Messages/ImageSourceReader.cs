using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>Reads the <c>source</c> of an image; bytes become a data URL.</summary>
internal static class ImageSourceReader
{
    private static readonly FieldTable<SourceDraft> Fields = new(SourceDraft.Fields);

    public static ContentPart.Image? Read(ref JsonCursor json)
    {
        if (json.IsNull) return null;
        var source = new SourceDraft();
        json.Object(Fields, source);
        switch (source.Kind ?? throw json.Missing("type"))
        {
            case "base64": return new ContentPart.Image(source.DataUrl(ref json), null, null);
            case "url": return new ContentPart.Image(source.Url ?? throw json.Missing("url"), null, null);
            case "file": return new ContentPart.Image(null, source.FileId ?? throw json.Missing("file_id"), null);
            case var other:
                json.Push("type");
                throw json.Fail(UnsupportedValue, other);
        }
    }
}
