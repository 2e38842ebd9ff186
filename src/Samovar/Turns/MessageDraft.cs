using System.Text;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Turns;

/// <summary>An assistant's message: parts of text and of refusal, one after the other.</summary>
internal sealed class MessageDraft(string id, string? phase, int index, Action<ResponseEvent> publish) : ItemDraft(id, index, publish)
{
    private readonly StringBuilder _text = new();
    private readonly List<OutputPart> _parts = [];
    private JsonArrayJoin? _logprobs;
    private PartKind? _open;

    public override void Begin() =>
        Publish(new ResponseEvent.OutputItemAdded(Index, ItemWriter.Message(Id, [], phase, ItemStatus.InProgress).Json));

    public override void Add(string text, RawJson logprobs)
    {
        Open(PartKind.OutputText);
        _text.Append(text);
        if (!logprobs.IsEmpty) (_logprobs ??= new JsonArrayJoin()).Add(logprobs);
        Publish(new ResponseEvent.OutputTextDelta(Id, Index, _parts.Count, text, logprobs));
    }

    public override void AddRefusal(string text)
    {
        Open(PartKind.Refusal);
        _text.Append(text);
        Publish(new ResponseEvent.RefusalDelta(Id, Index, _parts.Count, text));
    }

    public override void Close()
    {
        if (_parts.Count == 0 && _open is null) Open(PartKind.OutputText); // a message has a part, also when the model said nothing
        ClosePart();
    }

    public override Item Make(ItemStatus status) => ItemWriter.Message(Id, _parts, phase, status);

    private void Open(PartKind kind)
    {
        if (_open == kind) return;
        ClosePart();
        _open = kind;
        Publish(new ResponseEvent.ContentPartAdded(Id, Index, _parts.Count, kind));
    }

    private void ClosePart()
    {
        if (_open is not { } kind) return;
        var (at, text, logprobs) = (_parts.Count, _text.ToString(), _logprobs?.Take() ?? default);
        _text.Clear();
        _open = null;
        Publish(kind == PartKind.Refusal
            ? new ResponseEvent.RefusalDone(Id, Index, at, text)
            : new ResponseEvent.OutputTextDone(Id, Index, at, text, logprobs));
        Publish(new ResponseEvent.ContentPartDone(Id, Index, at, kind, text, logprobs));
        _parts.Add(new OutputPart(kind, text, logprobs));
    }
}
