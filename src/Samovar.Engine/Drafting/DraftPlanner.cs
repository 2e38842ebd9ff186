namespace Samovar.Engine.Drafting;

/// <summary>A turn that decodes, and what its draft would be.</summary>
/// <param name="Depth">Tokens in front.</param>
/// <param name="Agreed">For each token of it what <see cref="DraftOdds"/> knows it by.</param>
/// <param name="LengthMax">Tokens that there may be of it; 0: none.</param>
/// <param name="Odds">How its drafts fare.</param>
internal readonly record struct DraftCandidate(int Depth, int[] Agreed, int LengthMax, DraftOdds? Odds);

/// <summary>Says how many tokens of whose draft a batch has. Pure: the same turns give the same plan.</summary>
/// <remarks>
/// Drafts take what room a batch has beside each turn's own token, as many tokens as make most tokens for the time that they are expected
/// to take. Where others decode beside them, a batch with drafts takes at most <see cref="SlowerMax"/> times as long for each token that a
/// turn expects of it as one without: whose text repeats itself has its tokens sooner, but not on account of those whose does not, or less.
/// </remarks>
internal static class DraftPlanner
{
    /// <summary>What a batch with drafts may take, for each token that whoever gains least expects of it.</summary>
    public const double SlowerMax = 3;

    /// <summary>Expected gains below this are not worth a larger batch.</summary>
    private const double GainMin = 1.05;

    private static readonly int[] Lengths = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 31, 40, 50, 62];

    /// <summary>Writes the length of each turn's draft.</summary>
    /// <param name="turns">All turns that decode.</param>
    /// <param name="costs">What batches cost.</param>
    /// <param name="room">Tokens of drafts that the batch may have.</param>
    /// <param name="lengths">One for each turn; 0: none.</param>
    public static void Plan(ReadOnlySpan<DraftCandidate> turns, DraftCosts costs, int room, Span<int> lengths)
    {
        lengths.Clear();
        Span<int> counts = stackalloc int[turns.Length], own = stackalloc int[turns.Length];
        var depth = 0;
        foreach (var turn in turns) depth += turn.Depth / turns.Length;
        for (var at = 0; at < turns.Length; at++) own[at] = Alone(turns[at], costs);
        counts.Fill(1);
        var plain = costs.Of(counts, depth);
        var best = turns.Length / plain * GainMin;
        foreach (var cap in Lengths)
        {
            var (tokens, drafted, least) = (0.0, 0, double.PositiveInfinity);
            for (var at = 0; at < turns.Length; at++)
            {
                var length = Math.Min(own[at], cap);
                (counts[at], drafted) = (length + 1, drafted + length);
                var expected = 1 + Expected(turns[at], length);
                (tokens, least) = (tokens + expected, Math.Min(least, expected));
            }
            if (drafted > room) return;
            var cost = costs.Of(counts, depth);
            if (tokens / cost <= best || cost > SlowerMax * plain * least) continue;
            best = tokens / cost;
            for (var at = 0; at < turns.Length; at++) lengths[at] = counts[at] - 1;
        }
    }

    /// <summary>What pays for a turn by itself.</summary>
    private static int Alone(DraftCandidate turn, DraftCosts costs)
    {
        var (chosen, best) = (0, GainMin / costs.Of(1, turn.Depth));
        if (turn.LengthMax == 0) return 0;
        foreach (var length in Lengths)
        {
            var fitting = Math.Min(length, turn.LengthMax);
            var rate = (1 + Expected(turn, fitting)) / costs.Of(fitting + 1, turn.Depth);
            if (rate > best) (chosen, best) = (fitting, rate);
            if (fitting < length) break;
        }
        return chosen;
    }

    private static double Expected(DraftCandidate turn, int length)
    {
        var (tokens, chance) = (0.0, 1.0);
        for (var at = 0; at < length; at++) tokens += chance *= turn.Odds!.Chance(turn.Agreed[at]);
        return tokens;
    }
}
