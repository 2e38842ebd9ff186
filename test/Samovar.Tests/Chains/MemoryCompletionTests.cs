using Samovar.Chains;
using Samovar.Stores;
using Samovar.Testing.Core;

namespace Samovar.Tests.Chains;

/// <summary>Chat completions in memory alone.</summary>
public sealed class MemoryCompletionTests : CompletionConformance
{
    private readonly CoreHouse _house = new();

    private protected override ValueTask<(IChainStore, ICompletionRows)> OpenAsync() => new((_house.Stored, _house.Stored));

    public override ValueTask DisposeAsync()
    {
        _house.Dispose();
        return default;
    }
}
