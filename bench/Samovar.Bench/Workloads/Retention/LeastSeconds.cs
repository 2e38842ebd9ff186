namespace Samovar.Bench.Workloads.Retention;

/// <summary>
/// A bound that no policy can go below, whatever it knows: the seconds that must be computed again with so much memory.
/// </summary>
/// <remarks>
/// Which waits to bridge, where each takes memory for its time and saves its seconds, and a part of one a part of them, is a linear
/// program. What real memory saves is at most its optimum, for the end of a prompt costs more than its beginning, and only the beginning
/// can be kept alone. Any prices of memory over time give an upper bound of that: what the waits earn that earn more than their memory
/// costs, and the price of all memory (duality). So prices need not be the best ones to prove something; they are looked for by raising
/// them where more is bridged than there is room, and lowering them elsewhere.
/// </remarks>
internal sealed class LeastSeconds
{
    private const int Rounds = 2500;
    private const double FirstStep = 0.3, StepsSlowBy = 0.05, PriceLeast = 1e-9;
    private readonly IReadOnlyList<Wait> _waits;
    private readonly double[] _lengths; // of the slices of time between any two moments at which a wait begins or ends
    private readonly (int From, int To)[] _slices;
    private readonly double _all;

    public LeastSeconds(IReadOnlyList<Wait> waits)
    {
        _waits = waits;
        _all = waits.Sum(wait => wait.Seconds);
        var times = waits.SelectMany(wait => new[] { wait.From, wait.To }).Distinct().Order().ToArray();
        _lengths = [.. times.Zip(times.Skip(1), (from, to) => to - from)];
        _slices = [.. waits.Select(wait => (Array.BinarySearch(times, wait.From), Array.BinarySearch(times, wait.To)))];
    }

    /// <summary>With memory for so many blocks.</summary>
    public double For(long blocksMax)
    {
        if (_lengths.Length == 0 || blocksMax <= 0) return _all;
        var usual = _all / _waits.Sum(wait => wait.Blocks * (wait.To - wait.From)); // a price that the mean wait could pay
        var prices = Array.ConvertAll(_lengths, length => usual * length);
        var (sums, used) = (new double[prices.Length + 1], new double[prices.Length + 1]);
        var most = _all;
        for (var round = 0; round < Rounds; round++)
        {
            most = Math.Min(most, Saved(prices, sums, used, blocksMax));
            var step = FirstStep / Math.Sqrt(1 + StepsSlowBy * round);
            for (var slice = 0; slice < prices.Length; slice++)
                prices[slice] = Math.Max(prices[slice] * Math.Exp(step * Math.Clamp(used[slice] / blocksMax - 1, -1, 1)),
                    usual * _lengths[slice] * PriceLeast);
        }
        return Math.Max(0, _all - most);
    }

    /// <summary>The most that can be saved at these prices; also, how much is bridged in each slice.</summary>
    private double Saved(double[] prices, double[] sums, double[] used, long blocksMax)
    {
        for (var slice = 0; slice < prices.Length; slice++) sums[slice + 1] = sums[slice] + prices[slice];
        Array.Clear(used);
        var saved = blocksMax * sums[prices.Length];
        for (var at = 0; at < _waits.Count; at++)
        {
            var (from, to) = _slices[at];
            var gain = _waits[at].Seconds - _waits[at].Blocks * (sums[to] - sums[from]);
            if (gain <= 0) continue;
            saved += gain;
            used[from] += _waits[at].Blocks; // differences, to be summed up
            used[to] -= _waits[at].Blocks;
        }
        for (var slice = 1; slice < used.Length; slice++) used[slice] += used[slice - 1];
        return saved;
    }
}
