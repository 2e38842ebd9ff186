using Samovar.Scheduling.Budgets;

namespace Samovar.Chains;

/// <summary>
/// Counts the nodes that anybody of this node keeps (lanes, the store, the memory of histories), each once however many keep it: what the
/// share of chains holds. Safe for all threads.
/// </summary>
internal sealed class KeptNodes(ByteShare chains)
{
    private readonly Lock _gate = new();
    private readonly ChainLedger _ledger = new();

    /// <summary>What is kept, for those who weigh it.</summary>
    public ChainNode[] Nodes { get { lock (_gate) return [.. _ledger.Nodes]; } }

    public void Add(ChainNode node) => Change(node, removed: null);

    public void Remove(ChainNode node) => Change(null, node);

    /// <summary>Somebody keeps a node, or one no longer, or one instead of another.</summary>
    public void Change(ChainNode? added, ChainNode? removed)
    {
        long change;
        lock (_gate)
        {
            change = -_ledger.Bytes;
            _ledger.Change(added, removed);
            change += _ledger.Bytes;
        }
        chains.Take(change);
    }
}
