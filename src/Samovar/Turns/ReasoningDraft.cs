using System.Text;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Turns;

/// <summary>A model's reasoning: summary parts and raw text, in whatever order they come.</summary>
internal sealed class ReasoningDraft(string id, int index, Action<ResponseEvent> publish) : ItemDraft(id, index, publish)
{
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _summary = new();
    private readonly List<string> _texts = [];
    private readonly List<string> _summaries = [];
    private bool _isTextOpen;
    private bool _isSummaryOpen;
    private int _openSummary; // as the backend numbers it

    public override void Begin() => Publish(
        new ResponseEvent.OutputItemAdded(Index, ItemWriter.Reasoning(Id, [], [], encryptedContent: null, ItemStatus.InProgress).Json));

    public override void Add(string text, RawJson logprobs)
    {
        CloseSummary();
        if (!_isTextOpen) Publish(new ResponseEvent.ContentPartAdded(Id, Index, _texts.Count, PartKind.ReasoningText));
        _isTextOpen = true;
        _text.Append(text);
        Publish(new ResponseEvent.ReasoningTextDelta(Id, Index, _texts.Count, text));
    }

    /// <remarks>Parts are numbered here: another number than the open part's begins a new one, whatever it is.</remarks>
    public override void AddSummary(string text, int summaryIndex)
    {
        CloseText();
        if (_isSummaryOpen && summaryIndex != _openSummary) CloseSummary();
        if (!_isSummaryOpen) Publish(new ResponseEvent.ReasoningSummaryPartAdded(Id, Index, _summaries.Count));
        (_isSummaryOpen, _openSummary) = (true, summaryIndex);
        _summary.Append(text);
        Publish(new ResponseEvent.ReasoningSummaryTextDelta(Id, Index, _summaries.Count, text));
    }

    public override void Close(Item? whole)
    {
        CloseSummary();
        CloseText();
    }

    public override Item Make(ItemStatus status) => ItemWriter.Reasoning(Id, _summaries, _texts, encryptedContent: null, status);

    private void CloseText()
    {
        if (!_isTextOpen) return;
        var (at, text) = (_texts.Count, _text.ToString());
        _isTextOpen = false;
        _text.Clear();
        _texts.Add(text);
        Publish(new ResponseEvent.ReasoningTextDone(Id, Index, at, text));
        Publish(new ResponseEvent.ContentPartDone(Id, Index, at, PartKind.ReasoningText, text, default));
    }

    private void CloseSummary()
    {
        if (!_isSummaryOpen) return;
        var (at, text) = (_summaries.Count, _summary.ToString());
        _isSummaryOpen = false;
        _summary.Clear();
        _summaries.Add(text);
        Publish(new ResponseEvent.ReasoningSummaryTextDone(Id, Index, at, text));
        Publish(new ResponseEvent.ReasoningSummaryPartDone(Id, Index, at, text));
    }
}
