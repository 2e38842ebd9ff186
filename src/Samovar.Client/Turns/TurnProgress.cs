using Samovar.Client.Events;
using Samovar.Protocol.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Client.Turns;

/// <summary>How far one response has come, over however many links: its events are taken in their order, each once.</summary>
internal sealed class TurnProgress
{
    private readonly SortedDictionary<int, Item> _done = [];
    private readonly Dictionary<(int Item, int Part), int> _textLengths = [];

    public string? ResponseId { get; private set; }

    /// <summary>The number of the newest event; -1 where none has come.</summary>
    public long Last { get; private set; } = -1;

    /// <summary>What the response said so far.</summary>
    public IReadOnlyList<Item> Output => [.. _done.Values];

    /// <summary>False for an event that came before.</summary>
    public bool Note(EventView e)
    {
        var isRepeated = e.Type == "response.created" && ResponseId is not null && e.SequenceNumber is null;
        if (isRepeated || e.SequenceNumber is { } number && number <= Last) return false;
        Last = e.SequenceNumber ?? Last;
        ResponseId ??= e.Response?.Id?.Value;
        if (e is { Type: "response.output_item.done", Item: { } item }) _done[e.OutputIndex ?? _done.Count] = item;
        if (e is { Type: "response.output_text.delta", Delta: { } delta })
            Lengthen((e.OutputIndex ?? 0, e.ContentIndex ?? 0), delta.Length);
        return true;
    }

    /// <summary>
    /// What is missing of a response that was found whole: the rest of its texts, its items, its end. Their events have no numbers.
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
            for (var part = 0; item is MessageItem message && part < message.Content.Count; part++)
            {
                var seen = _textLengths.GetValueOrDefault((at, part));
                if (message.Content[part] is not ContentPart.Text { Value: var text } || text.Length <= seen) continue;
                events.Add(new TurnEvent.TextDelta(item.Id ?? "", at, part, text[seen..]) { Type = "response.output_text.delta" });
            }
            _done[at] = item;
            events.Add(new TurnEvent.ItemDone(at, item) { Type = "response.output_item.done" });
        }
        events.Add(TurnEvents.End(whole));
        return events;
    }

    private void Lengthen((int, int) place, int chars) => _textLengths[place] = _textLengths.GetValueOrDefault(place) + chars;
}
