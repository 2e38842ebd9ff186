using Samovar.Chains;
using Samovar.Chains.Durable;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Stores;

namespace Samovar.Tests.Chains.Durable;

/// <summary>What has become too old for the store while it is in memory.</summary>
public sealed class StoredAgeTests : IDisposable
{
    private readonly TestMeters _meters = new();
    private readonly ManualTime _time = new();
    private readonly StoredChains _chains = new();
    private readonly DurableChainStore _store;

    public StoredAgeTests() =>
        _store = Durables.Over(new ChainRowsLab(_time).Open(), _meters, new ChainOptions { AgeMax = TimeSpan.FromDays(300) }, _time);

    public void Dispose() => _meters.Dispose();

    /// <summary>However long memory would keep it: what may no longer be deleted or continued may not be read either.</summary>
    [Fact]
    public async Task ResponseThatIsTooOldForTheStore_IsNotFound_ThoughItIsInMemory()
    {
        var (old, young) = (await AddAsync(null), await AddAsync(null));
        _time.Advance(TimeSpan.FromDays(20));
        var next = await AddAsync(young); // its tree is young again
        Assert.Same(old, await _store.FindAsync(TenantId.Local, old.Id, Soon.Token));
        _time.Advance(TimeSpan.FromDays(20));
        Assert.Null(await _store.FindItemAsync(TenantId.Local, old.Output[0].Id!, Soon.Token));
        Assert.False(await _store.IsThereAsync(old, Soon.Token));
        Assert.Null(await _store.FindAsync(TenantId.Local, old.Id, Soon.Token));
        foreach (var node in (ChainNode[])[young, next])
        {
            Assert.Same(node, await _store.FindAsync(TenantId.Local, node.Id, Soon.Token));
            Assert.Same(node.Output[0], await _store.FindItemAsync(TenantId.Local, node.Output[0].Id!, Soon.Token));
        }
    }

    private async Task<ChainNode> AddAsync(ChainNode? parent)
    {
        var node = _chains.Next(parent);
        await _store.AddAsync(node, await _store.ClaimAsync(node.Tenant, parent, Soon.Token), Soon.Token);
        return node;
    }
}
