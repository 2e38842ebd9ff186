using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Running;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>Where a reply's events are read: in the turn's own log, or where they can be read again.</summary>
internal sealed class ReplySource
{
    private volatile RunningTurn? _turn;
    private long _after = -1;
    private volatile bool _isElsewhere;
    private ResponseId? _lost;

    /// <summary>The events are read again, from behind a number.</summary>
    /// <param name="turn">Whose.</param>
    /// <param name="after">The number.</param>
    /// <param name="isBegunElsewhere">Whether another frame began the turn, whose lane says what follows it.</param>
    public void Read(RunningTurn turn, long after, bool isBegunElsewhere) =>
        (_after, IsBegunElsewhere, _turn) = (after, isBegunElsewhere, turn);

    /// <summary>The events are those of a turn of another node, which goes on without this reader.</summary>
    public void ReadElsewhere() => _isElsewhere = true;

    /// <summary>That node was lost before the turn's end came.</summary>
    public void LoseElsewhere(ResponseId response) => (_lost, _isElsewhere) = (response, false);

    public RunningTurn? Turn => _turn;

    /// <summary>Whether another frame began the turn that is read.</summary>
    public bool IsBegunElsewhere { get; private set; }

    /// <summary>Whether something may follow a turn that another frame began. To be asked behind its last event.</summary>
    public bool IsFollowedElsewhere => _turn is { HasNext: true } && IsBegunElsewhere;

    /// <summary>Whether the turn may go on when its reader leaves.</summary>
    public bool OutlivesReader => _turn is not null || _isElsewhere;

    public LogReader Open(EventLog own) => _turn?.Log.Open(_after) ?? own.Open();

    /// <summary>Whether nothing was made of a turn that another frame began.</summary>
    public bool IsRefused => _turn?.Refusal is not null;

    /// <summary>Why a reader got no end.</summary>
    public ApiException Fault(LogReader reader) => _turn?.Refusal is { } refusal ? refusal
        : reader.IsLost && _turn is { } turn ? new(Errors.EventsExpired, [turn.Id, reader.Next])
        : _lost is { } lost ? new(Errors.EventsExpired, [lost, reader.Next]) : new(Errors.Internal);
}
