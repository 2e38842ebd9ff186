namespace Samovar.Engine.Retention;

/// <summary>What computing a prompt takes here, from the steps that were measured: five sums, in which older steps fade.</summary>
internal sealed class PrefillMeter
{
    private const int TokensMin = 32;       // the fixed cost of a smaller step would count as the tokens' own
    private const int FitEvery = 32;
    private const double Fading = 1.0 / 1024;
    private const double ChangeMin = 1.25;  // what differs by less changes no order
    private static readonly int[] Lengths = [1024, 16_384];
    private double _ones, _cross, _squares, _first, _second;
    private int _fresh;

    /// <summary>The newest fit; before anything was measured, that of a small model on a CPU.</summary>
    public PrefillCost Cost { get; private set; } = PrefillCost.Measured;

    /// <summary>Rises with each change of <see cref="Cost"/>.</summary>
    public int Version { get; private set; }

    /// <summary>A step computed the tokens from one place of a prompt to another.</summary>
    public void Measured(int from, int to, TimeSpan took)
    {
        if (to - from < TokensMin || took <= TimeSpan.Zero) return;
        var seconds = took.TotalSeconds;
        var (a, b) = ((to - from) / seconds, ((double)to * to - (double)from * from) / seconds);
        Add(ref _ones, a * a);
        Add(ref _cross, a * b);
        Add(ref _squares, b * b);
        Add(ref _first, a);
        Add(ref _second, b);
        if (++_fresh < FitEvery) return;
        _fresh = 0;
        var cost = PrefillCost.Solve(_ones, _cross, _squares, _first, _second);
        if (!Array.Exists(Lengths, length => Differ(cost.Seconds(0, length), Cost.Seconds(0, length)))) return;
        Cost = cost;
        Version++;
    }

    private static void Add(ref double sum, double value) => sum += value - Fading * sum;

    private static bool Differ(double one, double other) => one > other * ChangeMin || other > one * ChangeMin;
}
