using System.Runtime.CompilerServices;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Testing.Stores;

/// <summary>Rows that several processes share; a test says when they are away or lose an answer, and sees what was asked.</summary>
/// <param name="time">By which they grow old.</param>
internal sealed class ChainRowsLab(TimeProvider? time = null)
{
    private readonly MemoryChains _chains = new();
    private int _calls;
    private int _rowsRead;

    /// <summary>Whether a process looks for what others have deleted.</summary>
    public bool IsShared { get; set; }

    /// <summary>Whether nothing can be reached.</summary>
    public bool IsAway { get; set; }

    /// <summary>Whether an append is done and its answer is lost.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Where an append waits before it is made, whoever leaves it.</summary>
    public PhaseGate? Appending { get; set; }

    /// <summary>Where the next reading waits when it has its first row.</summary>
    public PhaseGate? Reading { get; set; }

    /// <summary>Where a reading waits at each row behind its first.</summary>
    public PhaseGate? ReadingOn { get; set; }

    public int ResponsesMax { set => _chains.ResponsesMax = value; }

    public int Calls => Volatile.Read(ref _calls);
    public int RowsRead => Volatile.Read(ref _rowsRead);

    /// <summary>All rows that are there, deleted ones that others continue included.</summary>
    public ChainRow[] Rows { get { lock (_chains) return [.. _chains.Trees.Values.SelectMany(static tree => tree.Rows.Values)]; } }

    /// <summary>Puts another row in the place of one, as a disk might.</summary>
    public void Replace(ResponseId id, Func<ChainRow, ChainRow> change)
    {
        lock (_chains)
        {
            var tree = _chains.Trees.Values.Single(tree => tree.Rows.ContainsKey(id));
            tree.Rows[id] = change(tree.Rows[id]);
        }
    }

    /// <summary>The rows as one process has them.</summary>
    public IChainRows Open() => new Process(this, new MemoryChainRows(_chains, time ?? new ManualTime()));

    private MemoryChainRows Ask(MemoryChainRows rows)
    {
        Interlocked.Increment(ref _calls);
        return IsAway ? throw new StoreAwayException("The store is away.") : rows;
    }

    private sealed class Process(ChainRowsLab lab, MemoryChainRows rows) : IChainRows
    {
        public bool IsShared => lab.IsShared;
        public TimeSpan AgeMax => rows.AgeMax;
        public IChainSpans Spans => lab.Ask(rows).Spans;

        public ValueTask RequireAsync(CancellationToken caller) => lab.Ask(rows).RequireAsync(caller);

        public ValueTask<ChainClaim> ClaimAsync(TenantId tenant, ResponseId? root, long? placed, CancellationToken caller) =>
            root is null ? rows.ClaimAsync(tenant, root, placed, caller) : lab.Ask(rows).ClaimAsync(tenant, root, placed, caller);

        public async ValueTask AppendAsync(ChainRow row, CancellationToken caller)
        {
            if (lab.Appending is { } gate) await gate.PassAsync(CancellationToken.None);
            await lab.Ask(rows).AppendAsync(row, CancellationToken.None);
            if (lab.LosesAnswers) throw new StoreAwayException("The connection was lost.");
        }

        public async IAsyncEnumerable<ChainRow> ReadAsync(
            TenantId tenant, ResponseId id, bool isHead, [EnumeratorCancellation] CancellationToken caller)
        {
            await Task.Yield();
            await foreach (var row in lab.Ask(rows).ReadAsync(tenant, id, isHead, caller))
            {
                Interlocked.Increment(ref lab._rowsRead);
                if ((row.Id == id ? lab.Reading : lab.ReadingOn) is { } gate) await gate.PassAsync(caller);
                yield return row;
            }
        }

        public ValueTask<bool> IsThereAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
            lab.Ask(rows).IsThereAsync(tenant, id, caller);

        public ValueTask<ResponseId?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller) =>
            lab.Ask(rows).FindItemAsync(tenant, itemId, caller);

        public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
            lab.Ask(rows).DeleteAsync(tenant, id, caller);

        public ValueTask<TakenBack> TakeBackAsync(TenantId tenant, ResponseId id, ChainClaim claim, CancellationToken caller) =>
            lab.Ask(rows).TakeBackAsync(tenant, id, claim, caller);
    }
}
