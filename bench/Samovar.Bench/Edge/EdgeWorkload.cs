using Samovar.Bench.Links;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Edge;

/// <summary>Plays each task each way over a link of its own, all beside each other, for all of them mostly wait.</summary>
internal sealed class EdgeWorkload(EdgePlan plan)
{
    private static readonly TransportBackend Backend = TransportBackend.All[1];

    /// <param name="ended">Hears of each task that is over.</param>
    public async Task<IReadOnlyList<EdgePlayed>> RunAsync(Action<EdgePlayed> ended, CancellationToken stop)
    {
        await using var host = await TransportHost.StartAsync(Backend, "");
        return await Task.WhenAll(
            from task in plan.Tasks()
            from kind in plan.Kinds
            from way in plan.Ways
            select PlayAsync(host.AddressOf(kind), task, kind, way, ended, stop));
    }

    private async Task<EdgePlayed> PlayAsync(
        Uri server, AgentTask task, TransportKind kind, EdgeWay way, Action<EdgePlayed> ended, CancellationToken stop)
    {
        await using var link = await Links.Links.OpenAsync(plan.Link, server, seed: 1, plan.Method, startsClear: false, stop);
        await using var edge = way is EdgeWay.Edge or EdgeWay.EdgeCut ? await EdgeProcess.StartAsync(link.Address) : null;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var cutting = way is EdgeWay.DirectCut or EdgeWay.EdgeCut ? CutAsync(link, over.Token) : Task.FromResult(0);
        try
        {
            var outcome = await new EdgeRun(plan, task, kind, edge?.Address ?? link.Address).RunAsync(stop);
            await over.CancelAsync();
            var played = new EdgePlayed(
                task, kind, way, outcome, edge?.BytesUp ?? outcome.BytesUp, await cutting, link.Method);
            ended(played);
            return played;
        }
        finally
        {
            await over.CancelAsync();
            await cutting;
        }
    }

    private async Task<int> CutAsync(ILink link, CancellationToken over)
    {
        using var timer = new PeriodicTimer(plan.CutEvery);
        var cuts = 0;
        try
        {
            for (; await timer.WaitForNextTickAsync(over); cuts++) await link.CutAsync();
        }
        catch (OperationCanceledException) { /* the task is over */ }
        return cuts;
    }
}

/// <summary>A task as it was played.</summary>
/// <param name="BytesUp">On the link.</param>
/// <param name="Method">How the link was made.</param>
internal sealed record EdgePlayed(
    AgentTask Task, TransportKind Kind, EdgeWay Way, EdgeOutcome Outcome, long BytesUp, int Cuts, string Method)
{
    public bool IsDone => Outcome.Ended == Task.Steps.Count;

    /// <summary>Of what the agent said.</summary>
    public double ShareUp => (double)BytesUp / Outcome.BytesUp;

    public string Words => Way switch
    {
        EdgeWay.Direct => "no edge", EdgeWay.Edge => "edge", EdgeWay.DirectCut => "no edge, cut", _ => "edge, cut",
    };
}
