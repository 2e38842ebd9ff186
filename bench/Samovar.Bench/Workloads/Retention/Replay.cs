using Samovar.Engine.Retention;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>What came of a replay.</summary>
/// <param name="Sessions">That were played.</param>
/// <param name="InputBlocks">Of all prompts.</param>
/// <param name="NewBlocks">Of these, those that no prompt had before.</param>
/// <param name="AgainBlocks">Computed though they had been before: what the budget cost.</param>
/// <param name="AgainSeconds">What that took.</param>
/// <param name="BlocksMax">Most blocks held at once.</param>
internal sealed record ReplayFigures(
    long Sessions, long Turns, long InputBlocks, long CachedBlocks, long NewBlocks, long AgainBlocks, double AgainSeconds, long BlocksMax);

/// <summary>A time for which blocks wait until a prompt has them again.</summary>
/// <param name="Seconds">What computing them again takes.</param>
internal readonly record struct Wait(double From, double To, long Blocks, double Seconds);

/// <summary>Plays sessions beside each other against one memory.</summary>
/// <remarks>
/// A turn takes what is held of its prompt into its stream (1), computes the others, runs (2) and gives all of it back (3), whereupon
/// memory gives up what is too much (4). A session comes when it is due; of a stream of them only those that run, or of which something
/// is held, are there.
/// </remarks>
/// <param name="waits">Where all waits are noted, whatever memory holds; null where nobody asks.</param>
internal sealed class Replay(IVictimOrder order, long blocksMax, PrefillCost cost, List<Wait>? waits = null)
{
    private readonly WarmMemory _memory = new(order, blocksMax);
    private readonly PriorityQueue<(SessionPlay Session, int Turn, bool Ends), (double At, long Number)> _events = new();
    private long _number, _sessions, _turns, _input, _cached, _new, _again, _most;
    private double _seconds;
    private (SessionPlay Session, int Turn)? _held;

    /// <summary>Whether turns take no time, and the newest stays in the one stream that there is until the next one comes: as an engine
    /// does that is asked one turn after the other.</summary>
    public bool HasOneStream { get; init; }

    /// <param name="arrivals">In the order in which they come.</param>
    public ReplayFigures Run(IEnumerable<SessionPlay> arrivals)
    {
        foreach (var session in arrivals)
        {
            while (_events.TryPeek(out _, out var due) && due.At < session.Start(0)) Next();
            _sessions++;
            Enqueue(session, 0, ends: false, session.Start(0));
        }
        while (_events.Count > 0) Next();
        return new ReplayFigures(_sessions, _turns, _input, _cached, _new, _again, _seconds, _most);
    }

    private void Next()
    {
        _events.TryDequeue(out var due, out var at);
        if (due.Ends) End(due.Session, due.Turn, at.At);
        else Start(due.Session, due.Turn, at.At);
    }

    private void Enqueue(SessionPlay session, int turn, bool ends, double at) => _events.Enqueue((session, turn, ends), (at, _number++));

    private void Start(SessionPlay session, int index, double now)
    {
        var (shape, turn) = (session.Shape, session.Shape.Turns[index]);
        if (turn.Before >= 0 && session.HasEnded[turn.Before])
            order.Returned(shape.Turns[turn.Before].Ending, session.End(turn.Before), now);
        Follow(session, turn, now);
        var isWhole = true;
        if (waits is not null) Note(session, turn, now, waits);
        for (var at = 0; at < turn.Path.Length; at++) // :: 1
        {
            var segment = turn.Path[at];
            var (_, from, blocks) = shape.Segments[segment];
            var there = _memory.Take(session, segment);
            var cached = isWhole ? there : 0;
            isWhole &= cached == blocks;
            Count(shape, from, blocks, cached, isNew: session.Uses[segment]++ == 0);
            session.NextTurn[segment] = turn.NextUse[at];
        }
        session.Newest[turn.Lane] = index;
        _turns++;
        if (HasOneStream) Leave(session, index, now);
        else Enqueue(session, index, ends: true, session.End(index)); // :: 2
        if (index + 1 < shape.Turns.Length) Enqueue(session, index + 1, ends: false, session.Start(index + 1));
    }

    /// <summary>Segments of one prompt that have waited since the same time are one wait.</summary>
    private void Note(SessionPlay session, ShapeTurn turn, double now, List<Wait> noted)
    {
        var open = new Wait(double.NaN, now, 0, 0);
        foreach (var segment in turn.Path)
        {
            var (_, from, blocks) = session.Shape.Segments[segment];
            var since = session.Uses[segment] == 0 || session.Running[segment] > 0 ? double.NaN : session.End(session.LastTurn[segment]);
            if (since != open.From)
            {
                if (open.Blocks > 0) noted.Add(open);
                open = new Wait(since, now, 0, 0);
            }
            if (double.IsNaN(since)) continue;
            var seconds = cost.Seconds((double)from * session.Shape.BlockTokens, (double)(from + blocks) * session.Shape.BlockTokens);
            open = open with { Blocks = open.Blocks + blocks, Seconds = open.Seconds + seconds };
        }
        if (open.Blocks > 0) noted.Add(open);
    }

    private void Count(SessionShape shape, int from, int blocks, int cached, bool isNew)
    {
        _input += blocks;
        _cached += cached;
        if (isNew) _new += blocks;
        else if (cached < blocks)
        {
            _again += blocks - cached;
            _seconds += cost.Seconds((double)(from + cached) * shape.BlockTokens, (double)(from + blocks) * shape.BlockTokens);
        }
    }

    /// <summary>Whose conversation has gone on elsewhere has one user less.</summary>
    private void Follow(SessionPlay session, ShapeTurn turn, double now)
    {
        var old = session.Newest[turn.Lane] is >= 0 and var newest ? session.Shape.Turns[newest].Path : [];
        var same = old.AsSpan().CommonPrefixLength(turn.Path);
        foreach (var segment in turn.Path.AsSpan(same)) session.Users[segment]++;
        foreach (var segment in old.AsSpan(same))
            if (--session.Users[segment] == 0) _memory.Revalue(session, segment, now);
    }

    /// <summary>A turn has ended as it began; whoever was in the stream before makes room for it.</summary>
    private void Leave(SessionPlay session, int index, double now)
    {
        session.HasEnded[index] = true;
        order.Ended(session.Shape.Turns[index].Ending, now);
        if (_held is var (before, turn)) End(before, turn, now);
        _held = (session, index);
    }

    private void End(SessionPlay session, int index, double now)
    {
        var turn = session.Shape.Turns[index];
        session.HasEnded[index] = true;
        foreach (var segment in turn.Path) // :: 3
        {
            session.LastTurn[segment] = index;
            if (turn.IsLast) session.Over[segment]++;
            _memory.Give(session, segment);
        }
        foreach (var segment in turn.Path) _memory.Revalue(session, segment, now);
        if (!HasOneStream && session.Newest[turn.Lane] == index) order.Ended(turn.Ending, now);
        _memory.Trim(now); // :: 4
        _most = Math.Max(_most, _memory.Blocks);
    }
}
