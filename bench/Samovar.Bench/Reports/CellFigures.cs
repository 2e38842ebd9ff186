using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Reports;

/// <summary>What all rounds of one cell say together. Figures of a whole task come from the rounds in which no turn failed.</summary>
internal sealed record CellFigures
{
    public required SampleCell Cell { get; init; }
    public required int Rounds { get; init; }

    /// <summary>Of one round.</summary>
    public required int Turns { get; init; }
    public required int Errors { get; init; }

    /// <summary>Of a whole task.</summary>
    public required Spread? BytesUp { get; init; }
    public required Spread? BytesDown { get; init; }
    public required Spread? HeaderBytesUp { get; init; }
    public required Spread? TlsBytesUp { get; init; }
    /// <summary>Text that was new, as it is and deflated, and what stands around it on the way up.</summary>
    public required Spread? ContentBytes { get; init; }
    public required Spread? ContentDeflatedBytes { get; init; }
    public required Spread? FramingBytes { get; init; }
    public required Spread? Connections { get; init; }
    public required Spread? TaskMs { get; init; }

    /// <summary>Bytes up against whole histories over HTTP in the same round, in per cent.</summary>
    public required Spread? BytesUpChange { get; init; }

    /// <summary>The same if nothing but the new text were sent, as it is and deflated.</summary>
    public required Spread? FloorChange { get; init; }
    public required Spread? DeflatedFloorChange { get; init; }

    /// <summary>A round's first turn, and the median of all its turns.</summary>
    public required Spread? FirstTurnMs { get; init; }
    public required Spread? FirstTokenMs { get; init; }

    /// <summary>A turn's processor time of the server.</summary>
    public required Spread? ServerCpuMs { get; init; }

    /// <summary>Tokens that were computed for each that is new.</summary>
    public required Spread? PrefilledPerNew { get; init; }
    public required TimeParts Parts { get; init; }
    public required IReadOnlyList<TurnFiguresOfCell> PerTurn { get; init; }

    public static IReadOnlyList<CellFigures> Of(IReadOnlyList<TurnSample> samples)
    {
        var cells = samples.GroupBy(sample => sample.Cell).ToDictionary(cell => cell.Key, cell => SampledRound.Of(cell));
        var order = TransportKind.All.Select((kind, at) => (kind.Name, at)).ToDictionary(StringComparer.Ordinal);
        return
        [
            .. cells.OrderBy(cell => cell.Key.Backend, StringComparer.Ordinal).ThenBy(cell => cell.Key.Link, StringComparer.Ordinal)
                .ThenBy(cell => cell.Key.Workload, StringComparer.Ordinal)
                .ThenBy(cell => order.GetValueOrDefault(cell.Key.Transport, order.Count))
                .Select(cell => Of(cell.Key, cell.Value, cells.GetValueOrDefault(cell.Key with { Transport = "http-whole" }))),
        ];
    }

    private static CellFigures Of(SampleCell cell, IReadOnlyList<SampledRound> all, IReadOnlyList<SampledRound>? whole)
    {
        var rounds = all.Where(round => round.IsWhole).ToList();
        Spread? Sum(Func<TurnSample, double> value) => Spread.Of(rounds.Select(round => round.Turns.Sum(value)));
        Spread? Change(Func<TurnSample, double> value) => whole is null ? null : Spread.Of(SampledRound.Pairs(rounds, whole)
            .Select(pair => 100 * (pair.One.Turns.Sum(value) / pair.Other.Turns.Sum(turn => turn.BytesUp) - 1)));
        return new CellFigures
        {
            Cell = cell,
            Rounds = all.Count,
            Turns = all.Max(round => round.Turns.Count),
            Errors = all.Sum(round => round.Turns.Count(turn => turn.Error is not null)),
            BytesUp = Sum(turn => turn.BytesUp),
            BytesDown = Sum(turn => turn.BytesDown),
            HeaderBytesUp = Sum(turn => turn.HeaderBytesUp),
            TlsBytesUp = Sum(turn => turn.TlsBytesUp),
            ContentBytes = Sum(turn => turn.ContentBytes),
            ContentDeflatedBytes = Sum(turn => turn.ContentDeflatedBytes),
            FramingBytes = Sum(turn => turn.BytesUp - turn.ContentBytes),
            Connections = Sum(turn => turn.Handshakes),
            TaskMs = Spread.Of(rounds.Select(round => round.TaskMs)),
            BytesUpChange = Change(turn => turn.BytesUp),
            FloorChange = Change(turn => turn.ContentBytes),
            DeflatedFloorChange = Change(turn => turn.ContentDeflatedBytes),
            FirstTurnMs = Spread.Of(rounds.Select(round => round.FirstTurnMs)),
            FirstTokenMs = Spread.Of(rounds.Select(round => round.FirstTokenMs)),
            ServerCpuMs = Spread.Of(rounds.Select(round => round.ServerCpuMs)),
            PrefilledPerNew = Spread.Of(rounds.Select(round => round.PrefilledPerNew)),
            Parts = TimeParts.Of(cell, rounds),
            PerTurn = TurnFiguresOfCell.Of(rounds),
        };
    }
}

/// <summary>One turn of a cell, over its rounds.</summary>
/// <param name="SummedUp">Bytes up to and with this turn.</param>
internal sealed record TurnFiguresOfCell(
    int Turn, Spread? BytesUp, Spread? SummedUp, Spread? BytesDown, Spread? FirstTokenMs, Spread? TotalMs)
{
    public static IReadOnlyList<TurnFiguresOfCell> Of(IReadOnlyList<SampledRound> rounds) =>
    [
        .. rounds.SelectMany(round => round.Turns.Select(turn => turn.Turn)).Distinct().Order().Select(number =>
        {
            Spread? Each(Func<TurnSample, double?> value) => Spread.Of(rounds.Select(round =>
                Spread.Of(round.Turns.Where(turn => turn.Turn == number).Select(value))?.Median));
            return new TurnFiguresOfCell(number, Each(turn => turn.BytesUp),
                Spread.Of(rounds.Select(round => round.Turns.Where(turn => turn.Turn <= number).Sum(turn => (double)turn.BytesUp))),
                Each(turn => turn.BytesDown), Each(turn => turn.FirstTokenMs), Each(turn => turn.TotalMs));
        }),
    ];
}
