using Samovar.Bench.Samples;
using Samovar.Bench.Workloads.Targets;

namespace Samovar.Bench.Reports;

/// <summary>What was measured of a gateway target, as tables; medians over rounds with the least and the most.</summary>
internal static class TargetTables
{
    private static readonly int[] Shown = [2, 20, 100];

    public static void Write(TargetReport report, string target, int turns)
    {
        WriteModes(report);
        WriteTimes(report, target, [.. Shown.Append(turns).Where(turn => turn <= turns).Distinct().Order()]);
        WriteBytes(report, target);
        WriteReconnects(report);
        WriteDeaths(report);
    }

    private static void WriteModes(TargetReport report)
    {
        var table = new Table("said as", "supported");
        foreach (var (mode, refusal) in report.Probes)
            table.Row(mode.Name, refusal is null ? "yes" : "not supported: " + refusal);
    }

    private static void WriteTimes(TargetReport report, string target, int[] turns)
    {
        Heading("Time of a turn through the target, and at the same upstream directly, in alternation.");
        var table = new Table("said as", "history bytes", "turn", "first output ms", "directly", "added", "total ms", "directly", "added",
            "errors");
        foreach (var ((mode, bytes), rounds) in report.Histories)
        {
            foreach (var turn in turns)
            {
                var pairs = rounds.Select(round => (
                    Through: Of(round, target, turn), Direct: Of(round, Target.DirectName, turn)))
                    .Where(pair => pair is { Through: not null, Direct: not null }).ToList();
                var errors = rounds.Sum(round => round.Samples.Count(sample => sample.Turn <= turn && sample.Error is not null));
                table.Row([mode.Name, Figures.Show(bytes), $"{turn}",
                    .. Added(pairs, sample => sample.FirstTokenMs ?? sample.TotalMs), .. Added(pairs, sample => sample.TotalMs),
                    $"{errors}"]);
            }
        }
    }

    private static TurnSample? Of(HistoryRound round, string name, int turn) =>
        round.Samples.SingleOrDefault(sample => sample.Cell.Backend == name && sample.Turn == turn && sample.Error is null);

    private static string[] Added(IReadOnlyList<(TurnSample? Through, TurnSample? Direct)> pairs, Func<TurnSample, double> time) =>
    [
        Figures.ShowAll(pairs.Select(pair => time(pair.Through!)), 1), Figures.ShowAll(pairs.Select(pair => time(pair.Direct!)), 1),
        Figures.ShowAll(pairs.Select(pair => time(pair.Through!) - time(pair.Direct!)), 1),
    ];

    private static void WriteBytes(TargetReport report, string target)
    {
        Heading("What reached the target's upstreams, by their own count, in each conversation.");
        var table = new Table("said as", "history bytes", "turns", "bytes from the client", "bytes to the upstream", "whole contexts",
            "continued", "unknown ids", "connections opened");
        foreach (var ((mode, bytes), rounds) in report.Histories)
            table.Row(mode.Name, Figures.Show(bytes), Figures.ShowAll(rounds.Select(round => (double)Turns(round, target).Count)),
                Figures.ShowAll(rounds.Select(round => (double)Turns(round, target).Sum(sample => sample.BytesUp))),
                Figures.ShowAll(rounds.Select(round => (double)round.Upstream.BytesIn)),
                Figures.ShowAll(rounds.Select(round => (double)round.Upstream.Wholes)),
                Figures.ShowAll(rounds.Select(round => (double)round.Upstream.Deltas)),
                Figures.ShowAll(rounds.Select(round => (double)round.Upstream.UnknownParents)),
                Figures.ShowAll(rounds.Select(round => (double)round.Upstream.Connections)));
    }

    private static List<TurnSample> Turns(HistoryRound round, string target) =>
        [.. round.Samples.Where(sample => sample.Cell.Backend == target)];

    private static void WriteReconnects(TargetReport report)
    {
        Heading("The client's connection ends behind each turn.");
        var table = new Table("said as", "turns", "went on", "only when all was sent again", "lost", "bytes to the upstream",
            "connections opened upstream", "the first refusal");
        foreach (var one in report.Reconnects)
            table.Row(one.Mode.Name, $"{one.Turns}", $"{one.GoneOn}", $"{one.Resent}", $"{one.Lost}", Figures.Show(one.Upstream.BytesIn),
                Figures.Show(one.Upstream.Connections), one.Refusal ?? "–");
    }

    private static void WriteDeaths(TargetReport report)
    {
        Heading("One of two destinations dies while it answers: what clients see, and the cached share of each turn's input, the one "
            + "in which it died in brackets.");
        var table = new Table("said as", "requests of each destination before", "failures seen", "turns lost", "sent whole again",
            "cached share by turn", "the first failure");
        foreach (var one in report.Deaths)
            table.Row(one.Mode.Name, string.Join(" / ", one.RequestsByDestination), one.HasDied ? $"{one.Failures}" : "not measured",
                one.HasDied ? $"{one.Lost}" : "–", one.HasDied ? $"{one.Resends}" : "–", Shares(one),
                one.HasDied ? one.Refusal ?? "–" : "the target asked one destination alone");
    }

    private static string Shares(DeathFigures death) => string.Join(' ', death.Shares.Select((share, turn) =>
        death.HasDied && turn == death.DiedAt ? $"[{Figures.Show(100 * share)} %]" : $"{Figures.Show(100 * share)} %"));

    private static void Heading(string text)
    {
        Console.WriteLine();
        Console.WriteLine(text);
        Console.WriteLine();
    }
}
