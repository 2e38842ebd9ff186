namespace Samovar.Scheduling.Fairness;

/// <summary>
/// What each flow holds of something that can be taken back, so that the largest holder gives way first. Not for two threads at once.
/// </summary>
public sealed class FlowHoldings
{
    private readonly Dictionary<FlowId, long> _held = [];
    private readonly SortedSet<(long Held, string Flow)> _byAmount = new(LargestFirst.Instance);

    /// <summary>All of it.</summary>
    public long Total { get; private set; }

    /// <summary>Flows that hold anything, the one that holds most first. Not to be changed while it is read.</summary>
    public IEnumerable<FlowId> LargestToSmallest => _byAmount.Select(entry => new FlowId(entry.Flow));

    public long HeldBy(FlowId flow) => _held.GetValueOrDefault(flow);

    /// <summary>A flow holds so much more, or less.</summary>
    public void Add(FlowId flow, long amount)
    {
        var before = HeldBy(flow);
        if (before > 0) _byAmount.Remove((before, flow.Value));
        if (before + amount > 0) _byAmount.Add((_held[flow] = before + amount, flow.Value));
        else _held.Remove(flow);
        Total += amount;
    }

    private sealed class LargestFirst : IComparer<(long Held, string Flow)>
    {
        public static readonly LargestFirst Instance = new();

        public int Compare((long Held, string Flow) x, (long Held, string Flow) y) =>
            y.Held.CompareTo(x.Held) is not 0 and var order ? order : string.CompareOrdinal(x.Flow, y.Flow);
    }
}
