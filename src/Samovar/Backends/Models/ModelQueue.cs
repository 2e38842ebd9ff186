using Samovar.Scheduling.Fairness;

namespace Samovar.Backends.Models;

/// <summary>
/// Models that are to be loaded, each once: the next is the one that is wanted by whoever had a load longest ago, so that one tenant who
/// asks for many does not hold up another's. The pool's lock is held.
/// </summary>
internal sealed class ModelQueue
{
    private const int FlowsMax = 4096; // who loaded something; beyond it all are equal again
    private readonly List<ModelSlot> _slots = [];
    private readonly Dictionary<FlowId, long> _lastLoad = [];
    private long _loads;

    /// <summary>Those that wait, as they came.</summary>
    public IReadOnlyList<ModelSlot> Slots => _slots;

    /// <summary>One that is loaded but was to give way comes behind those that need its room.</summary>
    public ModelSlot? Next => _slots.Where(static slot => slot.Model is null).MinBy(LastLoadOf) ?? _slots.FirstOrDefault();

    public bool Has(ModelSlot slot) => _slots.Contains(slot);

    public void Add(ModelSlot slot)
    {
        if (!_slots.Contains(slot)) _slots.Add(slot);
    }

    public void Remove(ModelSlot slot)
    {
        _slots.Remove(slot);
        slot.RoomSince = null;
    }

    /// <summary>The model's turn has come.</summary>
    public void Take(ModelSlot slot)
    {
        Remove(slot);
        if (_lastLoad.Count >= FlowsMax) _lastLoad.Clear();
        _loads++;
        foreach (var flow in slot.Askers) _lastLoad[flow] = _loads;
    }

    private long LastLoadOf(ModelSlot slot) => slot.Askers.Min(flow => _lastLoad.GetValueOrDefault(flow));
}
