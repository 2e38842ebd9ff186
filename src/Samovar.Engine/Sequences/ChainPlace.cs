namespace Samovar.Engine.Sequences;

/// <summary>Where a turn of a chain ended. The chain's newest is a user of the segments on its path; one that was gone on from is one
/// again when all that followed was dropped. The engine's thread only.</summary>
/// <remarks>It says nothing of tokens: a place that is dropped stays linked as long as a later one of its chain is held.</remarks>
internal sealed class ChainPlace
{
    private ChainPlace? _before;
    private Segment? _segment;
    private int _continuations;

    /// <summary>A turn has ended at a segment.</summary>
    /// <param name="segment">There.</param>
    /// <param name="before">The place that it went on from.</param>
    /// <param name="changed">Called for each segment whose users have changed.</param>
    public static ChainPlace Begin(Segment segment, ChainPlace? before, Action<Segment> changed)
    {
        var place = new ChainPlace { _segment = segment, _before = before };
        var left = before is { _continuations: 0 } ? before._segment : null;
        if (before is not null) before._continuations++;
        Shift(left, segment, changed);
        return place;
    }

    /// <summary>Nobody holds it any more.</summary>
    public void End(Action<Segment> changed)
    {
        var left = _continuations == 0 ? _segment : null;
        _segment = null;
        var place = this;
        while (place is { _segment: null, _continuations: 0, _before: { } before })
        {
            place._before = null;
            before._continuations--;
            place = before;
        }
        Shift(left, !ReferenceEquals(place, this) && place._continuations == 0 ? place._segment : null, changed);
    }

    /// <summary>Its chain is over: nobody stands on it, and on what came before it neither, though that may still be held.</summary>
    public void Finish(Action<Segment> changed)
    {
        var left = _continuations == 0 ? _segment : null;
        (_segment, _before) = (null, null);
        Shift(left, null, changed);
    }

    /// <summary>A user moves from one path to another; costs the difference between the two.</summary>
    private static void Shift(Segment? from, Segment? to, Action<Segment> changed)
    {
        var meeting = StreamTable.Meeting(from, to);
        for (var at = to; at is not null && !ReferenceEquals(at, meeting); at = at.Parent)
        {
            at.Users++;
            changed(at);
        }
        for (var at = from; at is not null && !ReferenceEquals(at, meeting); at = at.Parent)
        {
            at.Users--;
            changed(at);
        }
    }
}
