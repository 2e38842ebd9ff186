using System.Collections.Concurrent;
using System.Globalization;

namespace Samovar.Simulation;

/// <summary>
/// Nodes that follow the real rules (<see cref="Samovar.Cluster"/>) on a model of the rows, through stops, kills, cuts, drains, wrong
/// deaths and an absent database: no response has two outputs, nothing acknowledged is lost, every turn ends, and none owns what it should
/// not.
/// </summary>
/// <remarks>
/// <c>CLUSTER_SCHEDULES=100000 dotnet Samovar.Simulation.dll</c> plays so many; <c>CLUSTER_SEED=4711 CLUSTER_SCHEDULES=1</c> one again.
/// </remarks>
public sealed class SimulationTests
{
    private const int SearchMax = 10_000;

    public static TheoryData<string, string> Missing { get; } = new()
    {
        { nameof(Laws.Fence), "does not own its tree" },
        { nameof(Laws.OwnRow), "whose row is" },
        { nameof(Laws.LivingBirth), "two outputs" },
        { nameof(Laws.RelayedEpoch), "two outputs" },
        { nameof(Laws.LookFirst), "two outputs" },
        { nameof(Laws.Join), "two outputs" },
        { nameof(Laws.FencedTakeBack), "stored nowhere|is lost|responses, not" },
    };

    [Fact]
    public void Schedules_HaveNoFault()
    {
        var (first, count) = (Asked("CLUSTER_SEED", 1), Asked("CLUSTER_SCHEDULES", 2000));
        var faults = new ConcurrentBag<string>();
        var counts = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        Parallel.For(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, (seed, loop) =>
        {
            var audit = new Schedule(seed, new Laws()).Play();
            foreach (var (what, times) in audit.Counts) counts.AddOrUpdate(what, times, (_, before) => before + times);
            if (audit.Fault is not { } fault) return;
            faults.Add($"CLUSTER_SEED={seed} CLUSTER_SCHEDULES=1: {fault}");
            loop.Stop();
        });
        var story = string.Join('\n', counts.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}: {pair.Value}"));
        TestContext.Current.TestOutputHelper?.WriteLine(story);
        Assert.True(faults.IsEmpty, string.Join('\n', faults));
        if (count >= 100) Assert.All(Happened, what => Assert.True(counts.ContainsKey(what), $"Never: {what}.\n{story}"));
    }

    /// <summary>Each law is needed: without it a fault is found.</summary>
    [Theory]
    [MemberData(nameof(Missing))]
    public void WithoutALaw_AFaultIsFound(string law, string fault)
    {
        for (var seed = 1; seed <= Asked("CLUSTER_SEARCH", SearchMax); seed++)
        {
            if (new Schedule(seed, Without(law)).Play().Fault is not { } found) continue;
            Assert.Contains(fault.Split('|'), part => found.Contains(part, StringComparison.Ordinal));
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {found}"));
            return;
        }
        Assert.Fail($"{SearchMax} schedules without {law} are without fault.");
    }

    [Fact]
    public void Seed_TellsTheSameStory() =>
        Assert.Equal(new Schedule(7, new Laws()).Play().Counts, new Schedule(7, new Laws()).Play().Counts);

    /// <summary>What must happen in a hundred schedules, or they prove little.</summary>
    private static IReadOnlyList<string> Happened { get; } =
    [
        "append refused", "birth refused", "claim", "claim (forced)", "completed", "declared dead", "declared dead wrongly", "drain",
        "hand over", "join", "learned that it is dead", "offer", "refused: Draining", "refused: StoreAway", "relay",
        "relay came back: Broken", "relay came back: NotReached", "relay came back: Refused", "resumed", "stored", "taken back",
        "told from the rows",
    ];

    private static Laws Without(string law) => law switch
    {
        nameof(Laws.Fence) => new Laws { Fence = false },
        nameof(Laws.OwnRow) => new Laws { OwnRow = false },
        nameof(Laws.LivingBirth) => new Laws { LivingBirth = false },
        nameof(Laws.RelayedEpoch) => new Laws { RelayedEpoch = false },
        nameof(Laws.LookFirst) => new Laws { LookFirst = false },
        nameof(Laws.Join) => new Laws { Join = false },
        _ => new Laws { FencedTakeBack = false },
    };

    private static int Asked(string name, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var asked) ? asked : usual;
}
