using Samovar.Testing;
using Samovar.Tests.Hosting;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Cluster.Tests;

/// <summary>Nodes on a machine whose processors are all taken, by others and by their own turns: slow is not dead.</summary>
/// <remarks><c>CLUSTER_BUSY_SECONDS=80 dotnet Samovar.Cluster.Tests.dll -class '*BusyMachineTests'</c> keeps it busy for as long.</remarks>
[Collection(nameof(Busy))]
public sealed class BusyMachineTests(SharedDatabase database) : IClassFixture<SharedDatabase>
{
    private const int ThreadsOfEachCore = 2;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(Asked.Number("CLUSTER_BUSY_SECONDS", 8));

    [Fact]
    public async Task NodesThatComputeBesideOthers_CallNobodyDead()
    {
        await using var nodes = await Nodes.StartAsync(database, 3);
        await nodes.UntilAllSeenAsync();
        Node[] all = [nodes.A, nodes.B, nodes.C];
        var lives = await nodes.A.LivesAsync();
        using var busy = new CancellationTokenSource(Time);
        var threads = Enumerable.Range(0, ThreadsOfEachCore * Environment.ProcessorCount)
            .Select(_ => new Thread(() => Spin(busy.Token))).ToList();
        threads.ForEach(static thread => thread.Start());
        var turns = await Task.WhenAll(all.Select((node, at) => TalkAsync(node, all[(at + 1) % all.Length], busy.Token)));
        threads.ForEach(static thread => thread.Join());
        foreach (var node in all) await node.Server.CreateAsync(Ask("Say the names of five rivers."));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{turns.Sum()} turns in {Time.TotalSeconds:F0} s of {threads.Count} busy threads.");
        foreach (var node in all) Assert.Equal(lives, await node.LivesAsync());
    }

    /// <summary>A turn may be refused while the database finds no time to answer; none fails when it does.</summary>
    /// <returns>How many turns went well; one at least.</returns>
    private static async Task<int> TalkAsync(Node one, Node other, CancellationToken stop)
    {
        var (turns, last) = (0, default(Answer));
        while (turns == 0 || !stop.IsCancellationRequested)
        {
            var next = await (turns % 2 == 0 ? other : one).Server.TryAsync(Ask($"And {turns}?", last?.Id, tokens: 16));
            if (next.IsWon) (turns, last) = (turns + 1, next);
            else Assert.Equal("store_unavailable", next.Code);
        }
        return turns;
    }

    private static void Spin(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested) Thread.SpinWait(10_000);
    }
}

/// <summary>Runs when nothing else of this assembly does: it takes the processors from whatever is beside it.</summary>
[CollectionDefinition(nameof(Busy), DisableParallelization = true)]
public sealed class Busy;
