using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>A peer to be declared dead, and why.</summary>
internal sealed record PeerVerdict(ClusterNode Node, string Reason);

/// <summary>Judges by this node's own clock, from what each look at the rows shows, which peers are dead. Not for two threads at
/// once.</summary>
/// <remarks>
/// No clock of another machine is compared: what counts is how long this node has seen no change. A node that could not look meanwhile,
/// because the database was away or because it stood still itself, has seen nothing, and begins to count again. When the database was
/// started again all locks have fallen: until everybody may be back, nobody is judged.
/// </remarks>
internal sealed class PeerWatch(ClusterOptions options, TimeProvider time)
{
    private const int LooksMissedMax = 4; // a gap of so many intervals is none that a busy machine makes
    private readonly Dictionary<Incarnation, Peer> _peers = [];
    private long? _lookedAt, _interruptedAt;

    /// <summary>The database did not answer.</summary>
    public void Interrupt()
    {
        _peers.Clear();
        _interruptedAt = time.GetTimestamp();
    }

    public IReadOnlyList<PeerVerdict> Judge(Incarnation self, NodesSeen seen)
    {
        var now = time.GetTimestamp();
        if (_lookedAt is { } before && time.GetElapsedTime(before, now) > LooksMissedMax * options.BeatInterval + options.LockGrace)
            _peers.Clear();
        _lookedAt = now;
        if (seen.DatabaseUp < options.SettleTime
            || _interruptedAt is { } interrupted && time.GetElapsedTime(interrupted, now) < options.SettleTime)
        {
            _peers.Clear();
            return [];
        }
        var others = seen.Nodes.Where(node => node.Node.Incarnation != self && node.Node.State != NodeState.Dead).ToList();
        foreach (var gone in _peers.Keys.Except(others.Select(other => other.Node.Incarnation)).ToList()) _peers.Remove(gone);
        return [.. from other in others let reason = Judge(other, now) where reason is not null select new PeerVerdict(other.Node, reason)];
    }

    private string? Judge(NodeSeen node, long now)
    {
        var peer = _peers.GetValueOrDefault(node.Node.Incarnation) ?? new Peer(node.Beats, now, UnlockedAt: null);
        if (peer.Beats != node.Beats) peer = peer with { Beats = node.Beats, BeatAt = now };
        peer = peer with { UnlockedAt = node.IsLocked ? null : peer.UnlockedAt ?? now };
        _peers[node.Node.Incarnation] = peer;
        if (peer.UnlockedAt is { } fell && time.GetElapsedTime(fell, now) >= options.LockGrace) return "its lock fell";
        return time.GetElapsedTime(peer.BeatAt, now) >= options.SilenceMax ? "it says nothing" : null;
    }

    /// <param name="BeatAt">When its newest beat was first seen.</param>
    /// <param name="UnlockedAt">Since when it was seen without its lock; null while it has it.</param>
    private sealed record Peer(long Beats, long BeatAt, long? UnlockedAt);
}
