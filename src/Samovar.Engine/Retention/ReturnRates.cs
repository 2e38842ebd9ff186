namespace Samovar.Engine.Retention;

/// <summary>
/// How soon those come back whose turn ended alike: the rate that keeping their state brings, by how long they have been idle.
/// </summary>
/// <remarks>
/// The rate is the highest that any plan brings of the form "keep it for so long, then give up": the chance that they come by then over the
/// time for which memory is held (Gittins' index). So a burst that is still to come counts, and so does that whoever has not come for an
/// hour mostly does not come.
/// </remarks>
internal sealed class ReturnRates
{
    private readonly double[] _chances = new double[IdleSteps.Count];
    private readonly double[] _rates = new double[IdleSteps.Count];

    public IReadOnlyList<double> Chances => _chances;

    /// <summary>Returns a second.</summary>
    public double After(double idleSeconds) => _rates[IdleSteps.Of(idleSeconds)];

    public void Set(Func<int, double> chance)
    {
        for (var step = 0; step < IdleSteps.Count; step++) _chances[step] = chance(step);
        for (var step = 0; step < IdleSteps.Count; step++) _rates[step] = Rate(step);
    }

    private double Rate(int from)
    {
        var (best, comes, holds, waits) = (0.0, 0.0, 0.0, 1.0);
        for (var step = from; step < IdleSteps.Count - 1; step++)
        {
            var length = IdleSteps.To(step) - IdleSteps.From(step);
            var chance = waits * _chances[step];
            comes += chance;
            holds += (waits - chance / 2) * length; // who comes within a step comes in its middle
            waits -= chance;
            best = Math.Max(best, comes / holds);
        }
        return best;
    }
}
