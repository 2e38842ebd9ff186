using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Testing.Stores;

/// <summary>Rows of background turns that outlive a server, as far as a test starts another one with them.</summary>
public sealed class MemoryRunningRows(TimeProvider time) : IRunningRows
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(TenantId, ResponseId), Kept> _rows = [];
    private readonly Dictionary<string, DateTimeOffset> _seen = [];
    private long _ends;
    private int _renewals;
    private bool _hasJudged;

    /// <summary>The store cannot be reached.</summary>
    public bool IsAway { get; set; }

    /// <summary>The store's clock cannot be read; all else can be done.</summary>
    public bool IsClockAway { get; init; }

    /// <summary>No other process can have the store.</summary>
    public bool IsOfOneProcess { get; init; } = true;

    /// <summary>Whether one was to end what others had left.</summary>
    public bool HasJudged { get { lock (_gate) return _hasJudged; } }

    /// <summary>How often a process has tried to say that it lives.</summary>
    public int Renewals { get { lock (_gate) return _renewals; } }

    public IReadOnlyList<RunningRow> Rows { get { lock (_gate) return [.. _rows.Values.Select(kept => kept.Row)]; } }

    /// <summary>What is written is there though nobody was told so.</summary>
    public bool IsUnsure { get; set; }

    public ValueTask NoteAsync(RunningRow row, RunningRowInput input, CancellationToken caller) => Do(() =>
    {
        _rows.Add((row.Tenant, row.Id), new Kept(row, input, EndedAt: null, Order: 0));
        if (IsUnsure) throw new StoreAwayException("It did not answer.");
    });

    public ValueTask<bool> EndAsync(
        TenantId tenant, ResponseId id, ReadOnlyMemory<byte> snapshot, RunningRowRoom room, CancellationToken caller) => Do(() =>
    {
        if (!_rows.TryGetValue((tenant, id), out var kept) || kept.EndedAt is not null) return false;
        _rows[(tenant, id)] = kept with
        {
            Row = kept.Row with { IsEnded = true, Snapshot = snapshot }, EndedAt = time.GetUtcNow(), Order = ++_ends,
        };
        var bytes = 0L;
        foreach (var (row, place) in _rows.Values.Where(row => row.EndedAt is not null && row.Row.Tenant == tenant)
            .OrderByDescending(row => row.Order).Select((row, i) => (row, i)).ToList())
        {
            bytes += row.Row.Snapshot.Length + row.Input.Items.Length;
            if (place > 0 && (place >= room.CountMax || bytes > room.BytesMax)) _rows.Remove((tenant, row.Row.Id));
        }
        return true;
    });

    public ValueTask<RunningRowInput?> FindInputAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        Do(() => _rows.GetValueOrDefault((tenant, id))?.Input);

    public ValueTask<RunningRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        Do(() => _rows.GetValueOrDefault((tenant, id))?.Row);

    public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) => Do(() => _rows.Remove((tenant, id)));

    public ValueTask<DateTimeOffset> NowAsync(CancellationToken caller) =>
        IsClockAway ? throw new StoreAwayException("Too many reads wait.") : Do(time.GetUtcNow);

    public ValueTask<IReadOnlyList<RunningRow>> RenewAsync(ProcessLease lease, CancellationToken caller)
    {
        lock (_gate) (_renewals, _hasJudged) = (_renewals + 1, _hasJudged || lease.MayJudge);
        return Do(() => Renew(lease));
    }

    private IReadOnlyList<RunningRow> Renew(ProcessLease lease)
    {
        var now = time.GetUtcNow();
        _seen[lease.Process] = now;
        foreach (var (key, kept) in _rows)
            if (lease.KeptFor is { } keptFor && kept.EndedAt < now - keptFor) _rows.Remove(key);
        if (!IsOfOneProcess && !lease.MayJudge) return [];
        return [.. _rows.Values.Where(kept => kept.EndedAt is null && IsDead(kept.Row.Process, lease, now)).Select(kept => kept.Row)];
    }

    private bool IsDead(string process, ProcessLease lease, DateTimeOffset now) => process != lease.Process
        && (IsOfOneProcess || !_seen.TryGetValue(process, out var seen) || seen < now - lease.DeadAfter);

    private ValueTask Do(Action step)
    {
        lock (_gate)
        {
            if (IsAway) throw new StoreAwayException("It is away.");
            step();
        }
        return ValueTask.CompletedTask;
    }

    private ValueTask<T> Do<T>(Func<T> step)
    {
        lock (_gate) return IsAway ? throw new StoreAwayException("It is away.") : new(step());
    }

    private sealed record Kept(RunningRow Row, RunningRowInput Input, DateTimeOffset? EndedAt, long Order);
}
