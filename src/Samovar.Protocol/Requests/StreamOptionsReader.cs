using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>Reads <c>stream_options</c>: padding of events is not offered. On a socket everything streams, and nothing is asked of
/// it.</summary>
internal static class StreamOptionsReader
{
    private static readonly FieldTable<CreateDraft> Fields = new(
        ("include_obfuscation", static (ref json, draft) => Forms.Off.Check(ref json)));

    public static void Read(ref JsonCursor json, CreateDraft draft)
    {
        if (json.IsNull) return;
        draft.HasStreamOptions = !draft.IsSocket;
        if (draft.IsSocket && json.Token != JsonTokenType.StartObject) json.Skip();
        else json.Object(Fields, draft);
    }
}
