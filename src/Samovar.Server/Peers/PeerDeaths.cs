using Samovar.Cluster;
using Samovar.Stores;

namespace Samovar.Server.Peers;

/// <summary>Tells those who wait for a peer that it was seen dead. It looks only while anybody waits.</summary>
internal sealed class PeerDeaths : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Incarnation, Watched> _peers = [];
    private readonly ICluster _cluster;
    private readonly TimeSpan _interval;
    private readonly ITimer _due;

    public PeerDeaths(ICluster cluster, ClusterOptions options, TimeProvider time)
    {
        (_cluster, _interval) = (cluster, options.BeatInterval);
        _due = time.CreateTimer(static deaths => ((PeerDeaths)deaths!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits for one life of a peer; to be disposed when that is over.</summary>
    public PeerWatchLease Watch(Incarnation peer)
    {
        Watched? watched;
        lock (_gate)
        {
            if (!_peers.TryGetValue(peer, out watched)) _peers.Add(peer, watched = new Watched());
            watched.Leases++;
            if (_peers.Count == 1 && watched.Leases == 1) _due.Change(_interval, _interval);
        }
        if (IsDead(peer)) watched.Died.Cancel();
        return new PeerWatchLease(() => Leave(peer, watched), watched.Died.Token);
    }

    public void Dispose() => _due.Dispose();

    private bool IsDead(Incarnation peer) => _cluster.Nodes.Any(node => node.Incarnation == peer && node.State == NodeState.Dead);

    private void Leave(Incarnation peer, Watched watched)
    {
        lock (_gate)
        {
            if (--watched.Leases > 0) return;
            _peers.Remove(peer);
            if (_peers.Count == 0) _due.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void Look()
    {
        List<CancellationTokenSource> dead;
        lock (_gate) dead = [.. _peers.Where(pair => IsDead(pair.Key)).Select(pair => pair.Value.Died)];
        foreach (var died in dead) died.Cancel();
    }

    private sealed class Watched
    {
        public CancellationTokenSource Died { get; } = new(); // never disposed: no timer, no link
        public int Leases { get; set; }
    }
}

/// <summary>One who waits for a peer.</summary>
/// <param name="died">Cancelled where it is dead.</param>
internal sealed class PeerWatchLease(Action leave, CancellationToken died) : IDisposable
{
    private bool _isLeft;

    public CancellationToken Died { get; } = died;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isLeft, true)) return;
        leave();
    }
}
