namespace Samovar.Gateway.Destinations;

/// <summary>
/// How long a destination usually takes until it says the first thing about a turn, and which turns wait for longer. Not for two threads
/// at once.
/// </summary>
/// <remarks>
/// The usual time is the 95th percentile of the newest turns. A turn is overdue after three times as long, within bounds, and after k times
/// that where it sends k times as many bytes as is usual: a long prompt takes its time. Whatever else comes from the destination shows that
/// it is alive: the wait counts from there. Once an overdue turn has left without a word the destination is suspect, until it says
/// something: it is tried with one turn each <c>overdueMax</c>.
/// </remarks>
/// <param name="overdueMin">No turn is overdue sooner.</param>
/// <param name="overdueMax">Every turn is overdue then.</param>
internal sealed class FirstEventTimes(TimeSpan overdueMin, TimeSpan overdueMax, TimeProvider time)
{
    private const int SamplesMin = 5, SamplesMax = 64;
    private const double UsualPart = 0.95, Patience = 3;
    private const long Nobody = long.MaxValue;
    private readonly Queue<(TimeSpan Took, long Bytes)> _newest = new(SamplesMax);
    private readonly LinkedList<AskedTurn> _waiting = []; // those who asked first stand first
    private long _heardAt = time.GetTimestamp();
    private long _oldestAt = Nobody;
    private long _leftAt;
    private volatile bool _isSuspect;

    /// <summary>Null until enough turns were answered.</summary>
    public TimeSpan? Usual => _newest.Count < SamplesMin ? null
        : _newest.Select(sample => sample.Took).Order().ElementAt((int)((_newest.Count - 1) * UsualPart));

    /// <summary>Whether a look is worth it. For any thread.</summary>
    public bool MayBeOverdue => _isSuspect
        || Volatile.Read(ref _oldestAt) is var oldest and not Nobody && time.GetElapsedTime(oldest) >= overdueMin;

    /// <summary>Whether an overdue turn left without a word, and it is not time yet to try again, or somebody tries.</summary>
    public bool IsSuspect => _isSuspect && (_waiting.Count > 0 || time.GetElapsedTime(_leftAt) < overdueMax);

    /// <summary>A turn's request is out.</summary>
    public LinkedListNode<AskedTurn> Asked(DestinationPlace place, long bytes)
    {
        var asked = _waiting.AddLast(new AskedTurn(place, bytes, time.GetTimestamp()));
        NoteOldest();
        return asked;
    }

    /// <summary>The destination said something about a turn.</summary>
    public void Heard(LinkedListNode<AskedTurn> asked)
    {
        Heard();
        Remove(asked);
        if (_newest.Count == SamplesMax) _newest.Dequeue();
        _newest.Enqueue((time.GetElapsedTime(asked.Value.At), asked.Value.Bytes));
    }

    /// <summary>The destination answered, though not a turn: it is alive.</summary>
    public void Heard() => (_heardAt, _isSuspect) = (time.GetTimestamp(), false);

    /// <summary>The turn waits no longer, and nothing came.</summary>
    public void Gone(LinkedListNode<AskedTurn> asked)
    {
        if (asked.Value.IsOverdue) (_leftAt, _isSuspect) = (time.GetTimestamp(), true);
        Remove(asked);
    }

    /// <summary>The turns that wait for longer than usual, the longest wait first.</summary>
    /// <param name="usual">What is usual where too few turns were answered here; null where nobody knows.</param>
    /// <param name="times">The factor on the wait that makes one overdue.</param>
    public IReadOnlyList<DestinationPlace> Overdue(TimeSpan? usual, int times)
    {
        if (!MayBeOverdue) return [];
        var limit = (Usual ?? usual) * Patience ?? overdueMax;
        var bytes = _newest.Count == 0 ? 0 : _newest.Select(sample => sample.Bytes).Order().ElementAt(_newest.Count / 2);
        var overdue = _waiting.Where(asked => Waited(asked) >= LimitOf(asked) * times).ToList();
        foreach (var asked in overdue) asked.IsOverdue = true;
        return overdue.ConvertAll(asked => asked.Place);

        TimeSpan LimitOf(AskedTurn asked)
        {
            var scaled = limit * (bytes == 0 ? 1 : Math.Max(1, (double)asked.Bytes / bytes));
            return scaled > overdueMax ? overdueMax : scaled < overdueMin ? overdueMin : scaled;
        }
    }

    private void Remove(LinkedListNode<AskedTurn> asked)
    {
        if (asked.List is not null) _waiting.Remove(asked);
        NoteOldest();
    }

    private TimeSpan Waited(AskedTurn asked) => time.GetElapsedTime(Math.Max(asked.At, _heardAt));

    private void NoteOldest() => Volatile.Write(ref _oldestAt, _waiting.First?.Value.At ?? Nobody);
}
