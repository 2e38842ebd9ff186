using Samovar.Bench.Workloads.Stores;
using Xunit;

namespace Samovar.Bench.Tests;

public sealed class StoreWorkloadTests
{
    /// <summary>It throws where a response is not read back.</summary>
    [Fact]
    public async Task Workload_Ends_AtItsSmallest() =>
        await new StoreWorkload(RowsCount: 20, Callers: 2, RowBytes: 100, ChainCount: 10, Path.GetTempPath(), Postgres: null).RunAsync();

    /// <summary>It throws where a list, an item or a completion is not found.</summary>
    [Fact]
    public async Task Conversations_End_AtTheirSmallest() =>
        await new ConversationsWorkload(Items: 40, Completions: 10, Rounds: 2, Folder: null).RunAsync();
}
