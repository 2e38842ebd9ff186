using Samovar.Bench.Workloads.Cluster;
using Samovar.Testing.Stores;
using Xunit;

namespace Samovar.Bench.Tests;

/// <summary>Clusters at their smallest. A part throws where a turn fails that should not.</summary>
public sealed class ClusterWorkloadTests
{
    [Theory]
    [InlineData("relay")]
    [InlineData("kill")]
    [InlineData("drain")]
    [InlineData("restart")]
    [InlineData("scale")]
    [InlineData("idle")]
    public async Task Part_Ends_AtItsSmallest(string part)
    {
        var (database, reason) = await PostgresServer.TryStartAsync();
        Assert.SkipWhen(database is null, reason);
        await using var ends = database;
        var plan = new ClusterPlan([part], Rounds: 1, Turns: 2, Clients: 2, TimeSpan.FromMilliseconds(200), Chains: 6);
        await ClusterWorkload.Parts[part](new ClusterLab(database), plan, TestContext.Current.CancellationToken);
    }
}
