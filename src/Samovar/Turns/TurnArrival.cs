namespace Samovar.Turns;

/// <summary>When a turn came: one look at the clocks, for all who want to know.</summary>
/// <param name="At">By <c>TimeProvider.GetTimestamp</c>.</param>
/// <param name="On">The same by the clock.</param>
/// <param name="Queued">How long ago that is.</param>
internal readonly record struct TurnArrival(long At, DateTimeOffset On, TimeSpan Queued)
{
    public static TurnArrival Of(TurnRequest request, TimeProvider time)
    {
        var now = time.GetTimestamp();
        var at = request.ArrivedAt ?? now;
        var queued = time.GetElapsedTime(at, now);
        return new TurnArrival(at, time.GetUtcNow() - queued, queued);
    }
}
