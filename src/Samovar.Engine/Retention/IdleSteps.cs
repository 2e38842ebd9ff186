namespace Samovar.Engine.Retention;

/// <summary>The steps in which idle time is counted: each half an octave longer than the one before it.</summary>
internal static class IdleSteps
{
    /// <summary>The last one begins after 36 hours and never ends.</summary>
    public const int Count = 36;

    private const int StepsPerOctave = 2;

    /// <summary>Where a step begins, in seconds.</summary>
    public static double From(int step) => Begins[step];

    /// <summary>Where it ends; the last step has no end.</summary>
    public static double To(int step) => Begins[step + 1];

    public static int Of(double seconds)
    {
        if (seconds < 1) return 0;
        var step = (int)Math.Min(Count - 1, Math.Log2(seconds) * StepsPerOctave + 1);
        if (seconds < Begins[step]) step--;             // rounding, at the edges
        else if (step < Count - 1 && seconds >= Begins[step + 1]) step++;
        return step;
    }

    private static readonly double[] Begins =
        [0, .. Enumerable.Range(0, Count - 1).Select(step => Math.Pow(2, step / (double)StepsPerOctave)), double.PositiveInfinity];
}
