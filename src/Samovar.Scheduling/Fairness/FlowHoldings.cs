namespace Samovar.Scheduling.Fairness;

/// <summary>
/// What each flow holds of something that can be taken back, so that the largest holder gives way first. Not for two threads at once.
/// </summary>
public sealed class FlowHoldings
{
    private readonly Dictionary<FlowId, long> _held = [];
    private readonly SortedSet<(long Held, string Flow)> _byAmount = new(LargestFirst.Instance); // as of the last look
    private readonly Dictionary<FlowId, long> _placed = []; // the amounts there
    private readonly HashSet<FlowId> _changed = []; // since then

    /// <summary>All of it.</summary>
    public long Total { get; private set; }

    /// <summary>Flows that hold anything, the one that holds most first. Not to be changed while it is read.</summary>
    /// <remarks>Costs what has changed since it was read last: amounts change with every turn, and only those who lack room look.</remarks>
    public IEnumerable<FlowId> LargestToSmallest
    {
        get
        {
            foreach (var flow in _changed)
            {
                Displace(flow);
                _byAmount.Add((_placed[flow] = _held[flow], flow.Value));
            }
            _changed.Clear();
            return _byAmount.Select(entry => new FlowId(entry.Flow));
        }
    }

    public long HeldBy(FlowId flow) => _held.GetValueOrDefault(flow);

    /// <summary>A flow holds so much more, or less.</summary>
    public void Add(FlowId flow, long amount)
    {
        Total += amount;
        if ((HeldBy(flow) + amount) is > 0 and var held)
        {
            _held[flow] = held;
            _changed.Add(flow);
            return;
        }
        _held.Remove(flow);
        _changed.Remove(flow);
        Displace(flow);
    }

    private void Displace(FlowId flow)
    {
        if (_placed.Remove(flow, out var amount)) _byAmount.Remove((amount, flow.Value));
    }

    private sealed class LargestFirst : IComparer<(long Held, string Flow)>
    {
        public static readonly LargestFirst Instance = new();

        public int Compare((long Held, string Flow) x, (long Held, string Flow) y) =>
            y.Held.CompareTo(x.Held) is not 0 and var order ? order : string.CompareOrdinal(x.Flow, y.Flow);
    }
}
