namespace Samovar.Scheduling.Fairness;

/// <summary>How long work that comes now would wait for a place, by how long places were held. Not for two threads at once.</summary>
/// <remarks>
/// Places are shared evenly by flows, so a flow waits for its own work mostly: what of it is here, over its share of the places. Work is
/// taken to hold a place as long as that before it did, on the average with the newest counting most; before any has given its place back,
/// as long as what runs now has run so far, and later not less than a part of that.
/// </remarks>
/// <param name="places">All of them; at least 1.</param>
public sealed class ExpectedWait(int places)
{
    private const double Newest = 0.2, RunningPart = 0.25, JumpMax = 8; // one that took very long is not what all do
    private double _held;

    /// <summary>How long work holds a place.</summary>
    public TimeSpan Held => TimeSpan.FromSeconds(_held);

    /// <summary>Work held a place for so long.</summary>
    public void GaveBack(TimeSpan held) =>
        _held = _held <= 0 ? held.TotalSeconds : _held + Newest * (Math.Min(held.TotalSeconds, JumpMax * _held) - _held);

    /// <summary>The wait of a flow's next work.</summary>
    /// <param name="ahead">Work of the flow that is here, waiting or running.</param>
    /// <param name="flows">Flows of which something is here, this one among them.</param>
    /// <param name="running">How long what runs has run so far, on the average.</param>
    public TimeSpan Of(int ahead, int flows, TimeSpan running)
    {
        var share = places / (double)Math.Max(1, flows);
        var before = Math.Max(0, (ahead + 1 - share) / share);
        var each = _held <= 0 ? running.TotalSeconds : Math.Max(_held, RunningPart * running.TotalSeconds);
        return TimeSpan.FromSeconds(Math.Min(before * each, TimeSpan.FromDays(1).TotalSeconds));
    }

    /// <summary>When it is worth to come again for one who was refused: when the wait is below what is admitted, and not before a place was
    /// given back.</summary>
    public TimeSpan RetryAfter(TimeSpan wait, TimeSpan waitMax, TimeSpan least, TimeSpan most)
    {
        var due = Math.Max((wait - waitMax).TotalSeconds, Math.Max(wait.TotalSeconds / 4, _held / places));
        return TimeSpan.FromSeconds(Math.Clamp(due, least.TotalSeconds, most.TotalSeconds));
    }
}
