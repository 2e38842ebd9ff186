using Samovar.Client.Events;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Client.Turns;

/// <summary>How far one response has come, over however many links: its events are taken in their order, each once.</summary>
internal sealed class TurnProgress
{
    private readonly SortedDictionary<int, Item> _done = [];
    private readonly Dictionary<(Said Kind, int Item, int Part), int> _lengths = [];
    private readonly HashSet<(int Item, int Part)> _refusals = []; // that were told to their end

    public string? ResponseId { get; private set; }

    /// <summary>The number of the newest event; -1 where none has come.</summary>
    public long Last { get; private set; } = -1;

    /// <summary>What the response said so far.</summary>
    public IReadOnlyList<Item> Output => [.. _done.Values];

    /// <summary>False for an event that came before.</summary>
    /// <param name="e">What came.</param>
    /// <param name="isCounted">Whether the server goes on by the numbers: others may have any, and each of theirs is new.</param>
    public bool Note(EventView e, bool isCounted)
    {
        var isRepeated = e.Type == "response.created" && ResponseId is not null && (e.SequenceNumber is null || !isCounted);
        if (isRepeated || (isCounted && e.SequenceNumber is { } number && number <= Last)) return false;
        Last = Math.Max(Last, e.SequenceNumber ?? Last);
        ResponseId ??= e.Response?.Id?.Value;
        if (e is { Type: "response.output_item.done", Item: { } item }) _done[PlaceOf(item, e.OutputIndex)] = item;
        if (e.Delta is { } delta && KindOf(e.Type) is { } kind) Lengthen((kind, e.OutputIndex ?? 0, PartOf(kind, e)), delta.Length);
        if (e.Type == "response.refusal.done") _refusals.Add((e.OutputIndex ?? 0, e.ContentIndex ?? 0));
        return true;
    }

    /// <summary>
    /// What a response's last event has that none before it brought: all, where they brought nothing, else the calls that its client
    /// is to answer.
    /// </summary>
    public IReadOnlyList<TurnEvent> Unseen(ResponseView whole)
    {
        if (_done.Count == 0 && _lengths.Count == 0) return [.. Missing(whole).SkipLast(1)];
        var seen = _done.Values.OfType<IToolCall>().Select(static call => call.CallId).ToHashSet(StringComparer.Ordinal);
        var events = new List<TurnEvent>();
        for (var at = 0; at < whole.Output.Count; at++)
        {
            var item = whole.Output[at];
            if (item is IToolCall call && seen.Add(call.CallId))
                events.Add(new TurnEvent.ItemDone(at, item) { Type = "response.output_item.done" });
        }
        if (whole.Output.Count >= _done.Count + events.Count) Complete(whole.Output);
        return events;
    }

    /// <summary>What came item by item stays as it came, and the others are as the response has them.</summary>
    private void Complete(IReadOnlyList<Item> output)
    {
        var came = _done.Values.Where(static item => item.Id is not null).ToLookup(static item => item.Id, StringComparer.Ordinal);
        _done.Clear();
        for (var at = 0; at < output.Count; at++)
            _done[at] = output[at].Id is { } id ? came[id].FirstOrDefault() ?? output[at] : output[at];
    }

    /// <summary>Its place, but that of another item where two are said to be at one.</summary>
    private int PlaceOf(Item item, int? said)
    {
        var place = said ?? _done.Count;
        return _done.TryGetValue(place, out var there) && !AreOne(there, item) ? Math.Max(_done.Keys.Max() + 1, place) : place;
    }

    /// <summary>Two items without ids are one only where they are the same: else the second would take the first's place.</summary>
    private static bool AreOne(Item one, Item other) =>
        one.Id is null && other.Id is null ? one.Json.Equals(other.Json) : one.Id == other.Id;

    /// <summary>
    /// What is missing of a response that was found whole: the rest of its words and thoughts, its items, its end. Their events have no
    /// numbers.
    /// </summary>
    public IReadOnlyList<TurnEvent> Missing(ResponseView whole)
    {
        var events = new List<TurnEvent>();
        if (ResponseId is null) events.Add(new TurnEvent.Created(whole) { Type = "response.created" });
        ResponseId ??= whole.Id?.Value;
        for (var at = 0; at < whole.Output.Count; at++)
        {
            var item = whole.Output[at];
            if (_done.ContainsKey(at)) continue;
            switch (item)
            {
                case MessageItem message: Add(events, message, at); break;
                case ReasoningItem thought: Add(events, thought, at); break;
            }
            _done[at] = item;
            events.Add(new TurnEvent.ItemDone(at, item) { Type = "response.output_item.done" });
        }
        events.Add(TurnEvents.End(whole));
        return events;
    }

    private void Add(List<TurnEvent> events, MessageItem message, int at)
    {
        for (var part = 0; part < message.Content.Count; part++)
        {
            var id = message.Id ?? "";
            switch (message.Content[part])
            {
                case ContentPart.Text { Value: var text } when Rest(Said.Text, at, part, text) is { } rest:
                    events.Add(new TurnEvent.TextDelta(id, at, part, rest) { Type = "response.output_text.delta" });
                    break;
                case ContentPart.Refusal { Value: var refusal } when !_refusals.Contains((at, part)):
                    if (Rest(Said.Refusal, at, part, refusal) is { } more)
                        events.Add(new TurnEvent.RefusalDelta(id, at, part, more) { Type = "response.refusal.delta" });
                    events.Add(new TurnEvent.RefusalDone(id, at, part, refusal) { Type = "response.refusal.done" });
                    break;
            }
        }
    }

    private void Add(List<TurnEvent> events, ReasoningItem thought, int at)
    {
        var id = thought.Id ?? "";
        for (var part = 0; part < thought.Summary.Count; part++)
            if (Rest(Said.Summary, at, part, thought.Summary[part]) is { } rest)
                events.Add(new TurnEvent.SummaryDelta(id, at, part, rest) { Type = "response.reasoning_summary_text.delta" });
        for (var part = 0; part < thought.Content.Count; part++)
            if (Rest(Said.Reasoning, at, part, thought.Content[part]) is { } rest)
                events.Add(new TurnEvent.ReasoningDelta(id, at, part, rest) { Type = "response.reasoning_text.delta" });
    }

    /// <summary>What was not seen of a text; null: it was seen.</summary>
    private string? Rest(Said kind, int item, int part, string text) =>
        _lengths.GetValueOrDefault((kind, item, part)) is var seen && seen < text.Length ? text[seen..] : null;

    private void Lengthen((Said, int, int) place, int chars) => _lengths[place] = _lengths.GetValueOrDefault(place) + chars;

    private static Said? KindOf(string type) => type switch
    {
        "response.output_text.delta" => Said.Text,
        "response.refusal.delta" => Said.Refusal,
        "response.reasoning_summary_text.delta" => Said.Summary,
        "response.reasoning_text.delta" or "response.reasoning.delta" => Said.Reasoning,
        _ => null,
    };

    private static int PartOf(Said kind, EventView e) => (kind == Said.Summary ? e.SummaryIndex : e.ContentIndex) ?? 0;

    private enum Said { Text, Refusal, Summary, Reasoning }
}
