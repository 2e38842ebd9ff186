using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Turns;

namespace Samovar.Running;

/// <summary>What a turn sees of the chains around it while connections come and go: the lanes that read it, or what is stored.</summary>
/// <remarks>
/// Each lane that has seen its end can go on from it, whoever else reads it. What a turn made is here for the connection that resumes
/// it, warm where nobody else has it.
/// </remarks>
/// <param name="elsewhere">What other turns made that is stored nowhere, by its id, for a connection that lost the one it was made on;
/// null: nobody else's is looked for.</param>
internal sealed class HandedParents(IParentSource stored, HandedChains chains, Func<ResponseId, ChainNode?>? elsewhere = null)
    : IParentSource
{
    private readonly Lock _gate = new();
    private readonly List<IParentSource> _attached = []; // the newest last; one as often as it reads
    private HandedChain? _made;
    private ResponseId? _lost; // what it made is not here: another node's, or one that gave way
    private bool _isLetGo;

    public async ValueTask<ChainNode?> FindAsync(ResponseId id, CancellationToken turnCancelled)
    {
        foreach (var source in Sources())
            if (await source.FindAsync(id, turnCancelled) is { } node) return node;
        return Unstored(id);
    }

    /// <summary>What the turn made, as long as it is kept.</summary>
    public ChainNode? Made { get { lock (_gate) return _made?.Node; } }

    public async ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken turnCancelled)
    {
        foreach (var source in Sources())
            if (await source.IsThereAsync(node, turnCancelled)) return true;
        return ReferenceEquals(Unstored(node.Id), node);
    }

    public async ValueTask<IReadOnlyDictionary<string, Item>> FindItemsAsync(
        IReadOnlyCollection<string> ids, bool isStored, CancellationToken turnCancelled)
    {
        var found = new Dictionary<string, Item>(StringComparer.Ordinal);
        foreach (var source in Sources())
        {
            string[] missing = [.. ids.Where(id => !found.ContainsKey(id))];
            if (missing.Length == 0) break;
            foreach (var (id, item) in await source.FindItemsAsync(missing, isStored, turnCancelled)) found[id] = item;
        }
        return found;
    }

    public void Keep(ChainNode node)
    {
        var made = new HandedChain(node);
        bool isOrphan;
        lock (_gate)
        {
            foreach (var source in SourcesHere()) source.Keep(node);
            if (_isLetGo) return; // nobody would let go of it again
            (_made, isOrphan) = (made, _attached.Count == 0);
        }
        chains.Keep(made, isWarm: isOrphan && !node.Store);
    }

    public void Lose(ResponseId id)
    {
        lock (_gate)
        {
            foreach (var source in SourcesHere()) source.Lose(id);
            _lost = id;
        }
    }

    public void Fail(ResponseId? previous, TurnFailure failure)
    {
        foreach (var source in Sources()) source.Fail(previous, failure);
    }

    /// <summary>Another lane reads the turn, and will go on from it.</summary>
    public void Add(IParentSource lane)
    {
        lock (_gate)
        {
            _attached.Add(lane);
            if (_made?.Node is { } node) lane.Keep(node);
            else if ((_made?.Id ?? _lost) is { } lost) lane.Lose(lost);
        }
    }

    /// <summary>A lane is gone.</summary>
    public void Leave(IParentSource gone)
    {
        lock (_gate) _attached.Remove(gone);
    }

    /// <summary>The turn cannot be resumed any more.</summary>
    public void LetGo()
    {
        HandedChain? made;
        lock (_gate) (made, _isLetGo) = (_made, true);
        if (made is not null) chains.LetGo(made);
    }

    /// <summary>What is stored is the store's to give, or to have deleted.</summary>
    private ChainNode? Unstored(ResponseId id) => elsewhere?.Invoke(id) is { Store: false } node ? node : null;

    private IParentSource[] Sources() { lock (_gate) return SourcesHere(); }

    /// <summary>Those that read it, first who began it; what is stored where nobody does.</summary>
    private IParentSource[] SourcesHere() => _attached.Count > 0 ? [.. _attached.Distinct()] : [stored];
}
