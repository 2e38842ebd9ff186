using Samovar.Bench.Stub;
using Samovar.Testing;

namespace Samovar.Bench.Tests.Stub;

public sealed class ReplicaRouterTests
{
    private readonly ManualTime _time = new();

    private List<int> Choose(ReplicaPlan plan, int count, Func<int, (ulong Prefix, string? Key)> ask, int seed = 1)
    {
        var router = new ReplicaRouter(plan, _time, seed);
        return [.. Enumerable.Range(0, count).Select(number => router.Choose(ask(number).Prefix, ask(number).Key))];
    }

    [Fact]
    public void RoundRobin_TakesTheNext_WhoeverAsks() =>
        Assert.Equal([0, 1, 2, 0, 1, 2], Choose(new ReplicaPlan(3), 6, number => ((ulong)number % 2, null)));

    [Fact]
    public void Random_IsTheSameForASeed_AndReachesAll()
    {
        var plan = new ReplicaPlan(4, ReplicaSpread.Random);
        var chosen = Choose(plan, 100, _ => (1, null));
        Assert.Equal(chosen, Choose(plan, 100, _ => (1, null)));
        Assert.NotEqual(chosen, Choose(plan, 100, _ => (1, null), seed: 2));
        Assert.Equal([0, 1, 2, 3], chosen.Distinct().Order());
    }

    [Fact]
    public void Prefix_StaysForFifteenRequestsAMinute_AndComesBackBehindIt()
    {
        var router = new ReplicaRouter(new ReplicaPlan(4, ReplicaSpread.Prefix), _time);
        List<int> Ask(int count) => [.. Enumerable.Range(0, count).Select(_ => router.Choose(6, null))];
        Assert.All(Ask(15), replica => Assert.Equal(2, replica));
        Assert.All(Ask(15), replica => Assert.Equal(3, replica));
        Assert.Equal([0], Ask(1));
        Assert.Equal(1, router.Choose(5, null)); // another prompt has a minute of its own
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.All(Ask(15), replica => Assert.Equal(2, replica));
    }

    [Theory]
    [InlineData((int)ReplicaSpread.RoundRobin)]
    [InlineData((int)ReplicaSpread.Random)]
    public void Key_KeepsTogether_WhereItIsHonoured(int spread)
    {
        var plan = new ReplicaPlan(8, (ReplicaSpread)spread, HonoursKey: true);
        var chosen = Choose(plan, 64, number => (0, $"session {number % 16}"));
        Assert.Equal(chosen[..16], chosen[16..32]);
        Assert.InRange(chosen.Distinct().Count(), 3, 8);
        Assert.True(Choose(plan with { HonoursKey = false }, 64, _ => (0, "session 1")).Distinct().Count() > 4);
    }

    [Fact]
    public void Name_SaysWhatIsNotUsual()
    {
        Assert.Equal("", new ReplicaPlan().Suffix);
        Assert.Equal("-x4", new ReplicaPlan(4).Suffix);
        Assert.Equal("-x4-prefix-key-60s", new ReplicaPlan(4, ReplicaSpread.Prefix, HonoursKey: true, CacheSeconds: 60).Suffix);
    }
}
