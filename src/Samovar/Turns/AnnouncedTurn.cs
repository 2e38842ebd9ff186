using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>A turn that its client knows while it waits to begin: where its time goes can be read all the while.</summary>
internal sealed class AnnouncedTurn : IDisposable
{
    private readonly TurnRequest _request;
    private readonly LiveTurns _live;
    private readonly TurnTraces _traces;
    private readonly TimeProvider _time;

    public AnnouncedTurn(TurnRequest request, LiveTurns live, TurnTraces traces, TimeProvider time)
    {
        (_request, _live, _traces, _time) = (request, live, traces, time);
        Wait();
    }

    /// <summary>Its trace; null where turns are not traced.</summary>
    public TurnTrace? Trace { get; private set; }

    /// <summary>It waits for another attempt: the one before was refused.</summary>
    public void Wait()
    {
        if (_request.Id is not { } id) throw new InvalidOperationException("Nobody can know a turn without a name.");
        Trace = TurnTimes.Begin(_traces, _request, id, TurnArrival.Of(_request, _time), _time).Trace;
        if (Trace is not null) _live.Await(Trace);
    }

    /// <summary>It will never begin.</summary>
    /// <param name="outcome">As the request log names it.</param>
    /// <param name="error">The error's code.</param>
    public void GiveUp(string outcome, string? error)
    {
        if (Trace is not { EndedAt: null }) return;
        Trace.Outcome = new TraceEnd(outcome, error, 0, 0, 0);
        _traces.End(Trace);
    }

    public void Dispose()
    {
        if (Trace is not null) _live.Leave(Trace);
    }
}
