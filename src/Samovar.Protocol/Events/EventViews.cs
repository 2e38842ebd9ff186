using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Protocol.Events;

/// <summary>A turn's own events as translators to other protocols see them; nothing is written and nothing parsed.</summary>
public static class EventViews
{
    private static readonly RawJson Text = RawJson.Of("""{"type":"output_text"}""");
    private static readonly RawJson Refusal = RawJson.Of("""{"type":"refusal","refusal":""}""");
    private static readonly RawJson Reasoning = RawJson.Of("""{"type":"reasoning_text"}""");

    /// <summary>What the event says, without its own JSON.</summary>
    public static EventView Of(ResponseEvent e, long number, ResponseEventOptions options)
    {
        var view = new EventView { Type = EventNames.Of(e, options), Json = default, SequenceNumber = number };
        return e switch
        {
            ResponseEvent.Created d => view with { Response = ResponseView.Of(d.Response) },
            ResponseEvent.Queued d => view with { Response = ResponseView.Of(d.Response) },
            ResponseEvent.InProgress d => view with { Response = ResponseView.Of(d.Response) },
            ResponseEvent.Completed d => view with { Response = ResponseView.Of(d.Response) },
            ResponseEvent.Incomplete d => view with { Response = ResponseView.Of(d.Response) },
            ResponseEvent.Failed d => view with { Response = ResponseView.Of(d.Response) },
            ResponseEvent.OutputItemAdded d =>
                view with { OutputIndex = d.OutputIndex, Item = ItemReader.ReadOrKeep(d.Item, ProtocolLimits.Default) },
            ResponseEvent.OutputItemDone d => view with { OutputIndex = d.OutputIndex, Item = d.Item },
            ResponseEvent.ContentPartAdded d =>
                view with { ItemId = d.ItemId, OutputIndex = d.OutputIndex, ContentIndex = d.ContentIndex, Part = PartOf(d.Kind) },
            ResponseEvent.ContentPartDone d => view with
            {
                ItemId = d.ItemId, OutputIndex = d.OutputIndex, ContentIndex = d.ContentIndex, Part = PartOf(d.Kind), Whole = d.Text,
                Logprobs = d.Logprobs,
            },
            ResponseEvent.Carried { Type: EventNames.AnnotationAdded } d => OfAnnotation(d, view),
            _ => OfText(e, view),
        };
    }

    private static EventView OfAnnotation(ResponseEvent.Carried d, EventView view) => view with
    {
        ItemId = d.ItemId ?? d.Json.OwnField("item_id"u8).AsText(),
        OutputIndex = d.OutputIndex ?? d.Json.OwnField("output_index"u8).AsNumber(),
        ContentIndex = d.Json.OwnField("content_index"u8).AsNumber(),
        Annotation = d.Json.OwnField("annotation"u8),
    };

    private static EventView OfText(ResponseEvent e, EventView view) => e switch
    {
        ResponseEvent.OutputTextDelta d => More(view, d.ItemId, d.OutputIndex, d.Delta) with
            { ContentIndex = d.ContentIndex, Logprobs = Listed(d.Logprobs) },
        ResponseEvent.RefusalDelta d => More(view, d.ItemId, d.OutputIndex, d.Delta) with { ContentIndex = d.ContentIndex },
        ResponseEvent.ReasoningTextDelta d => More(view, d.ItemId, d.OutputIndex, d.Delta) with { ContentIndex = d.ContentIndex },
        ResponseEvent.ReasoningSummaryTextDelta d => More(view, d.ItemId, d.OutputIndex, d.Delta) with { SummaryIndex = d.SummaryIndex },
        ResponseEvent.FunctionCallArgumentsDelta d => More(view, d.ItemId, d.OutputIndex, d.Delta),
        ResponseEvent.CustomToolCallInputDelta d => More(view, d.ItemId, d.OutputIndex, d.Delta),
        ResponseEvent.OutputTextDone d => Whole(view, d.ItemId, d.OutputIndex, d.Text) with
            { ContentIndex = d.ContentIndex, Logprobs = Listed(d.Logprobs) },
        ResponseEvent.RefusalDone d => Whole(view, d.ItemId, d.OutputIndex, d.Refusal) with { ContentIndex = d.ContentIndex },
        ResponseEvent.ReasoningTextDone d => Whole(view, d.ItemId, d.OutputIndex, d.Text) with { ContentIndex = d.ContentIndex },
        ResponseEvent.ReasoningSummaryTextDone d => Whole(view, d.ItemId, d.OutputIndex, d.Text) with { SummaryIndex = d.SummaryIndex },
        ResponseEvent.FunctionCallArgumentsDone d => Whole(view, d.ItemId, d.OutputIndex, d.Arguments),
        ResponseEvent.CustomToolCallInputDone d => Whole(view, d.ItemId, d.OutputIndex, d.Input),
        _ => view, // no other protocol has these
    };

    private static EventView More(EventView view, string itemId, int index, string text) =>
        view with { ItemId = itemId, OutputIndex = index, Delta = text };

    private static EventView Whole(EventView view, string itemId, int index, string text) =>
        view with { ItemId = itemId, OutputIndex = index, Whole = text };

    private static RawJson Listed(RawJson logprobs) => logprobs.IsEmpty ? RawJson.EmptyArray : logprobs;

    private static RawJson PartOf(PartKind kind) => kind switch
    {
        PartKind.Refusal => Refusal,
        PartKind.ReasoningText => Reasoning,
        _ => Text,
    };
}
