using Samovar.Engine.Native;

namespace Samovar.Engine.Sequences;

/// <summary>Says which starts a namespace's prompts have, who stands on them, and where their state is. The engine's thread only; bounded
/// by its steps.</summary>
internal sealed class PrefixSurveyor(SegmentTree tree, StreamTable streams, PinHome home)
{
    private const int StepsMax = 60_000; // segments that are looked at, about a millisecond
    private readonly Dictionary<Segment, int> _streamOf = new(ReferenceEqualityComparer.Instance);
    private int _steps;

    public PrefixSurvey Of(string scope, IReadOnlyList<KeptPrefix> kept, int startsMax, int tokensMin)
    {
        foreach (var slot in streams.Slots)
            for (var at = slot.Leaf; at is not null && _steps++ < StepsMax; at = at.Parent)
                if (at.End <= slot.Length) _streamOf.TryAdd(at, slot.Index);
        return new PrefixSurvey([.. kept.Select(one => Of(one, scope))], [.. Starts(scope, startsMax, tokensMin)]);
    }

    private PrefixPlace Of(KeptPrefix kept, string scope) =>
        kept is KeptPath { Segment: { IsDetached: false } end } path && path.Scope == scope && ReferenceEquals(path.Home, home) ? Of(end)
            : new PrefixPlace(0, 0, IsOnDisk: false, StatePlace.None);

    private PrefixPlace Of(Segment end)
    {
        var (bytes, place) = (end.Checkpoint?.Bytes ?? 0, StatePlace.None);
        for (var at = end; at is { Parent: not null } && _steps++ < StepsMax; at = at.Parent)
        {
            bytes += at.Rows?.Bytes ?? 0;
            if (place.Tokens > 0) continue;
            if (_streamOf.TryGetValue(at, out var stream)) place = new StatePlace(stream, at.IsParked, at.End);
            else if (at.IsParked) place = new StatePlace(-1, true, at.End);
        }
        return new PrefixPlace(end.Users, bytes, end.IsOnDisk, place);
    }

    /// <summary>Those that no longer start with the same users makes useless.</summary>
    private IEnumerable<SharedPrefix> Starts(string scope, int most, int tokensMin)
    {
        if (tree.Find(scope) is not { } root) return [];
        var found = new List<Segment>();
        var open = new Stack<Segment>([root]);
        while (open.TryPop(out var at) && _steps++ < StepsMax)
        {
            if (at is { Parent: not null, Keeps: 0, Users: > 1 } && at.End >= tokensMin && at.Children.All(next => next.Users < at.Users))
                found.Add(at);
            foreach (var next in at.Children)
                if (next.Users > 1) open.Push(next);
        }
        return found.OrderByDescending(static start => (long)start.End * start.Users).Take(most)
            .Select(start => new SharedPrefix(start.FirstTokens(start.End), Hits(start), Of(start)));
    }

    private long Hits(Segment start)
    {
        var (sum, open) = (0L, new Stack<Segment>([start]));
        while (open.TryPop(out var at) && _steps++ < StepsMax)
        {
            sum += at.Hits;
            foreach (var next in at.Children) open.Push(next);
        }
        return sum;
    }
}
