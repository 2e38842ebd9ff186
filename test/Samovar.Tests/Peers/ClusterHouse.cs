using Microsoft.Extensions.DependencyInjection;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing.Servers;
using Samovar.Testing.Stores;

namespace Samovar.Tests.Peers;

/// <summary>A server that is a node of a cluster whose rows are the test's.</summary>
internal static class ClusterHouse
{
    public static readonly Dictionary<string, string?> Settings = new(StringComparer.Ordinal)
    {
        ["Cluster:Name"] = "one",
        ["Cluster:Address"] = "http://127.0.0.1:1",
        ["Cluster:Key"] = PeerLab.Key,
        ["Cluster:BeatInterval"] = "00:00:00.05",
        ["Store:Kind"] = "postgres",
        ["Store:ConnectionString"] = "Host=nowhere.invalid;Database=none",
    };

    /// <summary>Background responses are noted in rows of its own.</summary>
    /// <param name="backend">Null lets the settings decide.</param>
    public static Task<RunningServer> StartAsync(IBackend? backend, ClusterRows rows, params (string Key, string Value)[] more) =>
        StartAsync(backend, rows, new MemoryRunningRows(TimeProvider.System), more);

    public static Task<RunningServer> StartAsync(
        IBackend? backend, ClusterRows rows, IRunningRows running, params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>(Settings, StringComparer.Ordinal);
        foreach (var (key, value) in more) settings[key] = value;
        return RunningServer.StartAsync(backend, settings, services => services
            .AddSingleton<IChainStore>(provider => new LastingStore(provider.GetRequiredService<MemoryChainStore>()))
            .AddSingleton(running)
            .AddSingleton<INodeRows>(rows)
            .AddSingleton<ITreeRows>(rows));
    }
}

/// <summary>The rows of nodes, in memory; each tree is that of the node that began last, where the test names no other.</summary>
internal sealed class ClusterRows : INodeRows, ITreeRows
{
    private readonly Lock _gate = new();
    private readonly List<NodeSeen> _nodes = [];
    private readonly List<NodeState> _moves = [];
    private Incarnation? _owner;
    private volatile int _beats;
    private int _claims;

    /// <summary>A node of the name runs already.</summary>
    public bool IsNameTaken { get; init; }

    public bool IsDisposed { get; private set; }

    /// <summary>Whose all trees are; null: the node's that began last.</summary>
    public ClusterNode? Owner { get; set; }

    /// <summary>What a look at a tree meets.</summary>
    public StoreAwayException? TreesAway { get; set; }

    /// <summary>Attempts to take a tree.</summary>
    public int Claims => _claims;

    /// <summary>What the next beats meet.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Beats that were tried.</summary>
    public int Beats => _beats;

    /// <summary>All nodes, those that began last behind the others.</summary>
    public IReadOnlyList<ClusterNode> Nodes { get { lock (_gate) return [.. _nodes.Select(seen => seen.Node)]; } }

    /// <summary>The states that the node came to, with their reasons.</summary>
    public IReadOnlyList<NodeState> Moves { get { lock (_gate) return [.. _moves]; } }

    public void Add(ClusterNode node)
    {
        lock (_gate) _nodes.Add(new NodeSeen(node, 0, IsLocked: true, ""));
    }

    /// <summary>A peer says of the node that began last what has become of it.</summary>
    public void Declare(NodeState state) => Move(_owner!.Value, state, "it says nothing");

    private void Move(Incarnation incarnation, NodeState state, string reason)
    {
        lock (_gate)
        {
            var at = _nodes.FindIndex(node => node.Node.Incarnation == incarnation);
            _nodes[at] = _nodes[at] with { Node = _nodes[at].Node with { State = state }, Reason = reason };
        }
    }

    public ValueTask BeginAsync(ClusterNode node, CancellationToken caller)
    {
        if (IsNameTaken) throw new NodeNameTakenException(node.Name);
        Add(node);
        _owner = node.Incarnation;
        return ValueTask.CompletedTask;
    }

    public ValueTask<NodesSeen> BeatAsync(Incarnation incarnation, NodeLoad load, CancellationToken caller)
    {
        _beats++; // by one loop
        if (Fault is { } fault) throw fault;
        lock (_gate)
        {
            var nodes = _nodes.Select(node => node with { Beats = Environment.TickCount64 });
            return new(new NodesSeen([.. nodes], TimeSpan.FromDays(1)));
        }
    }

    public ValueTask<bool> MoveAsync(Incarnation incarnation, NodeState state, string reason, CancellationToken caller)
    {
        lock (_gate) _moves.Add(state);
        Move(incarnation, state, reason);
        return new(true);
    }

    public ValueTask<TreeRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        TreesAway is { } away ? throw away : new(new TreeRow(id, 7, Owner?.Incarnation ?? _owner, Owner));

    public ValueTask<bool> ClaimAsync(
        TenantId tenant, ResponseId root, long epoch, Incarnation by, bool isForced, CancellationToken caller)
    {
        Interlocked.Increment(ref _claims);
        return new(true);
    }

    public ValueTask<bool> ReleaseAsync(
        TenantId tenant, ResponseId root, long epoch, Incarnation by, CancellationToken caller) => new(true);

    public ValueTask<IReadOnlyDictionary<Incarnation, long>> CountAsync(CancellationToken caller) =>
        new(new Dictionary<Incarnation, long>());

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
