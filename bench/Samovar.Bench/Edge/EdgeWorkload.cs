using Samovar.Bench.Links;
using Samovar.Bench.Reports;
using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Edge;

/// <summary>Plays each task each way over a link of its own, all beside each other, for all of them mostly wait.</summary>
internal sealed class EdgeWorkload(EdgePlan plan)
{
    private static readonly TransportBackend Backend = TransportBackend.All[1];
    private static readonly TransportKind Kind = TransportKind.ChatWhole;

    public async Task RunAsync(CancellationToken stop)
    {
        await using var host = await TransportHost.StartAsync(Backend, "");
        var played = await Task.WhenAll(plan.Tasks().SelectMany(task =>
            Enum.GetValues<EdgeWay>().Select(way => PlayAsync(host.AddressOf(Kind), task, way, stop))));
        var table = new Table(
            "task", "way", "turns", "in KB", "up KB", "up % of in", "task s", "longest turn s", "cuts", "outcome");
        foreach (var one in played) Write(table, one);
        Console.WriteLine($"\nLink: {plan.Link.Name}, {played[0].Method}; a turn is given up after {CellRun.TurnMax.TotalSeconds} s.");
    }

    private async Task<Played> PlayAsync(Uri server, AgentTask task, EdgeWay way, CancellationToken stop)
    {
        await using var link = await Links.Links.OpenAsync(plan.Link, server, seed: 1, plan.Method, startsClear: false, stop);
        await using var edge = way == EdgeWay.Direct ? null : await EdgeProcess.StartAsync(link.Address);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var cutting = way == EdgeWay.EdgeCut ? CutAsync(link, over.Token) : Task.FromResult(0);
        var cell = new SampleCell(task.Name, way.ToString(), Backend.Name, plan.Link.Name);
        var turns = await new CellRun(cell, 1, Kind, task, Backend.HasCalls)
            .RunAsync(edge?.Address ?? link.Address, null, static _ => { }, stop);
        await over.CancelAsync();
        var samples = turns.Select(turn => turn.Sample).ToList();
        var up = edge?.BytesUp ?? samples.Sum(sample => sample.BytesUp);
        return new Played(task, way, samples, up, await cutting, link.Method);
    }

    private async Task<int> CutAsync(ILink link, CancellationToken over)
    {
        using var timer = new PeriodicTimer(plan.CutEvery);
        var cuts = 0;
        try
        {
            for (; await timer.WaitForNextTickAsync(over); cuts++) await link.CutAsync();
        }
        catch (OperationCanceledException) { /* the task is done */ }
        return cuts;
    }

    private static void Write(Table table, Played one)
    {
        var (samples, came) = (one.Samples, one.Samples.Sum(sample => sample.BytesUp));
        table.Row(one.Task.Name, one.Way switch { EdgeWay.Direct => "no edge", EdgeWay.Edge => "edge", _ => "edge, cut" },
            $"{samples.Count(sample => sample.Error is null)} of {one.Task.Steps.Count}", Kilobytes(came), Kilobytes(one.BytesUp),
            Figures.Show(100.0 * one.BytesUp / came, 1), Seconds(samples.Sum(sample => sample.TotalMs)),
            Seconds(samples.Max(sample => sample.TotalMs)), Figures.Show(one.Cuts),
            samples.Select(sample => sample.Error).FirstOrDefault(error => error is not null) ?? "done");
    }

    private static string Seconds(double ms) => Figures.Show(ms / 1000, 1);

    private static string Kilobytes(long bytes) => Figures.Show(bytes / 1000.0, 1);

    /// <param name="BytesUp">On the link.</param>
    private sealed record Played(
        AgentTask Task, EdgeWay Way, IReadOnlyList<TurnSample> Samples, long BytesUp, int Cuts, string Method);
}
