using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Chains;
using Samovar.Chains.Durable;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Stores;

namespace Samovar.Tests.Chains;

/// <summary>In memory alone.</summary>
public sealed class MemoryStoreConformanceTests : ChainStoreConformance
{
    private readonly CoreHouse _house = new();

    private protected override ValueTask<IChainStore> OpenAsync() => new(_house.Stored);

    public override ValueTask DisposeAsync()
    {
        _house.Dispose();
        return default;
    }
}

/// <summary>Durable, everything still in its cache.</summary>
public sealed class WarmStoreConformanceTests : ChainStoreConformance
{
    private readonly TestMeters _meters = new();

    private protected override ValueTask<IChainStore> OpenAsync() => new(Durables.Over(new ChainRowsLab().Open(), _meters));

    public override ValueTask DisposeAsync()
    {
        _meters.Dispose();
        return default;
    }
}

/// <summary>Durable, and started again before every question.</summary>
public sealed class ColdStoreConformanceTests : ChainStoreConformance
{
    private readonly TestMeters _meters = new();

    private protected override ValueTask<IChainStore> OpenAsync()
    {
        var rows = new ChainRowsLab();
        return new(new RestartingStore(() => Durables.Over(rows.Open(), _meters)));
    }

    public override ValueTask DisposeAsync()
    {
        _meters.Dispose();
        return default;
    }
}

/// <summary>Makes durable stores.</summary>
internal static class Durables
{
    public static DurableChainStore Over(
        IChainRows rows, TestMeters meters, ChainOptions? options = null, TimeProvider? time = null, IStatePacking? states = null) =>
        new(rows, states, options ?? new ChainOptions(), time ?? new ManualTime(), new ChainMetrics(meters),
            NullLogger<DurableChainStore>.Instance);
}

/// <summary>A store whose process is another one for every question; one adds to it.</summary>
internal sealed class RestartingStore(Func<IChainStore> open) : IChainStore
{
    private readonly IChainStore _first = open();

    public ValueTask<ChainNode?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        open().FindAsync(tenant, id, caller);
    public ValueTask<bool> IsThereAsync(ChainNode node, CancellationToken caller) => open().IsThereAsync(node, caller);
    public ValueTask<Item?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller) =>
        open().FindItemAsync(tenant, itemId, caller);
    public ValueTask<ChainClaim> ClaimAsync(TenantId tenant, ChainNode? parent, CancellationToken turnCancelled) =>
        _first.ClaimAsync(tenant, parent, turnCancelled);
    public ValueTask AddAsync(ChainNode node, ChainClaim claim, CancellationToken nodeStopping) =>
        _first.AddAsync(node, claim, nodeStopping);
    public ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) => open().DeleteAsync(tenant, id, caller);
    public ValueTask TakeBackAsync(TenantId tenant, ResponseId id, CancellationToken nodeStopping) =>
        _first.TakeBackAsync(tenant, id, nodeStopping);
}
