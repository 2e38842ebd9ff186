namespace Samovar.Engine.Retention;

/// <summary>What computing a prompt takes by its length: a token costs more the more tokens are in front of it.</summary>
/// <remarks>Seconds = linear × tokens + square × tokens², fitted to measurements, so that it holds beyond the longest of them.</remarks>
/// <param name="Linear">Seconds of a token with nothing in front of it.</param>
/// <param name="Square">Half of what each token in front of it adds.</param>
internal sealed record PrefillCost(double Linear, double Square)
{
    /// <summary>A random model of 100M parameters in Q8_0 on two CPU cores: 1.2 s for 1k tokens, 7.8 s for 4k, 21.7 s for 8k.</summary>
    public static readonly PrefillCost Measured = Fit([(1024, 1.187), (4096, 7.787), (8192, 21.725), (16_384, 92.868)]);

    /// <summary>Each token costs as much as any other: what counts tokens instead of time.</summary>
    public static readonly PrefillCost Flat = new(0.001, 0);

    /// <summary>Of the tokens from one place of a prompt to another.</summary>
    public double Seconds(double from, double to) => Linear * (to - from) + Square * (to * to - from * from);

    /// <summary>The nearest by relative error, with no part below zero.</summary>
    public static PrefillCost Fit(IReadOnlyList<(double Tokens, double Seconds)> measured)
    {
        if (measured.Count == 0) throw new ArgumentException("There is nothing to fit.", nameof(measured));
        double ones = 0, cross = 0, squares = 0, first = 0, second = 0; // of a = tokens / seconds and b = tokens² / seconds against 1
        foreach (var (tokens, seconds) in measured)
        {
            var (a, b) = (tokens / seconds, tokens * tokens / seconds);
            ones += a * a;
            cross += a * b;
            squares += b * b;
            first += a;
            second += b;
        }
        return Solve(ones, cross, squares, first, second);
    }

    /// <summary>Of the sums of a², ab, b², a and b, where a × linear + b × square should be 1.</summary>
    public static PrefillCost Solve(double ones, double cross, double squares, double first, double second)
    {
        var determinant = ones * squares - cross * cross;
        var (linear, square) = determinant <= 1e-9 * ones * squares ? (first / ones, 0)
            : ((first * squares - second * cross) / determinant, (second * ones - first * cross) / determinant);
        return square < 0 ? new PrefillCost(first / ones, 0) : linear < 0 ? new PrefillCost(0, second / squares)
            : new PrefillCost(linear, square);
    }
}
