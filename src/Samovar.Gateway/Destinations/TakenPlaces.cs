using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Destinations;

/// <summary>The places at one destination that are taken, and by whom. Not for two threads at once.</summary>
internal sealed class TakenPlaces
{
    private readonly HashSet<DestinationPlace> _places = [];
    private readonly Dictionary<FlowId, int> _held = [];

    public int Count => _places.Count;

    public int HeldBy(FlowId flow) => _held.GetValueOrDefault(flow);

    /// <summary>Those whose turn's answer nobody has read for some time.</summary>
    public int CountOfPaused(TimeSpan time)
    {
        var count = 0;
        foreach (var place in _places)
            if (place.PausedFor >= time) count++;
        return count;
    }

    public void Add(DestinationPlace place)
    {
        _places.Add(place);
        _held[place.Flow] = HeldBy(place.Flow) + 1;
    }

    public void Remove(DestinationPlace place)
    {
        if (!_places.Remove(place)) return;
        if (HeldBy(place.Flow) is > 1 and var held) _held[place.Flow] = held - 1;
        else _held.Remove(place.Flow);
    }
}
