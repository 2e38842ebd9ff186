using Samovar.Protocol.Errors;
using Samovar.Running;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>Where a reply's events are read: in the turn's own log, or where they can be read again.</summary>
internal sealed class ReplySource
{
    private volatile RunningTurn? _turn;
    private long _after = -1;

    /// <summary>The events are read again, from behind a number.</summary>
    public void Read(RunningTurn turn, long after) => (_after, _turn) = (after, turn);

    /// <summary>Whether the turn may go on when its reader leaves.</summary>
    public bool OutlivesReader => _turn is not null;

    public LogReader Open(EventLog own) => _turn?.Log.Open(_after) ?? own.Open();

    /// <summary>Why a reader got no end.</summary>
    public ApiException Fault(LogReader reader) => reader.IsLost && _turn is { } turn
        ? new(Errors.EventsExpired, [turn.Id, reader.Next]) : new(Errors.Internal);
}
