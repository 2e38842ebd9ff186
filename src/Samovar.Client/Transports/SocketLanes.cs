using Samovar.Protocol.Events;

namespace Samovar.Client.Transports;

/// <summary>
/// Which lane has which turn. A lane has one at a time, also where its reader has left and the server still speaks; a conversation comes
/// back to the lane that has its newest response in memory.
/// </summary>
#pragma warning disable CA1001 // a semaphore without a wait handle holds nothing, and who waits may come back later than the socket ends
internal sealed class SocketLanes(int namedMax)
#pragma warning restore CA1001
{
    private readonly List<WireLane> _lanes = [];
    private readonly Dictionary<WireLane, SocketTurn> _turns = [];
    private readonly SemaphoreSlim _free = new(namedMax + 1);
    private Exception? _lost;
    private long _clock;

    /// <summary>Waits for a lane that has no turn, and gives it the one that <paramref name="make"/> makes.</summary>
    public async Task<SocketTurn> TakeAsync(object owner, Func<WireLane, SocketTurn> make, CancellationToken caller)
    {
        await _free.WaitAsync(caller);
        lock (_turns)
        {
            if (_lost is not null)
            {
                _free.Release();
                throw new LinkLostException(_lost.Message, _lost, wasNeverSent: true);
            }
            var lane = Choose(owner);
            (lane.Owner, lane.UsedAt) = (owner, ++_clock);
            return _turns[lane] = make(lane);
        }
    }

    public void Release(SocketTurn turn)
    {
        lock (_turns)
            if (_turns.GetValueOrDefault(turn.Lane) != turn || !_turns.Remove(turn.Lane)) return;
        _free.Release();
    }

    /// <summary>Whose event it is; null: nobody's.</summary>
    public SocketTurn? Of(EventView e, string? namedResponse)
    {
        lock (_turns)
        {
            var own = _turns.FirstOrDefault(pair => pair.Key.Name == e.StreamId).Value;
            if (namedResponse is not null && own?.ResponseId != namedResponse)
                own = _turns.Values.FirstOrDefault(turn => turn.ResponseId == namedResponse) ?? own;
            if (own is not null || e.Type != "error" || e.StreamId is not null) return own;
            return _turns.Values.Where(turn => turn is { IsBegun: true, HasAnswer: false }).MinBy(turn => turn.Lane.UsedAt); // the eldest
        }
    }

    /// <summary>Nothing comes any more, for any of them.</summary>
    public void Lose(Exception cause)
    {
        lock (_turns)
        {
            _lost ??= cause;
            foreach (var turn in _turns.Values.ToList())
            {
                turn.Lose(cause);
                if (turn.IsLeft) Release(turn); // nobody else would
            }
        }
    }

    public IReadOnlyList<SocketTurn> Running()
    {
        lock (_turns) return [.. _turns.Values.Where(turn => turn is { IsBegun: true, IsEnded: false })];
    }

    private WireLane Choose(object owner)
    {
        var idle = _lanes.Where(lane => !_turns.ContainsKey(lane)).ToList();
        if (idle.FirstOrDefault(lane => ReferenceEquals(lane.Owner, owner)) is { } own) return own;
        if (_lanes.Count > namedMax) return idle.MinBy(lane => lane.UsedAt)!;
        var fresh = new WireLane(_lanes.Count == 0 ? null : $"l{_lanes.Count}");
        _lanes.Add(fresh);
        return fresh;
    }
}
