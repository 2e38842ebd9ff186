using Samovar.Protocol.Events;

namespace Samovar.Client.Transports;

/// <summary>
/// Which lane has which turn. A lane has one at a time, also where its reader has left and the server still speaks; a conversation comes
/// back to the lane that has its newest response in memory.
/// </summary>
/// <remarks>
/// A server that knows no lanes may refuse their names, or pass them over and name none in what it says. Until it is known to know them,
/// one turn at a time waits for its first word: so it is never in doubt whose that is. A server that knows none has the default lane alone.
/// </remarks>
/// <param name="namedMax">Lanes beside the default one.</param>
/// <param name="areKnown">Whether the server is known to know lanes.</param>
internal sealed class SocketLanes(int namedMax, bool areKnown)
{
    private readonly List<WireLane> _lanes = [];
    private readonly Dictionary<WireLane, SocketTurn> _turns = [];
    private TaskCompletionSource _freed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _lost;
    private SocketTurn? _spoken; // whose events come without a name
    private int _namedMax = namedMax;
    private bool _areKnown = areKnown;
    private long _clock;

    /// <summary>Waits for a lane that has no turn, and gives it the one that <paramref name="make"/> makes.</summary>
    public async Task<SocketTurn> TakeAsync(object owner, Func<WireLane, SocketTurn> make, CancellationToken caller)
    {
        while (true)
        {
            Task freed;
            lock (_turns)
            {
                if (_lost is not null) throw new LinkLostException(_lost.Message, _lost, wasNeverSent: true);
                if ((_areKnown || Waiting() is null) && Choose(owner) is { } lane)
                {
                    (lane.Owner, lane.UsedAt) = (owner, ++_clock);
                    return _turns[lane] = make(lane);
                }
                freed = _freed.Task;
            }
            await freed.WaitAsync(caller);
        }
    }

    public void Release(SocketTurn turn)
    {
        lock (_turns)
            if (_turns.GetValueOrDefault(turn.Lane) == turn && _turns.Remove(turn.Lane)) Wake();
    }

    /// <summary>The server takes no names of lanes.</summary>
    public void RefuseNames()
    {
        lock (_turns) _namedMax = 0;
    }

    /// <summary>Whose event it is; null: nobody's.</summary>
    public SocketTurn? Of(EventView e, string? namedResponse)
    {
        lock (_turns)
        {
            _areKnown |= e.StreamId is not null;
            var own = _turns.FirstOrDefault(pair => pair.Key.Name == e.StreamId).Value;
            if (!_areKnown) own = Nameless(e, own);
            if (namedResponse is not null && own?.ResponseId != namedResponse)
                own = _turns.Values.FirstOrDefault(turn => turn.ResponseId == namedResponse) ?? own;
            if (own is null && e is { Type: "error", StreamId: null }) own = Waiting();
            if (own is { HasAnswer: false })
            {
                own.HasAnswer = true;
                Wake();
            }
            return own;
        }
    }

    /// <summary>Nothing comes any more, for any of them.</summary>
    public void Lose(Exception cause)
    {
        lock (_turns)
        {
            _lost ??= cause;
            foreach (var turn in _turns.Values.ToList()) Lose(turn, cause);
            Wake();
        }
    }

    /// <summary>The server begins nothing more: those that wait for its answer have none.</summary>
    public void LoseUnanswered(Exception cause)
    {
        lock (_turns)
            foreach (var turn in _turns.Values.Where(static turn => turn is { IsBegun: true, HasAnswer: false }).ToList())
            {
                turn.EndsUnanswered();
                Lose(turn, cause);
            }
    }

    /// <summary>Whom the server means that takes no message as long as one that came: the longest that it has not answered. It has its
    /// answer then.</summary>
    public SocketTurn? TakeLongest()
    {
        lock (_turns)
        {
            var longest = _turns.Values.Where(static turn => turn is { IsBegun: true, HasAnswer: false })
                .MaxBy(static turn => turn.FrameBytes);
            if (longest is null) return null;
            longest.HasAnswer = true;
            Wake();
            return longest;
        }
    }

    /// <summary>No turn begins here any more; what is running goes on.</summary>
    public void Retire(Exception cause)
    {
        lock (_turns)
        {
            _lost ??= cause;
            Wake();
        }
    }

    /// <summary>Whether somebody waits for the rest of a turn, or is about to send one.</summary>
    public bool HasReaders
    {
        get { lock (_turns) return _turns.Values.Any(static turn => turn is { IsLeft: false, IsEnded: false }); }
    }

    public IReadOnlyList<SocketTurn> Running()
    {
        lock (_turns) return [.. _turns.Values.Where(turn => turn is { IsBegun: true, IsEnded: false })];
    }

    private void Lose(SocketTurn turn, Exception cause)
    {
        turn.Lose(cause);
        if (turn.IsLeft) Release(turn); // nobody else would
    }

    private void Wake()
    {
        _freed.TrySetResult();
        _freed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Whose a nameless event is, where the server may not know of lanes.</summary>
    private SocketTurn? Nameless(EventView e, SocketTurn? own)
    {
        if (_spoken is { } spoken && (spoken.IsEnded || _turns.GetValueOrDefault(spoken.Lane) != spoken)) _spoken = null;
        var begins = e.Type == "response.created" && own is not ({ HasAnswer: false } or { AwaitsSuccessor: true });
        var refuses = e.Type == "error" && own is not { HasAnswer: false }
            && (own is not { IsEnded: false } || e.Error is { Status: < 500 });
        if (!(begins || refuses) || Waiting() is not { } waiting) return _spoken ?? own;
        if (begins) (_namedMax, _spoken) = (0, waiting); // it passes names over
        return waiting;
    }

    /// <summary>The turn that waits for an answer longest.</summary>
    private SocketTurn? Waiting() =>
        _turns.Values.Where(static turn => !turn.HasAnswer && !turn.IsEnded).MinBy(static turn => turn.Lane.UsedAt);

    private WireLane? Choose(object owner)
    {
        var idle = _lanes.Where(lane => !_turns.ContainsKey(lane) && (lane.Name is null || _namedMax > 0)).ToList();
        if (idle.FirstOrDefault(lane => ReferenceEquals(lane.Owner, owner)) is { } own) return own;
        if (_lanes.Count > _namedMax) return idle.MinBy(lane => lane.UsedAt);
        var fresh = new WireLane(_lanes.Count == 0 ? null : $"l{_lanes.Count}");
        _lanes.Add(fresh);
        return fresh;
    }
}
