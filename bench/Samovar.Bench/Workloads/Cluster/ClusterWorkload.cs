using Samovar.Testing.Stores;

namespace Samovar.Bench.Workloads.Cluster;

/// <param name="Parts">What is measured: keys of <see cref="ClusterWorkload.Parts"/>.</param>
/// <param name="Rounds">Measurements of each kind.</param>
/// <param name="Turns">Of each round, at the owner and at another node each.</param>
/// <param name="Clients">That ask at once, where many do.</param>
/// <param name="Window">How long turns are counted, and an idle server is watched.</param>
/// <param name="Chains">Stored chains that lie idle.</param>
internal sealed record ClusterPlan(
    IReadOnlyList<string> Parts, int Rounds, int Turns, int Clients, TimeSpan Window, int Chains);

/// <summary>
/// Nodes in processes of their own on one PostgreSQL, with an engine that takes no time: what is left is the cluster's own. The database
/// waits for its disk, as one in service does.
/// </summary>
internal sealed class ClusterWorkload(ClusterPlan plan)
{
    /// <summary>By their names, in the order in which they are measured.</summary>
    public static IReadOnlyDictionary<string, Func<ClusterLab, ClusterPlan, CancellationToken, Task>> Parts { get; } =
        new OrderedDictionary<string, Func<ClusterLab, ClusterPlan, CancellationToken, Task>>(StringComparer.Ordinal)
        {
            ["relay"] = (lab, plan, stop) => new RelayPart(lab, plan).RunAsync(stop),
            ["kill"] = (lab, plan, stop) => new LossPart(lab, plan, Loss.Kill).RunAsync(stop),
            ["stop"] = (lab, plan, stop) => new LossPart(lab, plan, Loss.Stop).RunAsync(stop),
            ["drain"] = (lab, plan, stop) => new LossPart(lab, plan, Loss.Drain).RunAsync(stop),
            ["restart"] = (lab, plan, stop) => new RestartPart(lab, plan).RunAsync(stop),
            ["single"] = (lab, plan, stop) => new SinglePart(lab, plan).RunAsync(stop),
            ["scale"] = (lab, plan, stop) => new ScalePart(lab, plan).RunAsync(stop),
            ["idle"] = (lab, plan, stop) => new IdlePart(lab, plan).RunAsync(stop),
        };

    /// <exception cref="InvalidOperationException">There is no PostgreSQL here, or a turn failed that should not.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        var (database, reason) = await PostgresServer.TryStartAsync(isDurable: true);
        if (database is null) throw new InvalidOperationException($"Without PostgreSQL there is no cluster: {reason}.");
        await using var ends = database;
        var lab = new ClusterLab(database);
        foreach (var (name, run) in Parts.Where(part => plan.Parts.Contains(part.Key, StringComparer.Ordinal)))
        {
            Console.WriteLine($"\n### {name}\n");
            await run(lab, plan, stop);
        }
    }
}
