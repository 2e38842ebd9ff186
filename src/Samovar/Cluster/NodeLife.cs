using Microsoft.Extensions.Logging;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>
/// This node among its peers: says that it goes on, declares dead who does not, and learns that it was declared dead itself; then it
/// begins another life.
/// </summary>
/// <remarks>
/// One loop: (1) begin a life: its row and its lock (2) tell its peers of a state that has changed (3) beat and look (4) end this life if
/// the rows say so (5) declare dead who is (6) wait. While the database is away nothing is judged and nobody dies.
/// </remarks>
internal sealed partial class NodeLife : ICluster, IAsyncDisposable
{
    private const string Stopped = "stopped";
    private readonly CancellationTokenSource _nodeStopping = new();
    private readonly NodeSelf _self;
    private readonly Func<NodeLoad> _load;
    private readonly INodeRows _rows;
    private readonly ClusterOptions _options;
    private readonly IdSource _ids;
    private readonly TimeProvider _time;
    private readonly ILogger<NodeLife> _logger;
    private readonly PeerWatch _watch;
    private Task _living = Task.CompletedTask;
    private HashSet<Incarnation> _dead = [];
    private NodeState _told;
    private bool _isAway, _isStarted, _isOver;
    private volatile bool _isDraining; // for all lives
    private volatile NodeStanding _standing;
    private volatile IReadOnlyList<ClusterNode> _nodes = [];
    private volatile TaskCompletionSource _wake = Waking();

    /// <param name="load">What the node has to do now. Asked at each beat; it must not throw.</param>
    public NodeLife(
        NodeSelf self, INodeRows rows, Func<NodeLoad> load, ClusterOptions options, IdSource ids, TimeProvider time,
        ILogger<NodeLife> logger)
    {
        (_self, _rows, _load, _options, _ids, _time, _logger) = (self, rows, load, options, ids, time, logger);
        _watch = new PeerWatch(options, time);
        _standing = new NodeStanding(Incarnation.New(ids));
    }

    /// <summary>Called when this life was declared dead: its turns are others' now.</summary>
    public Action? Died { get; init; }

    /// <summary>Called when the rows show lives that have ended since the last look: what they left is anybody's.</summary>
    public Action? PeersDied { get; init; }

    public NodeStanding Standing => _standing;
    public IReadOnlyList<ClusterNode> Nodes => _nodes;

    /// <summary>Joins the others. A database that is away is tried again behind the server's start.</summary>
    /// <exception cref="NodeNameTakenException">A node of that name is running.</exception>
    public async Task StartAsync(CancellationToken caller)
    {
        _isStarted = true;
        var hasBegun = await TryAsync(BeginAsync, caller);
        _living = RunAsync(hasBegun);
    }

    /// <summary>No new turns, and chains are handed over to those who ask. Peers learn it at once.</summary>
    public void Drain()
    {
        _isDraining = true;
        Interlocked.MemoryBarrier(); // a life that begins in this moment sees it, or is seen here
        _standing.Drain();
        _wake.TrySetResult();
    }

