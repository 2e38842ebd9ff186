using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Simulation;

internal sealed record SimTree(Incarnation? Owner, long Epoch);

internal sealed record SimRow(ResponseId Id, ResponseId? Parent, ResponseId Root, string Output);

internal enum Appended { Stored, Refused, Exists }

/// <summary>What the statements do in PostgreSQL: each happens at one moment, or not at all.</summary>
internal sealed class Rows(Laws laws, Audit audit)
{
    private readonly Dictionary<Incarnation, ClusterNode> _nodes = [];
    private readonly Dictionary<ResponseId, SimTree> _trees = [];
    private readonly Dictionary<ResponseId, SimRow> _responses = [];

    public IEnumerable<ClusterNode> Nodes => _nodes.Values;

    public bool Add(ClusterNode node) => _nodes.TryAdd(node.Incarnation, node);

    /// <summary>A life's state goes on, and never back.</summary>
    public bool Move(Incarnation incarnation, NodeState state)
    {
        if (_nodes[incarnation].State >= state) return false;
        _nodes[incarnation] = _nodes[incarnation] with { State = state };
        return true;
    }

    public NodeState StateOf(Incarnation incarnation) => _nodes[incarnation].State;

    /// <summary>The tree of a response that is stored.</summary>
    public TreeRow? TreeOf(ResponseId id)
    {
        if (Find(id) is not { Root: var root }) return null;
        var (owner, epoch) = _trees[root];
        return new TreeRow(root, epoch, owner, owner is { } life ? _nodes[life] : null);
    }

    public bool Claim(ResponseId root, Incarnation by, long epoch, bool isForced)
    {
        var tree = _trees[root];
        var isFree = tree.Owner is not { } owner || StateOf(owner) == NodeState.Dead;
        if (tree.Epoch != epoch || !isFree && !isForced || laws.OwnRow && StateOf(by) != NodeState.Active) return false;
        audit.Claimed(root, by, StateOf(by), isFree, isForced);
        _trees[root] = new SimTree(by, epoch + 1);
        return true;
    }

    public bool Release(ResponseId root, Incarnation by, long epoch)
    {
        if (_trees[root] != new SimTree(by, epoch)) return false;
        _trees[root] = new SimTree(Owner: null, epoch);
        return true;
    }

    public Appended Append(SimRow row, Incarnation by, long epoch)
    {
        var own = new SimTree(by, Math.Max(epoch, 1));
        if (row.Parent is null && laws.LivingBirth && StateOf(by) == NodeState.Dead)
        {
            audit.Count("birth refused");
            return Appended.Refused;
        }
        if (row.Parent is null && !_trees.TryAdd(row.Root, own)) return Appended.Exists;
        var isOwner = _trees[row.Root] == own;
        if (laws.Fence && !isOwner)
        {
            audit.Count("append refused");
            return Appended.Refused;
        }
        if (!_responses.TryAdd(row.Id, row)) return Appended.Exists;
        audit.Stored(row, isOwner);
        return Appended.Stored;
    }

    public SimRow? Find(ResponseId id) => _responses.GetValueOrDefault(id);

    /// <summary>From the response to its chain's start.</summary>
    public IReadOnlyList<ResponseId> Path(ResponseId id)
    {
        var path = new List<ResponseId>();
        for (ResponseId? at = id; at is { } one && Find(one) is { } row; at = row.Parent) path.Add(one);
        return path;
    }

    public bool TakeBack(SimRow row, Incarnation by, long epoch)
    {
        var isOwner = _trees.GetValueOrDefault(row.Root) == new SimTree(by, Math.Max(epoch, 1));
        if (laws.FencedTakeBack && !isOwner || Find(row.Id)?.Output != row.Output) return false;
        audit.Count("taken back");
        return _responses.Remove(row.Id);
    }
}
