namespace Samovar.Gateway.Faults;

/// <summary>Why an event of an upstream went no further.</summary>
internal enum EventDrop
{
    /// <summary>It names no item, or one that nobody has heard of: the upstream's own news (rate limits, timings).</summary>
    NoItem,

    /// <summary>It names an item that has not begun.</summary>
    NotBegun,

    /// <summary>It names an item that has ended.</summary>
    Ended,
}

/// <summary>Reasons as metrics name them.</summary>
internal static class EventDrops
{
    public static readonly IReadOnlyList<(EventDrop Reason, string Name)> All =
        [(EventDrop.NoItem, "no_item"), (EventDrop.NotBegun, "item_not_begun"), (EventDrop.Ended, "item_ended")];
}
