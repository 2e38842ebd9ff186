using Samovar.Bench.Reports;

namespace Samovar.Bench.Tests.Reports;

public sealed class CapacityTests
{
    private static readonly Dictionary<string, double?> Inputs = new(StringComparer.Ordinal)
    {
        ["sessions"] = 1e6, ["turn_seconds"] = 4, ["turns_kept"] = 10, ["context_tokens"] = 20_000, ["hot_share"] = 0.1, ["cores"] = 10,
        ["memory_gb"] = 100, ["network_gbits"] = 10, ["use"] = 0.5, ["accelerator_gb"] = 100, ["idle_bytes"] = 20_000,
        ["chain_bytes"] = 3_000, ["stored_bytes"] = 1_000, ["kv_bytes"] = 131_072, ["cpu_ms"] = 1, ["up_bytes"] = 3_200,
        ["up_whole_bytes"] = 17_600, ["down_bytes"] = 5_000,
    };

    [Fact]
    public void Needs_FollowFromTheInputs()
    {
        var needs = Capacity.Need(Inputs);
        Assert.Equal(250_000, needs.TurnsPerSecond);
        Assert.Equal(50, needs.NodesByProcessor);                // 250 s of processor a second, 5 cores of a node
        Assert.Equal(1, needs.NodesByMemory);                    // 50 KB a session: 50 GB
        Assert.Equal(2, needs.NodesByNetwork);                   // 10 Gbit/s down, 5 of a node
        Assert.Equal((50.0, 20_000.0), (needs.Nodes, needs.SessionsPerNode));
        Assert.Equal((6.4, 35.2), (needs.IngressGbits, needs.IngressWholeGbits));
        Assert.Equal(262.144, needs.KvTerabytes!.Value, 6);
        Assert.Equal(2622, needs.Accelerators);
        Assert.Equal(21_600, needs.StoredGigabytesPerDay);
    }

    [Fact]
    public void WhatIsNotKnown_MakesNothingUp()
    {
        var needs = Capacity.Need(new Dictionary<string, double?>(Inputs) { ["cpu_ms"] = null });
        Assert.Equal((null, null, null), (needs.NodesByProcessor, needs.Nodes, needs.SessionsPerNode));
        Assert.Equal(1, needs.NodesByMemory);
        Assert.All(Capacity.Of([], []).Inputs, input => Assert.True(input.Value is not null || input.Source == "not measured"));
    }
}
