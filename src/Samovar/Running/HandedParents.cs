using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Turns;

namespace Samovar.Running;

/// <summary>What a turn sees of the chains around it while its connection may change: the newest one's lane, or what is stored.</summary>
/// <remarks>What a turn made that nobody stores waits here for the connection that resumes it.</remarks>
internal sealed class HandedParents(IParentSource first, IParentSource stored) : IParentSource
{
    private readonly Lock _gate = new();
    private IParentSource? _current = first;
    private ChainNode? _unstored;

    private IParentSource Current { get { lock (_gate) return _current ?? stored; } }

    public ValueTask<ChainNode?> FindAsync(ResponseId id, CancellationToken turnCancelled) => Current.FindAsync(id, turnCancelled);

    public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken turnCancelled) => Current.IsThereAsync(node, turnCancelled);

    public ValueTask<IReadOnlyDictionary<string, Item>> FindItemsAsync(
        IReadOnlyCollection<string> ids, bool isStored, CancellationToken turnCancelled) =>
        Current.FindItemsAsync(ids, isStored, turnCancelled);

    public void Keep(ChainNode node)
    {
        lock (_gate)
        {
            (_current ?? stored).Keep(node);
            if (node.Store || _current is not null) return;
            node.Hold();
            _unstored = node;
        }
    }

    public void Fail(ResponseId? previous, TurnFailure failure) => Current.Fail(previous, failure);

    /// <summary>Another connection reads the turn, and will go on from it.</summary>
    public void MoveTo(IParentSource next)
    {
        lock (_gate)
        {
            _current = next;
            if (_unstored is not null) next.Keep(_unstored);
        }
    }

    /// <summary>A connection is gone.</summary>
    public void Leave(IParentSource gone)
    {
        lock (_gate) if (_current == gone) _current = null;
    }

    /// <summary>The turn cannot be resumed any more.</summary>
    public void LetGo()
    {
        ChainNode? node;
        lock (_gate) (node, _unstored) = (_unstored, null);
        node?.LetGo();
    }
}
