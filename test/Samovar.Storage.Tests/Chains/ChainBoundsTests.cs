using Samovar.Storage.Chains;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Chains;

/// <summary>How much is kept, and what goes.</summary>
public abstract class ChainBoundsTests
{
    private protected abstract Task<StoreHouse> OpenAsync(StoredChainOptions chains);

    [Fact]
    public async Task Tenant_OfTooManyResponses_IsRefused_UntilItDeletesSome()
    {
        await using var house = await OpenAsync(new StoredChainOptions { ResponsesMax = 3 });
        var chain = await house.Rows.AppendChainAsync(3);
        var refusal = await Assert.ThrowsAsync<StoreFullException>(() => house.Rows.AppendAsync(New(chain[2])));
        Assert.Contains("StoredChains:ResponsesMax", refusal.Message, StringComparison.Ordinal);
        await house.Rows.AppendAsync(New(tenant: Coffee));
        await house.Rows.DeleteAsync(Tea, chain[2].Id, Soon.Token);
        await house.Rows.AppendAsync(New(chain[1]));
        await Assert.ThrowsAsync<StoreFullException>(() => house.Rows.AppendAsync(New()));
    }

    /// <summary>What is stored is added up once, and not again after each deletion.</summary>
    [Fact]
    public async Task Deletions_AreTakenOff_WithoutCountingAgain()
    {
        await using var house = await OpenAsync(new StoredChainOptions
        {
            ResponsesMax = 5, BytesMax = 65_536, TotalsAgeMax = TimeSpan.FromHours(1),
        });
        var chain = await house.Rows.AppendChainAsync(2);
        await house.ExecuteAsync("UPDATE chain_tree SET responses = 1000");
        await house.ExecuteAsync("INSERT INTO chain_piece (tenant, name, size, bytes) VALUES ('tea', @name, 1000000000, @name)",
            ("@name", new byte[] { 1 })); // who counts again is refused
        for (var turn = 0; turn < 10; turn++)
        {
            var one = await house.Rows.AppendAsync(New(bytes: 20_000));
            var two = await house.Rows.AppendAsync(New(one, bytes: 20_000));
            var three = await house.Rows.AppendAsync(New(bytes: 20_000));
            await Assert.ThrowsAsync<StoreFullException>(() => house.Rows.AppendAsync(New(bytes: 20_000)));
            Assert.True(await house.Rows.DeleteAsync(Tea, one.Id, Soon.Token)); // which is continued still
            await Assert.ThrowsAsync<StoreFullException>(() => house.Rows.AppendAsync(New(bytes: 20_000)));
            Assert.True(await house.Rows.DeleteAsync(Tea, two.Id, Soon.Token));
            Assert.False(await house.Rows.DeleteAsync(Tea, two.Id, Soon.Token));
            Assert.True(await house.Rows.DeleteAsync(Tea, three.Id, Soon.Token));
        }
        Assert.Equal(2, await house.CountAsync("chain_row"));
        for (var turn = 0; turn < 3; turn++) await house.Rows.AppendAsync(New());
        await Assert.ThrowsAsync<StoreFullException>(() => house.Rows.AppendAsync(New()));
        Assert.True(await house.Rows.DeleteAsync(Tea, chain[1].Id, Soon.Token));
        await house.Rows.AppendAsync(New());
    }

    [Fact]
    public async Task ManyAtOnce_DoNotPassTheBound()
    {
        await using var house = await OpenAsync(new StoredChainOptions { ResponsesMax = 10 });
        var appends = Enumerable.Range(0, 40).Select(_ => house.Rows.AppendAsync(New())).ToList();
        await Task.WhenAll(appends.Select(append => append.ContinueWith(_ => { }, TaskScheduler.Default)));
        Assert.Equal(10, appends.Count(append => append.IsCompletedSuccessfully));
        Assert.Equal(10, await house.CountAsync("chain_row"));
    }

