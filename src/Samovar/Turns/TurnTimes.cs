using Samovar.Protocol.Ids;
using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>Notes where a turn's time went; does nothing where turns are not traced.</summary>
internal readonly struct TurnTimes
{
    private readonly TimeProvider _time;

    private TurnTimes(TurnTrace? trace, TimeProvider time) => (Trace, _time) = (trace, time);

    public TurnTrace? Trace { get; }

    public static TurnTimes Begin(
        TurnTraces traces, TurnRequest request, ResponseId response, in TurnArrival arrival, TimeProvider time)
    {
        if (!traces.IsOn) return new TurnTimes(null, time);
        if (request.Announced is { EndedAt: null } announced) return new TurnTimes(announced, time);
        if (request.Intake is not { } intake) intake = new RequestIntake(arrival.At, arrival.At, arrival.At);
        var firstByteOn = arrival.On - time.GetElapsedTime(intake.FirstByteAt, arrival.At);
        var trace = traces.Begin(
            request.Tenant, response, request.Request.Lane, intake.FirstByteAt, firstByteOn, isBackground: request.Queued is not null);
        trace.Parent = request.Request.PreviousResponseId;
        if (request.Intake is not null)
        {
            trace.Add(TraceStage.Receive, intake.FirstByteAt, intake.LastByteAt, request.Request.Bytes);
            trace.Add(TraceStage.Read, intake.LastByteAt, intake.ReadAt, request.Request.Bytes);
        }
        trace.Enter(TraceStage.Queue, intake.ReadAt);
        return new TurnTimes(trace, time);
    }

    /// <summary>The turn has its place among those that run.</summary>
    public void Admitted()
    {
        if (Trace is null) return;
        var now = _time.GetTimestamp();
        Trace.Leave(TraceStage.Queue, now);
        Trace.Enter(TraceStage.Match, now);
    }

    /// <summary>It is known what the turn goes on from.</summary>
    public void Matched(ResponseId? parent, int items, string foundIn)
    {
        if (Trace is null) return;
        Trace.Parent = parent;
        Leave(TraceStage.Match, items, foundIn);
    }

    /// <summary>A stage begins; one that was entered before and was not left ends.</summary>
    public void Enter(TraceStage stage) => Trace?.Enter(stage, _time.GetTimestamp());

    /// <summary>The stage that was entered is over.</summary>
    public void Leave(TraceStage stage, long amount = 0, string? detail = null) =>
        Trace?.Leave(stage, _time.GetTimestamp(), amount, detail);
}
