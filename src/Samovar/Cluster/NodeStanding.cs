using Samovar.Stores;

namespace Samovar.Cluster;

/// <summary>
/// What this life of the node may still do. Asked before a turn begins, before a chain is claimed, before a response is appended and
/// before an end is published. Safe for all threads.
/// </summary>
/// <remarks>
/// A process that was stopped or cut off learns late that it was declared dead. Until then its rows' owner and epoch hold it back; from
/// then on it holds itself back: nothing is appended or published, its turns are cancelled, and it comes back as another life.
/// </remarks>
public sealed class NodeStanding : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private int _state;
    private string? _reason;

    public NodeStanding(Incarnation incarnation)
    {
        Incarnation = incarnation;
        Gone = _gone.Token;
    }

    public Incarnation Incarnation { get; }

    public NodeState State => (NodeState)Volatile.Read(ref _state);

    /// <summary>Why it is dead; null while it is not.</summary>
    public string? Reason => Volatile.Read(ref _reason);

    /// <summary>Cancelled when this life is over.</summary>
    public CancellationToken Gone { get; }

    /// <summary>Whether turns may begin and chains be claimed.</summary>
    public bool MayBegin => State == NodeState.Active;

    /// <summary>Whether a turn that goes on may append its response and publish its end.</summary>
    public bool MayEnd => State != NodeState.Dead;

    /// <summary>No new turns from now on.</summary>
    public void Drain() => Interlocked.CompareExchange(ref _state, (int)NodeState.Draining, (int)NodeState.Active);

    /// <summary>This life is over. The first reason stays.</summary>
    public void Die(string reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is not null) return;
        Volatile.Write(ref _state, (int)NodeState.Dead);
        _gone.Cancel();
    }

    public void Dispose() => _gone.Dispose();
}