    [Fact]
    public async Task Tenant_OfTooManyBytes_IsRefused()
    {
        await using var house = await OpenAsync(new StoredChainOptions { BytesMax = 100_000 });
        var tools = Piece(new string('t', 40_000));
        for (var i = 0; i < 5; i++) await house.Rows.AppendAsync(New(bytes: 10_000) with { Pieces = [tools] }); // counted once
        var refusal = await Assert.ThrowsAsync<StoreFullException>(() => house.Rows.AppendAsync(New(bytes: 10_000)));
        Assert.Contains("StoredChains:BytesMax", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TenantsOwnQuota_TakesTheBoundsPlace()
    {
        await using var house = await OpenAsync(new StoredChainOptions { BytesMax = 65_536 });
        (house.Quotas[Tea], house.Quotas[Coffee]) = (15_000, 200_000);
        await house.Rows.AppendAsync(New(bytes: 10_000));
        var refusal = await Assert.ThrowsAsync<StoreFullException>(() => house.Rows.AppendAsync(New(bytes: 10_000)));
        Assert.Contains(
            "The bound of 15000 bytes of stored responses is reached (the tenant's quota).", refusal.Message, StringComparison.Ordinal);
        for (var i = 0; i < 10; i++) await house.Rows.AppendAsync(New(bytes: 10_000, tenant: Coffee));
        house.Quotas[Tea] = 200_000;
        await house.Rows.AppendAsync(New(bytes: 10_000));
    }

    [Fact]
    public async Task ChainOfTooManyResponses_IsRefused()
    {
        await using var house = await OpenAsync(new StoredChainOptions { DepthMax = 2 });
        var chain = await house.Rows.AppendChainAsync(2);
        await Assert.ThrowsAsync<StoreFullException>(() => house.Rows.AppendAsync(New(chain[1])));
        await house.Rows.AppendAsync(New(chain[0]));
    }

    [Fact]
    public async Task EqualPieces_AreKeptOnce_ForEachTenant()
    {
        await using var house = await OpenAsync(new StoredChainOptions());
        var tools = Piece(new string('t', 20_000));
        foreach (var tenant in (Protocol.Ids.TenantId[])[Tea, Coffee])
            for (var i = 0; i < 5; i++) await house.Rows.AppendAsync(New(tenant: tenant) with { Pieces = [tools] });
        Assert.Equal(2, await house.CountAsync("chain_piece"));
    }

    [Fact]
    public async Task OldTrees_Go_WithWhatIsTheirsAlone()
    {
        await using var house = await OpenAsync(new StoredChainOptions { RemovalsMax = 3, ResponsesMax = 11 });
        ContentPiece tools = Piece("tools"), text = Piece("text");
        var old = await house.Rows.AppendChainAsync(9);
        await house.Rows.AppendAsync(New(old[4]) with { Pieces = [tools, text], ItemIds = ["msg_old"] });
        await house.AgeAsync(TimeSpan.FromDays(31));
        var young = await house.Rows.AppendAsync(New() with { Pieces = [text], ItemIds = ["msg_young"] });
        await Assert.ThrowsAsync<StoreFullException>(() => house.Rows.AppendAsync(New()));

        Assert.Equal(1, await house.Cleanup.CleanAsync(Soon.Token));
        Assert.Equal(0, await house.Cleanup.CleanAsync(Soon.Token));

        foreach (var table in (string[])["chain_tree", "chain_row", "chain_piece", "chain_use", "chain_item"])
            Assert.Equal(1, await house.CountAsync(table));
        Assert.Equal("text"u8.ToArray(), Assert.Single(await house.Rows.ListAsync(young.Id)).Pieces[0].Bytes.ToArray());
        await house.Rows.AppendAsync(New());
    }

    /// <summary>It may have been set just before, and is set right soon.</summary>
    [Fact]
    public async Task NothingGoesByItsAge_BeforeTheClockHasGoneOn_SinceTheStart()
    {
        await using var house = await OpenAsync(new StoredChainOptions());
        var chain = await house.Rows.AppendChainAsync(2);
        var deleted = await house.Rows.AppendAsync(New() with { Pieces = [Piece("tools")] });
        await house.Rows.DeleteAsync(Tea, deleted.Id, Soon.Token);
        await house.AgeAsync(TimeSpan.FromDays(40));
        Assert.Equal(0, await house.Cleanup.LookAsync(Soon.Token));
        await house.AgeAsync(TimeSpan.FromDays(-40));
        Assert.Equal(2, (await house.Rows.ListAsync(chain[1].Id)).Count);
        Assert.Equal(0, await house.CountAsync("chain_piece")); // what nobody names needs no clock to go
    }

    [Fact]
    public async Task WhatIsOld_GoesAtOnce_WhereNoDelayIsWanted()
    {
        await using var house = await OpenAsync(new StoredChainOptions { RemovalDelay = TimeSpan.Zero });
        await house.Rows.AppendChainAsync(2);
        await house.AgeAsync(TimeSpan.FromDays(40));
        Assert.Equal(1, await house.Cleanup.LookAsync(Soon.Token));
        Assert.Equal(0, await house.CountAsync("chain_row"));
    }

    [Fact]
    public async Task Trees_CountWhatTheyHave_WhateverIsDeleted()
    {
        await using var house = await OpenAsync(new StoredChainOptions());
        var chain = await house.Rows.AppendChainAsync(4);
        var fork = await house.Rows.AppendAsync(New(chain[1], bytes: 300));
        var other = await house.Rows.AppendAsync(New(bytes: 500));
        foreach (var row in (ChainRow[])[chain[3], chain[1], fork, chain[0], other, chain[2]])
        {
            Assert.True(await house.Rows.DeleteAsync(Tea, row.Id, Soon.Token));
            Assert.False(await house.Rows.DeleteAsync(Tea, row.Id, Soon.Token));
            Assert.Equal(0, await house.MiscountedAsync());
        }
        Assert.Equal(0, await house.CountAsync("chain_tree"));
    }

    [Fact]
    public async Task TurnThatBeganInTime_StillAddsToAnOldTree()
    {
        await using var house = await OpenAsync(new StoredChainOptions());
        var first = await house.Rows.AppendAsync(New());
        await house.AgeAsync(new StoredChainOptions().AgeMax + TimeSpan.FromMinutes(1));
        Assert.Empty(await house.Rows.ListAsync(first.Id));
        Assert.Equal(0, await house.Cleanup.CleanAsync(Soon.Token));
        var second = await house.Rows.AppendAsync(New(first));
        Assert.Equal(2, (await house.Rows.ListAsync(second.Id)).Count);
    }

    [Fact]
    public async Task TreeBeingRemoved_TakesNoMore()
    {
        await using var house = await OpenAsync(new StoredChainOptions());
        var first = await house.Rows.AppendAsync(New());
        var late = New(first) with { Claim = await house.Rows.ClaimAsync(Tea, first.Root, Soon.Token) };
        await house.AgeAsync(TimeSpan.FromDays(32));
        await house.Cleanup.CleanAsync(Soon.Token);
        await Assert.ThrowsAsync<ChainLostException>(async () => await house.Rows.AppendAsync(late, Soon.Token));
        Assert.Equal(0, await house.CountAsync("chain_row"));
    }

    /// <summary>The numbers of rows that went may be given again.</summary>
    [Fact]
    public async Task ChainRemovedWhileItIsRead_ShowsNothingOfAnother()
    {
        await using var house = await OpenAsync(new StoredChainOptions { PageResponsesMax = 3 });
        var chain = await house.Rows.AppendChainAsync(6);
        await using var reading = house.Rows.ReadAsync(Tea, chain[5].Id, Soon.Token).GetAsyncEnumerator(Soon.Token);
        for (var i = 0; i < 3; i++) Assert.True(await reading.MoveNextAsync());
        foreach (var row in chain.Reverse()) Assert.True(await house.Rows.DeleteAsync(Tea, row.Id, Soon.Token));
        ChainRow? other = null;
        for (var i = 0; i < 6; i++) other = await house.Rows.AppendAsync(New(other, i == 0 ? Coffee : null));
        for (var i = 0; i < 6; i++) await house.Rows.AppendAsync(New());
        await Assert.ThrowsAsync<StoreAwayException>(async () => await reading.MoveNextAsync());
    }

    [Fact]
    public async Task DeletedChain_LeavesNothing()
    {
        await using var house = await OpenAsync(new StoredChainOptions());
        var first = await house.Rows.AppendAsync(New() with { Pieces = [Piece("tools")], ItemIds = ["msg_1"] });
        var second = await house.Rows.AppendAsync(New(first) with { Pieces = [Piece("tools")] });
        await house.Rows.DeleteAsync(Tea, first.Id, Soon.Token);
        Assert.Equal(2, await house.CountAsync("chain_row"));
        await house.Rows.DeleteAsync(Tea, second.Id, Soon.Token);
        await house.Cleanup.CleanAsync(Soon.Token);
        foreach (var table in (string[])["chain_tree", "chain_row", "chain_piece", "chain_use", "chain_item"])
            Assert.Equal(0, await house.CountAsync(table));
    }
}

public sealed class SqliteChainBoundsTests : ChainBoundsTests, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override Task<StoreHouse> OpenAsync(StoredChainOptions chains) =>
        StoreHouse.SqliteAsync(_folder.Path, chains: chains);
}

public sealed class PostgresChainBoundsTests(PostgresFixture postgres) : ChainBoundsTests
{
    private protected override Task<StoreHouse> OpenAsync(StoredChainOptions chains) =>
        StoreHouse.PostgresAsync(postgres.ConnectionString(), chains: chains);
}
