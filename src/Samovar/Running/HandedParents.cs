using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Turns;

namespace Samovar.Running;

/// <summary>What a turn sees of the chains around it while its connection may change: the newest one's lane, or what is stored.</summary>
/// <remarks>What a turn made is here for the connection that resumes it, warm where nobody else has it.</remarks>
internal sealed class HandedParents(IParentSource first, IParentSource stored, HandedChains chains) : IParentSource
{
    private readonly Lock _gate = new();
    private IParentSource? _current = first;
    private HandedChain? _made;

    private IParentSource Current { get { lock (_gate) return _current ?? stored; } }

    public ValueTask<ChainNode?> FindAsync(ResponseId id, CancellationToken turnCancelled) => Current.FindAsync(id, turnCancelled);

    public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken turnCancelled) => Current.IsThereAsync(node, turnCancelled);

    public ValueTask<IReadOnlyDictionary<string, Item>> FindItemsAsync(
        IReadOnlyCollection<string> ids, bool isStored, CancellationToken turnCancelled) =>
        Current.FindItemsAsync(ids, isStored, turnCancelled);

    public void Keep(ChainNode node)
    {
        var made = new HandedChain(node);
        bool isOrphan;
        lock (_gate)
        {
            (_current ?? stored).Keep(node);
            (_made, isOrphan) = (made, _current is null);
        }
        chains.Keep(made, isWarm: isOrphan && !node.Store);
    }

    public void Fail(ResponseId? previous, TurnFailure failure) => Current.Fail(previous, failure);

    /// <summary>Another connection reads the turn, and will go on from it.</summary>
    public void MoveTo(IParentSource next)
    {
        lock (_gate)
        {
            _current = next;
            if (_made?.Node is { } node) next.Keep(node);
            else if (_made is not null) next.Lose(_made.Id);
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
        HandedChain? made;
        lock (_gate) made = _made;
        if (made is not null) chains.LetGo(made);
    }
}
