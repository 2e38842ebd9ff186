using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Turns;

namespace Samovar.Running;

/// <summary>What a turn sees of the chains around it while its connection may change: the newest one's lane, or what is stored.</summary>
/// <remarks>What a turn made is here for the connection that resumes it, warm where nobody else has it.</remarks>
internal sealed class HandedParents(IParentSource first, IParentSource stored) : IParentSource
{
    private readonly Lock _gate = new();
    private IParentSource? _current = first;
    private ChainNode? _node;
    private bool _isHeld;

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
            _node = node;
            if (node.Store || _current is not null) return;
            node.Hold();
            _isHeld = true;
        }
    }

    public void Fail(ResponseId? previous, TurnFailure failure) => Current.Fail(previous, failure);

    /// <summary>Another connection reads the turn, and will go on from it.</summary>
    public void MoveTo(IParentSource next)
    {
        lock (_gate)
        {
            _current = next;
            if (_node is not null) next.Keep(_node);
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
        ChainNode? held;
        lock (_gate) (held, _node, _isHeld) = (_isHeld ? _node : null, null, false);
        held?.LetGo();
    }
}
