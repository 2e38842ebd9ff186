namespace Samovar.Engine.Drafting;

/// <summary>What batches cost, in units of a token that is decoded alone at the start of a context.</summary>
/// <remarks>
/// Measured once, when the engine starts, and then kept: a draft's length follows from it, and equal turns are to have equal batches.
/// </remarks>
/// <param name="Batches">Of batches with as many tokens as <see cref="Sizes"/> says, fewer where the larger ones were not measured.</param>
/// <param name="LoneDepth">What each token in front adds to a lone one.</param>
/// <param name="BatchDepth">What each token in front adds to each one of a batch.</param>
/// <param name="IsMeasured">Whether it was measured; else it is what is usual.</param>
internal sealed record DraftCosts(IReadOnlyList<double> Batches, double LoneDepth, double BatchDepth, bool IsMeasured)
{
    /// <summary>Batches that are measured. ggml rounds in another way from 64 tokens on, so there are none as long.</summary>
    public static readonly IReadOnlyList<int> Sizes = [1, 2, 4, 8, 16, 32];

    /// <summary>What two cores of today take, and a GPU.</summary>
    public static readonly DraftCosts Processor = new([1, 1.8, 2.8, 4.4, 7.6, 13.5], 0, 0, IsMeasured: false),
        Accelerator = new([1, 1.1, 1.2, 1.3, 1.5, 2], 0, 0, IsMeasured: false);

    /// <summary>From seconds that batches of some sizes took, one token among them.</summary>
    /// <remarks>
    /// A size that was not measured costs what its neighbours say; between a lone token, which other kernels compute, and the smallest
    /// batch what that batch costs; beyond the largest one as much more as is usual.
    /// </remarks>
    public static DraftCosts Of(SortedDictionary<int, double> seconds, DraftCosts usual)
    {
        var (sizes, lone) = (seconds.Keys.ToArray(), seconds[1]);
        return new DraftCosts([.. Sizes.Select((size, at) => Between(size, at) / lone)], 0, 0, IsMeasured: true);

        double Between(int size, int at)
        {
            var above = Array.FindIndex(sizes, measured => measured >= size);
            if (above < 0) return seconds[sizes[^1]] * usual.Batches[at] / usual.Of(sizes[^1], 0);
            var (low, high) = (sizes[Math.Max(0, above - 1)], sizes[above]);
            if (size == high || low == 1) return seconds[high];
            return seconds[low] + (seconds[high] - seconds[low]) * (size - low) / (high - low);
        }
    }

    /// <summary>Of a batch in which each token stands behind so many.</summary>
    public double Of(int tokens, int depth) =>
        tokens <= 1 ? Batches[0] + LoneDepth * depth : Flat(tokens) + BatchDepth * depth * tokens;

    /// <summary>Of a batch of several streams: libllama computes it in parts in which each stream has as many tokens.</summary>
    /// <param name="counts">Tokens of each stream.</param>
    /// <param name="depth">Tokens in front of each, on the average.</param>
    public double Of(ReadOnlySpan<int> counts, int depth)
    {
        var (cost, done) = (0.0, 0);
        while (true)
        {
            var (left, next) = (0, int.MaxValue);
            foreach (var count in counts)
                if (count > done) (left, next) = (left + 1, Math.Min(next, count));
            if (left == 0) return cost;
            cost += Of(left * (next - done), depth);
            done = next;
        }
    }

    private double Flat(int tokens)
    {
        var at = 1;
        while (at + 1 < Batches.Count && Sizes[at] < tokens) at++;
        if (at >= Batches.Count) return Batches[0] * tokens; // nothing but the lone token is known
        var slope = (Batches[at] - Batches[at - 1]) / (Sizes[at] - Sizes[at - 1]);
        return Batches[at] + slope * (tokens - Sizes[at]);
    }
}
