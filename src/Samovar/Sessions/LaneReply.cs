using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>A turn that waits in its lane or runs.</summary>
/// <param name="Lane">Where its events go.</param>
/// <param name="IsBare">Whether the client is of the simplest kind and reads <c>output</c> at the top of the terminal event.</param>
/// <param name="Began">Ends when the turn's log exists; faults with <c>ApiException</c> when the turn was refused before
/// <c>response.created</c>.</param>
public sealed record LaneReply(LaneId Lane, bool IsBare, Task<EventLog> Began)
{
    private readonly Lane? _lane;
    private readonly ReplySource _source = new();
    private readonly SteerQueue? _steers;
    private QueuedFrame? _turn; // until it begins: what was read of a long frame is not for those who wait for its events

    private LaneReply(LaneId lane, bool isBare, SteerOutcome.Followed next) : this(lane, isBare, next.Began) =>
        (_source, _steers) = (next.Source, next.Queue);

    internal LaneReply(Lane lane, QueuedFrame turn) : this(lane.Id, turn.IsBare, turn.Began) =>
        (_lane, _turn, _source, _steers) = (lane, turn, turn.Source, turn.Steers);

    /// <summary>What was said before it, and becomes part of it when it begins; empty for a turn that its client asked for.</summary>
    internal IReadOnlyList<Steer> Committing { get; private init; } = [];

    /// <summary>Whether its client said anything while it ran. To be asked behind its last event.</summary>
    internal bool IsSteered => _steers?.IsUsed == true || _source.IsFollowedElsewhere;

    /// <summary>What becomes of it.</summary>
    internal Task<SteerOutcome> Outcome => _steers!.Outcome;

    /// <summary>The turn that follows it by itself.</summary>
    internal LaneReply FollowedBy(SteerOutcome.Followed next) => new(Lane, IsBare, next) { Committing = next.Steers };

    /// <summary>A reader of the reply's events; <see cref="Began"/> has ended with the log.</summary>
    internal LogReader Open(EventLog log) => _source.Open(log);

    /// <summary>Why a reader got to no end.</summary>
    internal ApiException Fault(LogReader reader) => _source.Fault(reader);

    /// <summary>Whether its events may end without a terminal one: those after it were asked for.</summary>
    internal bool MayBeEmpty(LogReader reader) => _source.OutlivesReader && !_source.IsRefused && !reader.IsLost;

    /// <summary>
    /// Puts the turn into its lane; in an idle one it begins before this returns. Its place is taken already: to be called once, whatever
    /// became of its reader.
    /// </summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _turn, null) is { } turn) _lane!.Enqueue(turn);
    }
}
