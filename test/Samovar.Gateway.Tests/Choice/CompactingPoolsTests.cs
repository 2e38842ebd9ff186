using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Testing;

namespace Samovar.Gateway.Tests.Choice;

public sealed class CompactingPoolsTests
{
    [Fact]
    public void PoolThatDidNotCompact_IsLeftForATime_AndThenAskedAgain_OthersStillAre()
    {
        var time = new ManualTime();
        var options = new UpstreamOptions { Pools = { Of("a"), Of("b") } };
        var pools = new PoolTable(options, time, _ => null);
        var compacting = new CompactingPools(options.CompactionRetryAfter, time);
        Assert.Equal((true, true), Asked());
        compacting.NoteDidNot(pools.Find("a")!.Value.Pool);
        Assert.Equal((false, true), Asked());
        time.Advance(options.CompactionRetryAfter - TimeSpan.FromSeconds(1));
        Assert.Equal((false, true), Asked());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((true, true), Asked());

        (bool, bool) Asked() => (Compacts("a"), Compacts("b"));
        bool Compacts(string name) => pools.Find(name) is var (pool, model) && compacting.Compacts(pool, model);
    }

    private static PoolOptions Of(string name) => new()
    {
        Name = name,
        Destinations =
        {
            new DestinationOptions
            {
                Name = name, Kind = "responses-http", Dialect = "openai", BaseUrl = "http://127.0.0.1:1/v1", Models = { name },
            },
        },
    };
}
