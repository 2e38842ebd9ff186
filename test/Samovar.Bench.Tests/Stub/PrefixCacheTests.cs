using Samovar.Bench.Stub;
using Samovar.Testing;

namespace Samovar.Bench.Tests.Stub;

public sealed class PrefixCacheTests
{
    private readonly ManualTime _time = new();

    private static StubContext Prompt(int tokens)
    {
        var prompt = new StubContext(null);
        prompt.Say("user", new string('a', tokens * PrefixCache.BytesPerToken));
        return prompt;
    }

    [Fact]
    public void Cache_HasWhatWasSaid_FromItsLeastOn_InItsSteps()
    {
        var cache = new PrefixCache(TimeSpan.FromMinutes(5), _time);
        Assert.Equal(0, cache.Take(Prompt(1500)));
        Assert.Equal(1408, cache.Take(Prompt(1500)));
        Assert.Equal(0, cache.Take(Prompt(1000)));
    }

    [Fact]
    public void Cache_ForgetsWhatNobodyAskedFor_AndKeepsWhatSomebodyDid()
    {
        var cache = new PrefixCache(TimeSpan.FromMinutes(5), _time);
        cache.Take(Prompt(3000));
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(1920, cache.Take(Prompt(2000))); // the first part is in use again
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(1920, cache.Take(Prompt(3000)));
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(0, cache.Take(Prompt(3000)));
    }
}
