using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Protocol.Events;

/// <summary>Bytes of one event from another server → <see cref="EventView"/>. The memory handed in is kept.</summary>
public static class EventReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, e) => e.Type = json.TextOrNull()),
        ("sequence_number", static (ref json, e) => e.SequenceNumber = json.LongOrNull()),
        ("stream_id", static (ref json, e) => e.StreamId = json.TextOrNull()),
        ("response", ReadResponse),
        ("item_id", static (ref json, e) => e.ItemId = json.TextOrNull()),
        ("output_index", static (ref json, e) => e.OutputIndex = json.IntOrNull()),
        ("content_index", static (ref json, e) => e.ContentIndex = json.IntOrNull()),
        ("summary_index", static (ref json, e) => e.SummaryIndex = json.IntOrNull()),
        ("item", static (ref json, e) => e.Item = json.Raw()),
        ("part", static (ref json, e) => e.Part = json.Raw()),
        ("delta", static (ref json, e) => e.Delta = json.TextOrNull()),
        ("text", static (ref json, e) => e.Whole = json.TextOrNull() ?? e.Whole),
        ("refusal", static (ref json, e) => e.Whole = json.TextOrNull() ?? e.Whole),
        ("arguments", static (ref json, e) => e.Whole = json.TextOrNull() ?? e.Whole),
        ("input", static (ref json, e) => e.Whole = json.TextOrNull() ?? e.Whole),
        ("logprobs", static (ref json, e) => e.Logprobs = json.Raw()),
        ("annotation", static (ref json, e) => e.Annotation = json.Raw()),
        ("code", static (ref json, e) => e.Error.FlatCode = json.TextOrNull()),
        ("message", static (ref json, e) => e.Error.FlatMessage = json.TextOrNull()),
        ("param", static (ref json, e) => e.Error.FlatParam = json.TextOrNull()),
        ("status", static (ref json, e) => e.Error.Status = json.IntOrNull() ?? e.Error.Status),
        ("status_code", static (ref json, e) => e.Error.Status = json.IntOrNull() ?? e.Error.Status),
        ("headers", static (ref json, e) => json.ObjectOrSkip(EventErrorDraft.HeaderFields, e.Error)),
        ("error", static (ref json, e) => EventErrorDraft.ReadNested(ref json, e.Error)));

    /// <summary>False where the bytes are no JSON object, or one that is neither an event nor an error.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> utf8, ProtocolLimits limits, [NotNullWhen(true)] out EventView? e)
    {
        e = null;
        try
        {
            JsonInput.Check(utf8, limits);
            var json = new JsonCursor(utf8, limits);
            json.Read();
            var draft = new Draft();
            json.Object(Fields, draft);
            json.ReadEnd();
            e = draft.ToView(utf8, limits);
        }
        catch (Exception unreadable) when (unreadable is JsonException or ApiException)
        {
            return false;
        }
        return e is not null;
    }

    private static void ReadResponse(ref JsonCursor json, Draft e)
    {
        if (json.Token == JsonTokenType.StartObject) e.Response = ResponseReader.Read(ref json);
        else json.Skip();
    }

    private sealed class Draft
    {
        public string? Type { get; set; }
        public long? SequenceNumber { get; set; }
        public string? StreamId { get; set; }
        public ResponseView? Response { get; set; }
        public string? ItemId { get; set; }
        public int? OutputIndex { get; set; }
        public int? ContentIndex { get; set; }
        public int? SummaryIndex { get; set; }
        public RawJson Item { get; set; }
        public RawJson Part { get; set; }
        public string? Delta { get; set; }
        public string? Whole { get; set; }
        public RawJson Logprobs { get; set; }
        public RawJson Annotation { get; set; }
        public EventErrorDraft Error { get; } = new();

        public EventView? ToView(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
        {
            var type = Type ?? (Error.HasNested ? "error" : null);
            if (type is null) return null;
            var isItem = !Item.IsEmpty && Item.Utf8.Span[0] == (byte)'{';
            return new EventView
            {
                Type = type,
                Json = new RawJson(utf8),
                SequenceNumber = SequenceNumber,
                StreamId = StreamId,
                Response = Response,
                ItemId = ItemId,
                OutputIndex = OutputIndex,
                ContentIndex = ContentIndex,
                SummaryIndex = SummaryIndex,
                Item = isItem ? ItemReader.ReadOrKeep(Item, limits) : null,
                Part = Part,
                Delta = Delta,
                Whole = Whole,
                Logprobs = Logprobs,
                Annotation = Annotation,
                Error = type == "error" ? Error.ToError() : null,
            };
        }
    }
}
