using System.Net.Sockets;
using Samovar.Protocol.Errors;
using Samovar.Relays;
using Samovar.Stores;

namespace Samovar.Server.Peers;

/// <summary>One turn that was sent to a peer, as long as anything of it is read: it ends where the peer is silent for too long, or is
/// seen dead.</summary>
internal sealed class PeerCall : IDisposable
{
    private const long AtRest = long.MinValue;
    private readonly ClusterNode _peer;
    private readonly PeerWatchLease _death;
    private readonly TimeSpan _silenceMax;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _silent = new(); // never disposed: no timer, no link
    private readonly CancellationTokenSource _ended;
    private readonly ITimer _due;
    private long _heardAt; // a look at the clock for each sign of life, and no timer that is set anew
    private volatile bool _wasSent;

    public PeerCall(ClusterNode peer, PeerWatchLease death, TimeSpan silenceMax, TimeProvider time, CancellationToken turnCancelled)
    {
        (_peer, _death, _silenceMax, _time) = (peer, death, silenceMax, time);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(_silent.Token, death.Died, turnCancelled);
        (Ended, TurnCancelled) = (_ended.Token, turnCancelled);
        Heard();
        _due = time.CreateTimer(static call => ((PeerCall)call!).Look(), this, silenceMax, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled where nothing more of it is to be waited for.</summary>
    public CancellationToken Ended { get; }
    public CancellationToken TurnCancelled { get; }

    /// <summary>Something went there.</summary>
    public void Sent()
    {
        _wasSent = true;
        Heard();
    }

    /// <summary>The same where the answer takes as long as its turn: only the peer's death ends the waiting.</summary>
    public void SentAll()
    {
        _wasSent = true;
        Rest();
    }

    /// <summary>The peer has given a sign of life.</summary>
    public void Heard() => Volatile.Write(ref _heardAt, _time.GetTimestamp());

    /// <summary>Nobody listens: what is made of the events takes its time.</summary>
    public void Rest() => Volatile.Write(ref _heardAt, AtRest);

    /// <summary>What a fault of the connection means.</summary>
    public PeerLostException Lost(Exception cause) => Lost(cause switch
    {
        _ when _death.Died.IsCancellationRequested => "is dead",
        _ when _silent.IsCancellationRequested => $"has said nothing for {DurationText.Of(_silenceMax)}",
        _ when !_wasSent => $"cannot be reached at {_peer.Address}: {Text(cause)}",
        _ => $"is lost: {Text(cause)}",
    }, cause);

    public PeerLostException Lost(string how, Exception? cause = null) => new($"Node {_peer.Name} {how}", _wasSent, cause);

    public void Dispose()
    {
        _due.Dispose();
        _ended.Dispose();
        _death.Dispose();
    }

    private void Look()
    {
        var heardAt = Volatile.Read(ref _heardAt);
        var left = heardAt == AtRest ? _silenceMax : _silenceMax - _time.GetElapsedTime(heardAt);
        if (left > TimeSpan.Zero) _due.Change(left, Timeout.InfiniteTimeSpan);
        else _silent.Cancel();
    }

    private static string Text(Exception cause) =>
        cause.GetBaseException() is SocketException socket ? socket.Message : cause.Message;
}
