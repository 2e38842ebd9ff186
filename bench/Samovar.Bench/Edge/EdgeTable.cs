using Samovar.Bench.Reports;

namespace Samovar.Bench.Edge;

/// <summary>What became of each task, a row for each way.</summary>
internal static class EdgeTable
{
    public static void Write(EdgePlan plan, IReadOnlyList<EdgePlayed> played)
    {
        var table = new Table("calls × bytes", "protocol", "way", "turns that ended", "timed out", "errors", "cuts", "in KB", "up KB",
            "up % of in", "longest turn s", "task s", "task");
        foreach (var one in played)
            table.Row(one.Task.Name, one.Kind.Name, one.Words, $"{one.Outcome.Ended} of {one.Task.Steps.Count}",
                Figures.Show(one.Outcome.Timeouts), Figures.Show(one.Outcome.Errors), Figures.Show(one.Cuts),
                Kilobytes(one.Outcome.BytesUp), Kilobytes(one.BytesUp), Figures.Show(100 * one.ShareUp, 1), Seconds(one.Outcome.TurnMax),
                Seconds(one.Outcome.Total), one.IsDone ? "done" : "given up");
        foreach (var error in played.Select(one => one.Outcome.Error).OfType<string>().Distinct()) Console.WriteLine($"\nError: {error}");
        Console.WriteLine($"\nLink: {plan.Link.Name}, {played[0].Method}; where it is cut, every {plan.CutEvery.TotalSeconds} s. An agent "
            + $"waits {plan.TurnMax.TotalSeconds} s for a turn and asks {plan.TriesMax} times.");
    }

    private static string Seconds(TimeSpan time) => Figures.Show(time.TotalSeconds, 1);

    private static string Kilobytes(long bytes) => Figures.Show(bytes / 1000.0, 1);
}
