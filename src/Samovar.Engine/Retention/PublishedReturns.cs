namespace Samovar.Engine.Retention;

/// <summary>
/// When conversations come back, from published sessions of coding agents: what is believed before anything was seen here.
/// </summary>
internal static class PublishedReturns
{
    private static readonly Returns AfterCall = new(0.993,
        [(2, 0.01), (4, 0.1), (10, 0.5), (78, 0.9), (300, 0.96), (800, 0.99), (27_000, 1)]);
    private static readonly Returns AfterAnswer = new(0.86, [(5, 0.1), (177, 0.5), (300, 0.6), (2_839, 0.9), (12_000, 0.96), (78_000, 1)]);
    private static readonly Returns AfterSubAgentsAnswer = new(0.05, [(5, 0.1), (177, 0.5), (300, 0.6), (2_839, 0.9), (78_000, 1)]);
    private static readonly Returns AfterUnknown = new(0.98, [(4, 0.05), (14, 0.5), (90, 0.9), (300, 0.96), (2_000, 0.99), (27_000, 1)]);

    /// <summary>Of those that have waited until a step of idle time begins, the share that comes within it.</summary>
    public static double[] Chances(TurnEnding ending)
    {
        var returns = Of(ending);
        var chances = new double[IdleSteps.Count];
        for (var step = 0; step < IdleSteps.Count - 1; step++)
        {
            var waits = 1 - returns.By(IdleSteps.From(step));
            chances[step] = waits <= 0 ? 0 : (returns.By(IdleSteps.To(step)) - returns.By(IdleSteps.From(step))) / waits;
        }
        return chances;
    }

    private static Returns Of(TurnEnding ending) => ending.Stop switch
    {
        StopKind.ToolCall => AfterCall,
        StopKind.EndTurn => ending.IsSubAgent ? AfterSubAgentsAnswer : AfterAnswer,
        _ => AfterUnknown,
    };

    /// <param name="Ever">The share that comes back at all.</param>
    /// <param name="Points">
    /// Of these, the share that has come by so many seconds; between two points it grows with the time's logarithm.
    /// </param>
    private sealed record Returns(double Ever, IReadOnlyList<(double Seconds, double Share)> Points)
    {
        public double By(double seconds)
        {
            var (before, share) = (1.0, 0.0);
            foreach (var (at, next) in Points)
            {
                if (seconds < at)
                    return Ever * (seconds <= before ? share : share + (next - share) * Math.Log(seconds / before) / Math.Log(at / before));
                (before, share) = (at, next);
            }
            return Ever;
        }
    }
}
