using Samovar.Bench.Samples;

namespace Samovar.Bench.Reports;

/// <summary>One repetition of one cell: a task from its first turn to its last.</summary>
internal sealed record SampledRound(int Number, IReadOnlyList<TurnSample> Turns)
{
    /// <summary>Whether no turn failed: a task that broke off took less of everything.</summary>
    public bool IsWhole => Turns.All(turn => turn.Error is null);

    /// <summary>Sessions of a round run beside each other: the longest of them.</summary>
    public double TaskMs => Turns.GroupBy(turn => turn.Session).Max(session => session.Sum(turn => turn.TotalMs));
    public double? FirstTurnMs => Spread.Of(Turns.Where(turn => turn.Turn == 1).Select(turn => turn.FirstTokenMs))?.Median;
    public double? FirstTokenMs => Spread.Of(Turns.Select(turn => turn.FirstTokenMs))?.Median;

    public double? ServerCpuMs =>
        Turns.All(turn => turn.ServerCpuMs is not null) ? Turns.Sum(turn => turn.ServerCpuMs!.Value) / Turns.Count : null;

    public double? PrefilledPerNew => Turns.Sum(turn => (double)turn.NewTokens) is > 0 and var fresh
        ? Turns.Sum(turn => (double)turn.PrefilledTokens) / fresh : null;

    public static IReadOnlyList<SampledRound> Of(IEnumerable<TurnSample> cell) =>
    [
        .. cell.GroupBy(sample => sample.Round).OrderBy(round => round.Key)
            .Select(round => new SampledRound(round.Key, [.. round.OrderBy(turn => turn.Turn)])),
    ];

    /// <summary>Whole rounds with the same number: they ran close to each other, so what the machine did then fell on both.</summary>
    public static IEnumerable<(SampledRound One, SampledRound Other)> Pairs(
        IEnumerable<SampledRound> ones, IEnumerable<SampledRound> others) =>
        from one in ones
        join other in others on one.Number equals other.Number
        where one.IsWhole && other.IsWhole
        select (one, other);
}
