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

    public void Add(ChainNode node) => Change(node, isKept: true);

    public void Remove(ChainNode node) => Change(node, isKept: false);

    private void Change(ChainNode node, bool isKept)
    {
        long change;
        lock (_gate)
        {
            change = -_ledger.Bytes;
            if (isKept) _ledger.Add(node);
            else _ledger.Remove(node);
            change += _ledger.Bytes;
        }
        chains.Take(change);
    }
}
