using Samovar.Engine.Parking;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Disk;

/// <summary>Writes what waits in streams and in host memory: while the engine has nothing to do, between the rounds of turns when it has
/// waited for long, and at the end. Then a process that is killed loses little, and one that ends loses nothing.</summary>
internal sealed class DiskSaver
{
    private static readonly TimeSpan FullPause = TimeSpan.FromMilliseconds(100);
    private const int TriesMax = 1000; // each one fills half of the queue at least
    private const int BusyShare = 10; // of the engine's time one part in so many at most, while turns run
    private readonly StreamTable _streams;
    private readonly ParkedStore _store;
    private readonly DiskTier _tier;
    private readonly DiskWriter _writer;
    private readonly DiskTimes _times;
    private readonly EngineOptions _options;
    private readonly Dictionary<int, Waiting> _slots = [];
    private readonly Queue<(Segment Segment, long Since)> _parked = new();
    private readonly HashSet<Segment> _queued = new(ReferenceEqualityComparer.Instance); // bounded by what is parked
    private long _looked, _saved;
    private TimeSpan _took;
    private bool _hadFailed;

    public DiskSaver(StreamTable streams, ParkedStore store, DiskTier tier, DiskWriter writer, DiskTimes times, EngineOptions options)
    {
        (_streams, _store, _tier, _writer, _times, _options) = (streams, store, tier, writer, times, options);
        (_looked, _saved) = (times.Now, times.Now);
        tier.HasCome = Queue;
    }

    /// <summary>Writes one piece that waits for it; false where there is nothing to do now. The engine's thread, while no turn
    /// runs.</summary>
    public bool Idle()
    {
        if (!HasRoom()) return Later(_writer.Health.RestLeft is { Ticks: > 0 } rest ? rest : FullPause);
        if (Save(_options.DiskSaveDelay, out var next)) return true;
        return next == TimeSpan.MaxValue ? Pending() : Later(next);
    }

    /// <summary>Writes what has waited for long. The engine's thread, between two rounds: the turns wait for as long as one stream is
    /// copied, and for a small part of the time in all.</summary>
    public void Busy()
    {
        var after = _options.DiskSaveMax / 2; // the other half is for what waits in front of it, and for the disk
        if (_times.Since(_looked) < after / BusyShare || _times.Since(_saved) < (BusyShare - 1) * _took) return;
        _looked = _times.Now;
        if (!HasRoom()) return;
        var began = _times.Now;
        if (!Save(after, out _)) return;
        (_saved, _took) = (_times.Now, _times.Since(began));
        _looked = began - 1; // there may be more
    }

    /// <summary>Writes all that is only in memory, what was used last first, for so long at most. After the engine's thread.</summary>
    public void Drain(TimeSpan most)
    {
        var began = _times.Now;
        foreach (var slot in _streams.Slots.OrderByDescending(slot => slot.LastUsed))
            for (var tries = 0; slot.IsIdle && !_tier.IsSaved(slot) && tries < TriesMax && IsFree(); tries++) _tier.Save(slot);
        foreach (var segment in _store.Ends.OrderByDescending(segment => segment.LastUsed).ToList()) // saving may cut segments
            for (var tries = 0; !DiskTier.IsSaved(segment) && tries < TriesMax && IsFree(); tries++) _tier.Save(segment);

        bool IsFree() => _writer.WaitForRoom(_options.DiskQueueBytesMax / 2, most - _times.Since(began));
    }

    /// <summary>Saves the stream, or else the parked segment, that has waited longest, where that is long enough.</summary>
    private bool Save(TimeSpan after, out TimeSpan next)
    {
        next = TimeSpan.MaxValue;
        var longest = TimeSpan.Zero;
        var chosen = (StreamSlot?)null;
        foreach (var slot in _streams.Slots)
        {
            if (_tier.IsSaved(slot))
            {
                _slots.Remove(slot.Index);
                continue;
            }
            if (!_slots.TryGetValue(slot.Index, out var known)) _slots[slot.Index] = known = new Waiting(_times.Now, null);
            var waited = _times.Since(known.Since);
            var left = known.TriedAt is { } tried ? _options.DiskRetryDelay - _times.Since(tried) : after - waited;
            if (left > TimeSpan.Zero) next = left < next ? left : next;
            else if (chosen is null || waited > longest) (chosen, longest) = (slot, waited);
        }
        if (chosen is not null)
        {
            _tier.Save(chosen);
            if (_tier.IsSaved(chosen)) _slots.Remove(chosen.Index); // what a next turn adds has its own time
            else _slots[chosen.Index] = new Waiting(_slots[chosen.Index].Since, _times.Now);
            return true;
        }
        return SaveParked(after, ref next);
    }

    private bool SaveParked(TimeSpan after, ref TimeSpan next)
    {
        while (_parked.TryPeek(out var first))
        {
            if (first.Segment.IsDetached || DiskTier.IsSaved(first.Segment))
            {
                _parked.Dequeue();
                _queued.Remove(first.Segment);
                continue;
            }
            if (after - _times.Since(first.Since) is { Ticks: > 0 } left)
            {
                next = left < next ? left : next;
                return false;
            }
            _parked.Dequeue();
            _queued.Remove(first.Segment);
            _tier.Save(first.Segment);
            if (!DiskTier.IsSaved(first.Segment) && !_writer.HasRoom(_options.DiskQueueBytesMax / 2)) Queue(first.Segment);
            return true;
        }
        return false;
    }

    private void Queue(Segment segment)
    {
        if (_queued.Add(segment)) _parked.Enqueue((segment, _times.Now));
    }

    /// <summary>Whether anything may be handed over; when the disk works again, what it lost meanwhile is queued.</summary>
    private bool HasRoom()
    {
        if (!_writer.HasRoom(1))
        {
            _hadFailed |= _writer.Health.Fault is not null;
            return false;
        }
        if (!_hadFailed) return true;
        _hadFailed = false;
        foreach (var end in _store.Ends)
            if (!DiskTier.IsSaved(end)) Queue(end);
        return true;
    }

    /// <summary>An idle engine still looks for what could not be saved.</summary>
    private bool Pending()
    {
        if (_slots.Count > 0 || _hadFailed) _times.WakeIn(_options.DiskRetryDelay);
        return false;
    }

    private bool Later(TimeSpan due)
    {
        _times.WakeIn(due);
        return false;
    }

    /// <summary>A stream with something to save.</summary>
    /// <param name="Since">When that was first seen.</param>
    /// <param name="TriedAt">When it was tried last.</param>
    private sealed record Waiting(long Since, long? TriedAt);
}
