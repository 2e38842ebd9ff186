using Samovar.Scheduling.Fairness;

namespace Samovar.Storage.Sql;

/// <summary>Writes that wait: each tenant's in their order, and the tenants in turn. A flood of one tenant fills no more than its share
/// of the places; the store's own writes, few and for all, may take each. Safe for all threads.</summary>
internal sealed class WriteQueue(StoreOptions options)
{
    private const int OpenPart = SharedPlaces.OpenPart;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Waiting> _flows = new(StringComparer.Ordinal); // those that have something
    private readonly Queue<string> _turns = new();
    private TaskCompletionSource _changed = NewChange();
    private long _bytes;
    private int _count;
    private bool _isEnded;

    public int Count { get { lock (_gate) return _count; } }

    /// <summary>Nothing waits, and nothing more comes.</summary>
    public bool IsOver { get { lock (_gate) return _isEnded && _count == 0; } }

    /// <summary>False where too much waits, of all or of its tenant, or the server stops.</summary>
    public bool TryAdd(PendingWrite write)
    {
        lock (_gate)
        {
            if (_isEnded || _count >= options.WaitingMax || _bytes + write.Bytes > options.WaitingBytesMax) return false;
            if (_flows.TryGetValue(write.Flow, out var waiting) && !HasShare(write, waiting)) return false;
            if (waiting is null)
            {
                _flows[write.Flow] = waiting = new Waiting();
                _turns.Enqueue(write.Flow);
            }
            waiting.Writes.Enqueue(write);
            waiting.Bytes += write.Bytes;
            _bytes += write.Bytes;
            _count++;
            _changed.TrySetResult();
            return true;
        }
    }

    /// <summary>Nothing more is taken.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnded = true;
            _changed.TrySetResult();
        }
    }

    /// <returns>Whether something waits: false when nothing more comes.</returns>
    public async Task<bool> WaitAsync()
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_count > 0) return true;
                if (_isEnded) return false;
                if (_changed.Task.IsCompleted) _changed = NewChange();
                changed = _changed.Task;
            }
            await changed;
        }
    }

    /// <summary>Takes what is written together: many light ones, or a heavy one; none whose caller has gone.</summary>
    public bool Take(List<PendingWrite> batch)
    {
        batch.Clear();
        lock (_gate)
        {
            for (var weight = 0L; batch.Count < options.BatchMax && weight < options.BatchBytesMax && _turns.TryDequeue(out var flow);)
            {
                var waiting = _flows[flow];
                var write = waiting.Writes.Dequeue();
                waiting.Bytes -= write.Bytes;
                if (waiting.Writes.Count > 0) _turns.Enqueue(flow);
                else _flows.Remove(flow);
                _bytes -= write.Bytes;
                _count--;
                if (!write.TryTake()) continue;
                batch.Add(write);
                weight += write.Weight;
            }
        }
        return batch.Count > 0;
    }

    private bool HasShare(PendingWrite write, Waiting waiting)
    {
        if (write.Flow == PendingWrite.OwnFlow) return true;
        var bytesFree = options.WaitingBytesMax - _bytes - write.Bytes;
        return SharedPlaces.MayTake(options.WaitingMax, options.WaitingMax - _count, waiting.Writes.Count, OpenPart)
            && (bytesFree > options.WaitingBytesMax / OpenPart || waiting.Bytes < bytesFree / OpenPart);
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What waits of one tenant.</summary>
    private sealed class Waiting
    {
        public Queue<PendingWrite> Writes { get; } = new();
        public long Bytes { get; set; }
    }
}
