using System.Diagnostics.CodeAnalysis;

namespace Samovar.Scheduling.Fairness;

/// <summary>
/// A bounded queue that takes flows in turn by what they have used, each flow's work in its own order, and whose places are shared: when it
/// is full the longest line gives way. Not for two threads at once.
/// </summary>
/// <param name="placesMax">Work that may wait, of all flows together; at least 1.</param>
/// <param name="ledger">What the flows have used; the server of the work charges it. May be shared with what runs.</param>
/// <param name="mayGiveWay">Whether work may be asked to leave for another's; null: all may.</param>
public sealed class FairQueue<TWork>(int placesMax, FairLedger ledger, Func<TWork, bool>? mayGiveWay = null) where TWork : class
{
    private readonly Dictionary<FlowId, LinkedList<TWork>> _lines = [];

    /// <summary>Work that may wait. May change: what waits beyond it stays.</summary>
    public int PlacesMax { get; set; } = placesMax;

    /// <summary>Work that waits.</summary>
    public int Count { get; private set; }

    /// <summary>Work of one flow that waits.</summary>
    public int CountOf(FlowId flow) => _lines.TryGetValue(flow, out var line) ? line.Count : 0;

    /// <summary>Flows of which something waits.</summary>
    public IReadOnlyCollection<FlowId> Flows => _lines.Keys;

    /// <summary>Work in the order in which it should be served: the flow that used least first.</summary>
    /// <remarks>A copy: the queue may change while it is read.</remarks>
    public IReadOnlyList<TWork> InTurn =>
        [.. _lines.OrderBy(line => ledger.Used(line.Key)).ThenBy(line => line.Value.Count).SelectMany(line => line.Value)];

    /// <summary>
    /// Takes work in. When there is no place, the newest work of the longest line leaves for it and is handed to the caller, who refuses
    /// it; where the flow's own line is (one of) the longest, the new work itself is not taken. A flow of which nothing waits is taken in
    /// even where none of the longest line may give way, up to as many again.
    /// </summary>
    /// <returns>Whether the work waits now.</returns>
    public bool TryEnter(FlowId flow, TWork work, out TWork? gaveWay)
    {
        gaveWay = null;
        if (Count >= PlacesMax && !TryMakeRoom(flow, out gaveWay) && !IsFirstOfMany(flow)) return false;
        Put(flow, work, isFirst: false);
        return true;
    }

    /// <summary>Takes work back in that was being served: in front of its line, and always, since its place was paid for.</summary>
    public void Return(FlowId flow, TWork work) => Put(flow, work, isFirst: true);

    /// <summary>Takes work out, served or given up; false where it does not wait.</summary>
    public bool Remove(FlowId flow, TWork work)
    {
        if (!_lines.TryGetValue(flow, out var line) || !line.Remove(work)) return false;
        if (line.Count == 0) _lines.Remove(flow);
        Count--;
        ledger.Leave(flow);
        return true;
    }

    private void Put(FlowId flow, TWork work, bool isFirst)
    {
        if (!_lines.TryGetValue(flow, out var line)) _lines[flow] = line = [];
        if (isFirst) line.AddFirst(work);
        else line.AddLast(work);
        Count++;
        ledger.Enter(flow);
    }

    private bool TryMakeRoom(FlowId flow, [NotNullWhen(true)] out TWork? gaveWay)
    {
        gaveWay = null;
        var (longest, most) = (flow, CountOf(flow) + 1); // a line that is no longer than the newcomer's would be: nobody gains
        foreach (var (other, line) in _lines)
        {
            if (line.Count <= most || NewestOf(line) is not { } newest) continue;
            (longest, most, gaveWay) = (other, line.Count, newest);
        }
        if (gaveWay is null) return false;
        Remove(longest, gaveWay);
        return true;
    }

    private bool IsFirstOfMany(FlowId flow) =>
        mayGiveWay is not null && CountOf(flow) == 0 && Count < 2 * PlacesMax && _lines.Values.Any(line => line.Count > 1);

    private TWork? NewestOf(LinkedList<TWork> line)
    {
        for (var at = line.Last; at is not null; at = at.Previous)
            if (mayGiveWay is null || mayGiveWay(at.Value)) return at.Value;
        return null;
    }
}
