using System.Runtime.CompilerServices;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Testing.Stores;

/// <summary>Rows of stored responses in memory, as several processes would share them; a test says when they are away or slow.</summary>
internal sealed class MemoryChainRows
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = []; // in the order in which they were added
    private readonly Dictionary<(TenantId, ResponseId), long> _epochs = [];
    private int _rowsRead;

    /// <summary>Whether nothing can be reached.</summary>
    public bool IsAway { get; set; }

    /// <summary>Whether an append is done and its answer is lost.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Where the next append waits before it does anything.</summary>
    public PhaseGate? Appending { get; set; }

    /// <summary>Where the next reading waits when it has its first row.</summary>
    public PhaseGate? Reading { get; set; }

    /// <summary>A tenant's bound.</summary>
    public int CountMax { get; set; } = int.MaxValue;

    public int RowsRead => Volatile.Read(ref _rowsRead);
    public int Calls { get; private set; }

    /// <summary>All rows that are there, deleted ones that others continue included.</summary>
    public ChainRow[] Rows { get { lock (_gate) return [.. _entries.Select(static entry => entry.Row)]; } }

    /// <summary>Puts another row in the place of one, as a disk might.</summary>
    public void Replace(ResponseId id, Func<ChainRow, ChainRow> change)
    {
        lock (_gate)
        {
            var entry = _entries.Single(entry => entry.Row.Id == id);
            entry.Row = change(entry.Row);
        }
    }

    /// <summary>The rows as one process has them.</summary>
    public IChainRows Open() => new Process(this);

    private void Call()
    {
        lock (_gate) Calls++;
        if (IsAway) throw new StoreAwayException("The store is away.");
    }

    private async ValueTask AppendAsync(Process process, ChainRow row, CancellationToken caller)
    {
        Call();
        if (Appending is { } gate) await gate.PassAsync(caller);
        lock (_gate)
        {
            if (row.Parent is not null && row.Claim.Epoch != _epochs.GetValueOrDefault((row.Tenant, row.Root)))
                throw new ChainLostException("Another process has it.");
            if (_entries.Count(entry => entry.Row.Tenant == row.Tenant && !entry.IsDeleted) >= CountMax)
                throw new StoreFullException($"At most {CountMax} responses are kept.");
            _entries.Add(new Entry { Row = row });
        }
        if (LosesAnswers) throw new StoreAwayException("The connection was lost.");
    }

    private ChainClaim Claim(Process process, TenantId tenant, ResponseId root)
    {
        Call();
        lock (_gate)
        {
            var epoch = _epochs.GetValueOrDefault((tenant, root));
            if (process.Claims.TryGetValue((tenant, root), out var own) && own == epoch) return new(own);
            _epochs[(tenant, root)] = process.Claims[(tenant, root)] = epoch + 1;
            return new(epoch + 1);
        }
    }

    private async IAsyncEnumerable<ChainRow> ReadAsync(TenantId tenant, ResponseId id, [EnumeratorCancellation] CancellationToken caller)
    {
        await Task.Yield();
        Call();
        var row = Find(tenant, id, entry => !entry.IsDeleted);
        for (var isFirst = true; row is not null; isFirst = false)
        {
            caller.ThrowIfCancellationRequested();
            Interlocked.Increment(ref _rowsRead);
            if (isFirst && Reading is { } gate) await gate.PassAsync(caller);
            yield return row;
            row = row.Parent is { } parent ? Find(tenant, parent, static _ => true) : null;
        }
    }

    private ChainRow? Find(TenantId tenant, ResponseId id, Func<Entry, bool> isIt)
    {
        lock (_gate)
            return _entries.FirstOrDefault(entry => entry.Row.Tenant == tenant && entry.Row.Id == id && isIt(entry))?.Row;
    }

    private ResponseId? FindItem(TenantId tenant, string itemId)
    {
        Call();
        lock (_gate)
            return _entries.LastOrDefault(entry => entry.Row.Tenant == tenant && !entry.IsDeleted
                && entry.Row.ItemIds.Contains(itemId, StringComparer.Ordinal))?.Row.Id;
    }

    private bool Delete(TenantId tenant, ResponseId id)
    {
        Call();
        lock (_gate)
        {
            if (_entries.FirstOrDefault(entry => entry.Row.Tenant == tenant && entry.Row.Id == id && !entry.IsDeleted) is not { } found)
                return false;
            found.IsDeleted = true;
            while (_entries.RemoveAll(entry => entry.IsDeleted && !_entries.Any(other => other.Row.Parent == entry.Row.Id)) > 0) { }
            return true;
        }
    }

    private sealed class Entry
    {
        public required ChainRow Row { get; set; }
        public bool IsDeleted { get; set; }
    }

    private sealed class Process(MemoryChainRows rows) : IChainRows
    {
        public Dictionary<(TenantId, ResponseId), long> Claims { get; } = [];

        public ValueTask RequireAsync(CancellationToken caller)
        {
            rows.Call();
            return default;
        }

        public ValueTask<ChainClaim> ClaimAsync(TenantId tenant, ResponseId root, CancellationToken caller) =>
            new(rows.Claim(this, tenant, root));
        public ValueTask AppendAsync(ChainRow row, CancellationToken caller) => rows.AppendAsync(this, row, caller);
        public IAsyncEnumerable<ChainRow> ReadAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
            rows.ReadAsync(tenant, id, caller);
        public ValueTask<ResponseId?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller) =>
            new(rows.FindItem(tenant, itemId));
        public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) => new(rows.Delete(tenant, id));
    }
}
