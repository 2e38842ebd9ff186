using Samovar.Engine.Native;

namespace Samovar.Engine.Sequences;

/// <summary>Says where the state of pinned paths is, and which starts they share. The engine's thread only; bounded by its steps.</summary>
/// <remarks>Starts are compared by segment: paths of two namespaces never share one.</remarks>
internal sealed class StateSurvey(SegmentTree tree, StreamTable streams, PinHome pins)
{
    private const int StepsMax = 60_000; // segments that are looked at, about a millisecond
    private const int UsersMax = 64;
    private readonly Dictionary<Segment, int> _streamOf = [];
    private readonly Dictionary<Segment, List<int>> _users = [];
    private int _steps;

    public EngineMap Of(IReadOnlyList<SequencePin> pins, int sharedMax, int sharedTokensMin)
    {
        var streamTokens = 0L;
        foreach (var slot in streams.Slots)
        {
            streamTokens += slot.Length;
            for (var at = slot.Leaf; at is not null && _steps++ < StepsMax; at = at.Parent)
                if (at.End <= slot.Length) _streamOf.TryAdd(at, slot.Index);
        }
        var places = new StatePlace[pins.Count];
        for (var index = 0; index < places.Length; index++) places[index] = Place(pins[index], index);
        var shared = _users
            .Where(pair => pair.Key.Kept is not null
                || (pair.Value.Count > 1 && pair.Key.End >= sharedTokensMin && IsForkOrEnd(pair.Key, pair.Value.Count)))
            .OrderByDescending(pair => (long)pair.Key.End * pair.Value.Count).Take(sharedMax)
            .Select(pair => new SharedStart(tree.NameOf(pair.Key), pair.Key.End, Hits(pair.Key), [.. pair.Value.Take(UsersMax)],
                PlaceOf(pair.Key)) { Kept = pair.Key.Kept });
        return new EngineMap(places, [.. shared], streamTokens, tree.Roots.Sum(Parked));
    }

    private StatePlace Place(SequencePin pin, int index)
    {
        if (pin is not HeldPath { Segment: { } end } held || !ReferenceEquals(held.Home, pins)) return StatePlace.None;
        if (end.IsDetached) return OnDisk(end, held.Path.Length);
        var place = StatePlace.None;
        for (var at = end; at is { Parent: not null } && _steps++ < StepsMax; at = at.Parent)
        {
            if (place.Tokens == 0) place = PlaceOf(at);
            if (!_users.TryGetValue(at, out var users)) _users[at] = users = [];
            users.Add(index);
        }
        return place.Tokens * 2 >= held.Path.Length ? place : StatePlace.None; // less is the start that others have, too
    }

    /// <summary>What has left memory has left its tree: where files have it, the next turn reads it back.</summary>
    private StatePlace OnDisk(Segment end, int tokens)
    {
        for (var at = end; at is { Parent: not null } && at.End * 2 >= tokens && _steps++ < StepsMax; at = at.Parent)
            if (PlaceOf(at) is { Tokens: > 0 } place) return place.IsOnDisk ? place : StatePlace.None;
        return StatePlace.None;
    }

    private StatePlace PlaceOf(Segment segment) =>
        _streamOf.TryGetValue(segment, out var stream) ? new StatePlace(stream, segment.IsParked, segment.End)
            : segment.IsParked ? new StatePlace(-1, true, segment.End)
            : segment.IsOnDisk ? new StatePlace(-1, false, segment.End) { IsOnDisk = true } : StatePlace.None;

    /// <summary>Whether no longer start has the same users.</summary>
    private bool IsForkOrEnd(Segment segment, int users)
    {
        foreach (var child in segment.Children)
        {
            if (_steps++ >= StepsMax) return false;
            if (_users.TryGetValue(child, out var further) && further.Count == users) return false;
        }
        return true;
    }

    private long Hits(Segment start) => Walk(start, static segment => segment.Hits);

    private long Parked(Segment root) => Walk(root, static segment => segment.Rows is not null ? segment.Tokens.Length
        : segment.Checkpoint is { Part: StatePart.Whole } ? segment.End : 0);

    private long Walk(Segment start, Func<Segment, long> count)
    {
        var (sum, open) = (0L, new Stack<Segment>([start]));
        while (open.TryPop(out var segment) && _steps++ < StepsMax)
        {
            sum += count(segment);
            foreach (var child in segment.Children) open.Push(child);
        }
        return sum;
    }
}
