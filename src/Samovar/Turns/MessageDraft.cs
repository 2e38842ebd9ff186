using System.Text;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Turns;

/// <summary>An assistant's message: parts of text and of refusal, one after the other.</summary>
internal sealed class MessageDraft(string id, string? phase, int index, Action<ResponseEvent> publish) : ItemDraft(id, index, publish)
{
    private const int UsualChars = 128;
    private readonly StringBuilder _text = new(UsualChars);
    private readonly List<OutputPart> _parts = new(1); // mostly
    private JsonArrayJoin? _logprobs, _annotations;
    private int _annotated; // of the open part
    private PartKind? _open;

    /// <summary>Takes the pieces of texts in place of their events.</summary>
    public Action<string, RawJson>? Unheard { get; init; }

    public override void Begin() =>
        Publish(new ResponseEvent.OutputItemAdded(Index, ItemWriter.MessageJson(Id, [], phase, ItemStatus.InProgress)));

    public override void Add(string text, RawJson logprobs)
    {
        Open(PartKind.OutputText);
        _text.Append(text);
        if (!logprobs.IsEmpty) (_logprobs ??= new JsonArrayJoin()).Add(logprobs);
        if (Unheard is not null) Unheard(text, logprobs);
        else Publish(new ResponseEvent.OutputTextDelta(Id, Index, _parts.Count, text, logprobs));
    }

    public override void AddRefusal(string text)
    {
        Open(PartKind.Refusal);
        _text.Append(text);
        Publish(new ResponseEvent.RefusalDelta(Id, Index, _parts.Count, text));
    }

    /// <remarks>A refusal rests on nothing.</remarks>
    public override void Annotate(RawJson annotation)
    {
        if (_open == PartKind.Refusal || !annotation.IsObject) return;
        Open(PartKind.OutputText);
        var json = AnnotationAdded.Json(Id, Index, _parts.Count, _annotated, annotation);
        Note(annotation);
        Publish(new ResponseEvent.Carried(EventNames.AnnotationAdded, json, Index, Id));
    }

    public override void Carry(string type, RawJson json)
    {
        if (type == EventNames.AnnotationAdded && json.OwnField("annotation"u8) is { IsObject: true } annotation) Note(annotation);
        base.Carry(type, json);
    }

    public override void Close(Item? whole)
    {
        if (_parts.Count == 0 && _open is null) Open(PartKind.OutputText); // a message has a part, also when the model said nothing
        ClosePart(whole as MessageItem);
    }

    public override Item Make(ItemStatus status) => ItemWriter.Message(Id, _parts, phase, status);

    private void Open(PartKind kind)
    {
        if (_open == kind) return;
        ClosePart();
        _open = kind;
        Publish(new ResponseEvent.ContentPartAdded(Id, Index, _parts.Count, kind));
    }

    private void Note(RawJson annotation)
    {
        _annotated++;
        (_annotations ??= new JsonArrayJoin()).AddOne(annotation);
    }

    private void ClosePart(MessageItem? whole = null)
    {
        if (_open is not { } kind) return;
        var (at, text, logprobs) = (_parts.Count, Text(whole), _logprobs?.Take() ?? default);
        var annotations = kind == PartKind.OutputText ? _annotations?.Take() ?? default : default;
        _annotated = 0;
        _text.Clear();
        _open = null;
        Publish(kind == PartKind.Refusal
            ? new ResponseEvent.RefusalDone(Id, Index, at, text)
            : new ResponseEvent.OutputTextDone(Id, Index, at, text, logprobs));
        Publish(new ResponseEvent.ContentPartDone(Id, Index, at, kind, text, logprobs, annotations));
        _parts.Add(new OutputPart(kind, text, logprobs, annotations));
    }

    /// <summary>The open part's, which the whole may have already.</summary>
    private string Text(MessageItem? whole) => _parts.Count < whole?.Content.Count
        && whole.Content[_parts.Count] is ContentPart.Text { Value: var text } && _text.Equals(text.AsSpan()) ? text : _text.ToString();
}
