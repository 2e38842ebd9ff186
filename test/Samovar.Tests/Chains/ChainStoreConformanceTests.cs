using Samovar.Chains;
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
