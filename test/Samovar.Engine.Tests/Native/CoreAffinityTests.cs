using System.Globalization;
using Samovar.Engine.Native;

namespace Samovar.Engine.Tests.Native;

/// <summary>Threads that compute together have different cores.</summary>
public sealed class CoreAffinityTests
{
    [Fact]
    public void Shares_AreApart_AndLeaveNoCoreOut()
    {
        int[] cores = [0, 1, 2, 3, 8, 9, 10, 11, 12];
        foreach (var places in (int[])[1, 2, 3, 8, 9])
        {
            var shares = Enumerable.Range(0, places).Select(place => CoreAffinity.Share(cores, place, places).ToArray()).ToList();
            Assert.All(shares, Assert.NotEmpty);
            Assert.Equal(cores, shares.SelectMany(share => share).Order());
        }
        Assert.Empty(CoreAffinity.Share(cores, 0, 10)); // more threads than cores stay where the system puts them
    }

    [Fact]
    public void PoolThatCannotBeMade_IsAFaultOfItsLoad()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only there the pool is made on a thread of its own.");
        var fault = Assert.Throws<EngineLoadException>(
            () => CoreAffinity.NewPool(2, () => throw new EntryPointNotFoundException("no pool")));
        Assert.Contains("no pool", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EngineThreads_ShareNoCore_AndOthersKeepAll()
    {
        var all = CoreAffinity.CoresOf(Environment.ProcessId);
        Assert.SkipUnless(OperatingSystem.IsLinux() && all.Count >= 2, "Needs two cores on Linux.");
        await using var engine = EngineLab.Start(options => (options.Threads, options.DecodeThreads) = (2, 2));
        await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(new Random(1), 60), 3));
        var threads = Directory.EnumerateDirectories("/proc/self/task")
            .Select(folder => (Name: NameOf(folder),
                Cores: CoreAffinity.CoresOf(int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture))))
            .Where(thread => thread.Cores.Count > 0).ToList(); // one that has just ended has none
        var deciding = threads.Where(thread => thread.Name == "samovar-engine" && thread.Cores.Count < all.Count).ToList();
        var pooled = threads.Where(thread => thread.Name.StartsWith("samovar-pool", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(deciding);
        Assert.NotEmpty(pooled);
        Assert.All(pooled, thread => Assert.Empty(thread.Cores.Intersect(deciding[0].Cores)));
        Assert.All(threads.Where(thread => thread.Name == ".NET TP Worker"), thread => Assert.Equal(all, thread.Cores));
    }

    private static string NameOf(string folder)
    {
        try { return File.ReadAllText(Path.Combine(folder, "comm")).Trim(); }
        catch (IOException) { return ""; } // it has just ended
    }
}