    /// <summary>Leaves the others: whatever this node had is theirs from now on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isOver) return;
        _isOver = true;
        _nodeStopping.Cancel();
        await _living;
        var life = _standing;
        if (life.State != NodeState.Dead)
        {
            life.Die(Stopped);
            if (_isStarted) await TryAsync(EndAsync, CancellationToken.None);
        }
        await _rows.DisposeAsync();
        life.Dispose();
        _nodeStopping.Dispose();
    }

    private async Task RunAsync(bool hasBegun)
    {
        while (!_nodeStopping.IsCancellationRequested)
        {
            try
            {
                if (!hasBegun) hasBegun = await TryAsync(BeginAsync, _nodeStopping.Token); // :: 1
            }
            catch (NodeNameTakenException taken) // it was cut off, and somebody has taken its place
            {
                Log.NameTaken(_logger, taken.Message);
            }
            if (hasBegun) await TryAsync(BeatAsync, _nodeStopping.Token);
            if (_standing.State == NodeState.Dead) hasBegun = false;
            await WaitAsync(); // :: 6
        }
    }

    private async Task BeginAsync(CancellationToken nodeStopping)
    {
        if (_standing.State == NodeState.Dead)
        {
            _standing.Dispose();
            _standing = new NodeStanding(Incarnation.New(_ids));
            Interlocked.MemoryBarrier(); // as there
            if (_isDraining) _standing.Drain();
        }
        _told = NodeState.Active;
        await _rows.BeginAsync(_self.Begin(_standing.Incarnation), nodeStopping);
        Log.Began(_logger, _self.Name, _standing.Incarnation);
    }

    private async Task BeatAsync(CancellationToken nodeStopping)
    {
        var life = _standing;
        if (life.State is var state && state != _told) // :: 2
        {
            await _rows.MoveAsync(life.Incarnation, state, "", nodeStopping);
            _told = state;
        }
        var seen = await _rows.BeatAsync(life.Incarnation, _load(), nodeStopping); // :: 3
        _nodes = [.. seen.Nodes.Select(node => node.Node)];
        var dead = _nodes.Where(static node => node.State == NodeState.Dead).Select(static node => node.Incarnation).ToHashSet();
        if (!dead.IsSubsetOf(_dead)) PeersDied?.Invoke();
        _dead = dead;
        var own = seen.Nodes.FirstOrDefault(node => node.Node.Incarnation == life.Incarnation);
        if (own is null or { Node.State: NodeState.Dead })
        {
            Log.Died(_logger, life.Incarnation, own?.Reason ?? "its row is gone");
            life.Die(own?.Reason ?? "its row is gone"); // :: 4
            Died?.Invoke();
            return;
        }
        foreach (var (peer, reason) in _watch.Judge(life.Incarnation, seen)) // :: 5
            if (await _rows.MoveAsync(peer.Incarnation, NodeState.Dead, reason, nodeStopping))
                Log.Declared(_logger, peer.Name, peer.Incarnation, reason);
    }

    private Task EndAsync(CancellationToken nodeStopping) =>
        _rows.MoveAsync(_standing.Incarnation, NodeState.Dead, Stopped, nodeStopping).AsTask();

    /// <summary>Whether it was done; where not, the database is away, or it is tried again like then.</summary>
    private async Task<bool> TryAsync(Func<CancellationToken, Task> step, CancellationToken nodeStopping)
    {
        try
        {
            await step(nodeStopping);
            if (_isAway) Log.Back(_logger);
            _isAway = false;
            return true;
        }
        catch (StoreAwayException away)
        {
            _watch.Interrupt();
            if (!_isAway) Log.Away(_logger, (away.InnerException ?? away).Message);
            _isAway = true;
        }
        catch (OperationCanceledException) when (nodeStopping.IsCancellationRequested)
        {
            // it ends
        }
        catch (Exception exception) when (exception is not NodeNameTakenException) // a unit of work: a node that says nothing more is dead
        {
            _watch.Interrupt();
            if (!_isAway) Log.Failed(_logger, exception);
            _isAway = true;
        }
        return false;
    }

    private async Task WaitAsync()
    {
        await Task.WhenAny(_wake.Task, Task.Delay(_options.BeatInterval, _time, _nodeStopping.Token));
        if (_wake.Task.IsCompleted) _wake = Waking();
    }

    private static TaskCompletionSource Waking() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(5001, LogLevel.Information, "Node {Node} begins as {Incarnation}")]
        public static partial void Began(ILogger logger, NodeName node, Incarnation incarnation);

        [LoggerMessage(5002, LogLevel.Warning, "{Incarnation} was declared dead: {Reason}; this node begins another life")]
        public static partial void Died(ILogger logger, Incarnation incarnation, string reason);

        [LoggerMessage(5003, LogLevel.Warning, "Node {Node} ({Incarnation}) is dead: {Reason}")]
        public static partial void Declared(ILogger logger, NodeName node, Incarnation incarnation, string reason);

        [LoggerMessage(5004, LogLevel.Warning, "The rows of nodes cannot be reached: {Reason}; nobody is declared dead meanwhile")]
        public static partial void Away(ILogger logger, string reason);

        [LoggerMessage(5006, LogLevel.Error, "This node cannot come back: {Reason}")]
        public static partial void NameTaken(ILogger logger, string reason);

        [LoggerMessage(5047, LogLevel.Error, "A beat of this node has failed; it is tried again, and nobody is declared dead meanwhile")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(5005, LogLevel.Information, "The rows of nodes can be reached again")]
        public static partial void Back(ILogger logger);
    }
}
