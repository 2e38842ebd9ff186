using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Chains;

/// <summary>Whose responses give way where a memory that tenants share is full.</summary>
public sealed class ChainCacheTests : IDisposable
{
    private static readonly TenantId Few = new("few"), Many = new("many");
    private readonly TestMeters _meters = new();
    private readonly StoredChains _made = new(); // 1,000 bytes each

    [Theory]
    [InlineData(4, 1_000_000)]
    [InlineData(100, 4_000)]
    public void Flood_CostsItsOwnTenant(int countMax, long bytesMax)
    {
        var cache = Cache(countMax, bytesMax);
        var few = Add(cache, Few);
        var many = Enumerable.Range(0, 6).Select(_ => Add(cache, Many)).ToList();
        Assert.True(IsThere(cache, few));
        Assert.Equal([false, false, false, true, true, true], many.Select(node => IsThere(cache, node)));
        var next = Add(cache, Few); // from whoever has most
        Assert.True(IsThere(cache, few) && IsThere(cache, next));
        Assert.False(IsThere(cache, many[3]));
    }

    [Fact]
    public void PinnedChains_TakeRoomOfTheirTenant_AndOfNobodyWhoHasLess()
    {
        var cache = Cache(countMax: 100, bytesMax: 3_000);
        var (few, many) = (Add(cache, Few), Add(cache, Many));
        Assert.True(cache.TryPin(_made.Next(null, tenant: Many)));
        Assert.True(cache.TryPin(_made.Next(null, tenant: Many)));
        Assert.False(IsThere(cache, many));
        Assert.False(cache.TryPin(_made.Next(null, tenant: Many)));
        Assert.True(IsThere(cache, few));
        Assert.Equal(3_000, cache.Bytes);
    }

    public void Dispose() => _meters.Dispose();

    private ChainCache Cache(int countMax, long bytesMax) => new(
        new ChainOptions { CountMax = countMax, BytesMax = bytesMax }, new ManualTime(), new ChainMetrics(_meters).Dropped,
        NullLogger.Instance, kept: null);

    private ChainNode Add(ChainCache cache, TenantId tenant) => cache.Add(_made.Next(null, tenant: tenant), out _);

    private static bool IsThere(ChainCache cache, ChainNode node) => cache.Find(node.Tenant, node.Id, isUse: false) is not null;
}
