using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Client.History;

/// <summary>
/// One response and what was said for it, behind those before it. Forks share what they have in common; a conversation that outgrows its
/// bound is forgotten here, and rests on the server alone.
/// </summary>
internal sealed class ChainNode
{
    private const int NodeBytes = 128; // what an empty one weighs

    private readonly ChainNode? _parent;
    private readonly IReadOnlyList<RawJson> _items;

    private ChainNode(ChainNode? parent, IReadOnlyList<RawJson> items, long bytes, string responseId)
    {
        (_parent, _items, Bytes, ResponseId) = (parent, items, bytes, responseId);
        IsWhole = parent?.IsWhole ?? true;
    }

    public string ResponseId { get; }

    /// <summary>What the whole chain holds.</summary>
    public long Bytes { get; }

    /// <summary>Whether everything that was said is here.</summary>
    public bool IsWhole { get; private init; }

    /// <summary>The settings it was made with, in their order; null where they are not known.</summary>
    public IReadOnlyList<KeyValuePair<string, RawJson>>? Settings { get; private init; }

    /// <summary>The link that has it in its memory, for what is stored nowhere else.</summary>
    public object? Link { get; private init; }

    public bool IsStored => Settings is null || !Settings.Any(pair => pair.Key == "store" && pair.Value.Utf8.Span.SequenceEqual("false"u8));

    /// <summary>A response of which nothing but its name is known.</summary>
    public static ChainNode OfId(string responseId) => new(null, [], 0, responseId) { IsWhole = false };

    /// <summary>The response behind <paramref name="parent"/>.</summary>
    /// <param name="bytesMax">Beyond it nothing of the chain is kept.</param>
    /// <param name="isKnown">False: the server has more before it than is known here, as of a durable conversation.</param>
    public static ChainNode After(
        ChainNode? parent, IReadOnlyList<RawJson> input, IReadOnlyList<Item> output, string responseId,
        IReadOnlyList<KeyValuePair<string, RawJson>> settings, object? link, int bytesMax, bool isKnown = true)
    {
        List<RawJson> items = [.. input, .. output.Select(item => item.Json)];
        var compaction = output.ToList().FindLastIndex(item => item is CompactionItem);
        if (compaction >= 0) (parent, items) = (null, items[(input.Count + compaction)..]);
        var bytes = (parent?.Bytes ?? 0) + NodeBytes + items.Sum(item => (long)item.Utf8.Length);
        var isKept = bytes <= bytesMax && (isKnown || compaction >= 0) && parent is not { IsWhole: false };
        return new ChainNode(isKept ? parent : null, isKept ? [.. items.Select(item => item.Detach())] : [], isKept ? bytes : 0, responseId)
        {
            IsWhole = isKept,
            Settings = settings,
            Link = link,
        };
    }

    /// <summary>Everything said so far, in its order.</summary>
    public IReadOnlyList<RawJson> AllItems()
    {
        var nodes = new List<ChainNode>();
        for (var node = this; node is not null; node = node._parent) nodes.Add(node);
        nodes.Reverse();
        return [.. nodes.SelectMany(node => node._items)];
    }
}
