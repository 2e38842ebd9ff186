namespace Samovar.Scheduling.Fairness;

/// <summary>
/// Places for work that cannot be taken back once it runs: a flow may take one only while it holds fewer than a multiple of the free ones,
/// so that however many it asks for, some stay free for the others. Safe for all threads.
/// </summary>
/// <remarks>
/// Dynamic thresholds, as switches share their buffers: of <c>n</c> places one greedy flow gets <c>n·k/(1+k)</c>, two get
/// <c>n·k/(1+2k)</c> each, and so on; no configuration names the flows.
/// </remarks>
/// <param name="placesMax">All places; at least 1.</param>
/// <param name="multiple">How many times the free places one flow may hold; at least 1.</param>
public sealed class SharedPlaces(int placesMax, int multiple)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<FlowId, int> _held = [];
    private int _taken;

    /// <summary>Places that are taken.</summary>
    public int Taken { get { lock (_gate) return _taken; } }

    /// <summary>Places that a flow holds.</summary>
    public int TakenBy(FlowId flow) { lock (_gate) return _held.GetValueOrDefault(flow); }

    /// <summary>Takes a place; false when there is none, or when the flow holds its share. The first place of a flow needs only a free
    /// one.</summary>
    public bool TryTake(FlowId flow)
    {
        lock (_gate)
        {
            var (free, held) = (placesMax - _taken, _held.GetValueOrDefault(flow));
            if (free <= 0 || held > 0 && held >= (long)multiple * free) return false;
            _held[flow] = held + 1;
            _taken++;
            return true;
        }
    }

    /// <summary>Gives a place back.</summary>
    /// <returns>Places that are still taken.</returns>
    public int GiveBack(FlowId flow)
    {
        lock (_gate)
        {
            if (!_held.TryGetValue(flow, out var held)) throw new InvalidOperationException($"Flow {flow} holds no place.");
            if (held == 1) _held.Remove(flow);
            else _held[flow] = held - 1;
            return --_taken;
        }
    }
}
