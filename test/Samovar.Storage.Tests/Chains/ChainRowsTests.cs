using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;
using static Samovar.Storage.Tests.Chains.Rows;

namespace Samovar.Storage.Tests.Chains;

/// <summary>What every store of rows does, in memory, in a file and in a database. Each test stands on a store of its own.</summary>
public abstract class ChainRowsTests : IAsyncLifetime
{
    public abstract ValueTask InitializeAsync();
    public abstract ValueTask DisposeAsync();

    /// <summary>The store as this process has it.</summary>
    private protected abstract IChainRows Store { get; }

    /// <summary>Makes everything older than it is.</summary>
    private protected abstract Task AgeAsync(TimeSpan by);

    [Fact]
    public async Task Chain_IsReadBack_NewestFirst()
    {
        var chain = await Store.AppendChainAsync(3);
        var read = await Store.ListAsync(chain[2].Id);
        Assert.Equal([chain[2].Id, chain[1].Id, chain[0].Id], read.Select(row => row.Id));
        foreach (var (was, now) in chain.Reverse().Zip(read))
        {
            Assert.Equal(
                (was.Tenant, was.Parent, was.Root, was.Depth, was.CreatedAt), (now.Tenant, now.Parent, now.Root, now.Depth, now.CreatedAt));
            Assert.Equal(was.Body.ToArray(), now.Body.ToArray());
        }
    }

    [Fact]
    public async Task Chain_LongerThanAPage_IsReadWhole()
    {
        var chain = await Store.AppendChainAsync(40);
        Assert.Equal(chain.Reverse().Select(row => row.Id), (await Store.ListAsync(chain[^1].Id)).Select(row => row.Id));
    }

    [Fact]
    public async Task Reader_StopsWhereItLikes()
    {
        var chain = await Store.AppendChainAsync(20);
        Assert.Equal(chain[^1].Id, (await Store.ReadAsync(Tea, chain[^1].Id, Soon.Token).FirstAsync(Soon.Token)).Id);
    }

    [Fact]
    public async Task UnknownId_AndAnotherTenants_AreNotFound()
    {
        var own = await Store.AppendAsync(New());
        Assert.Empty(await Store.ListAsync(new ResponseId("resp_unknown")));
        Assert.Empty(await Store.ListAsync(own.Id, Coffee));
        Assert.False(await Store.DeleteAsync(Coffee, own.Id, Soon.Token));
        Assert.Single(await Store.ListAsync(own.Id));
    }

    /// <summary>Ids come as clients write them.</summary>
    [Theory]
    [InlineData("resp_\0")]
    [InlineData("resp_\ud800")]
    public async Task IdThatNoTextCanBe_IsNotFound(string id)
    {
        Assert.Empty(await Store.ListAsync(new ResponseId(id)));
        Assert.Null(await Store.FindItemAsync(Tea, id, Soon.Token));
        Assert.False(await Store.DeleteAsync(Tea, new ResponseId(id), Soon.Token));
    }

    [Fact]
    public async Task SameId_OfTwoTenants_IsTwoResponses()
    {
        var tea = New();
        var coffee = tea with { Tenant = Coffee, Body = "other"u8.ToArray() };
        await Store.AppendAsync(tea);
        await Store.AppendAsync(coffee);
        Assert.Equal(tea.Body.ToArray(), (await Store.ListAsync(tea.Id))[0].Body.ToArray());
        Assert.Equal("other"u8.ToArray(), (await Store.ListAsync(tea.Id, Coffee))[0].Body.ToArray());
    }

    [Fact]
    public async Task Fork_SharesItsParent()
    {
        var chain = await Store.AppendChainAsync(2);
        var fork = await Store.AppendAsync(New(chain[0]));
        Assert.Equal([fork.Id, chain[0].Id], (await Store.ListAsync(fork.Id)).Select(row => row.Id));
        Assert.Equal([chain[1].Id, chain[0].Id], (await Store.ListAsync(chain[1].Id)).Select(row => row.Id));
    }

    [Fact]
    public async Task SecondRow_OfTheSameId_IsRefused()
    {
        var chain = await Store.AppendChainAsync(2);
        await Assert.ThrowsAnyAsync<Exception>(() => Store.AppendAsync(chain[0]));
        await Assert.ThrowsAnyAsync<Exception>(() => Store.AppendAsync(New(chain[0]) with { Id = chain[1].Id }));
        Assert.Equal(2, (await Store.ListAsync(chain[1].Id)).Count);
    }

    [Fact]
    public async Task Continuation_OfWhatIsNotThere_IsRefused()
    {
        var first = New();
        await Assert.ThrowsAsync<ChainLostException>(() => Store.AppendAsync(New(first)));
        await Store.AppendAsync(first);
        await Assert.ThrowsAsync<ChainLostException>(() => Store.AppendAsync(New(New(first))));
    }

    [Fact]
    public async Task Continuation_OfWhatWasDeletedMeanwhile_IsRefusedForThat()
    {
        var chain = await Store.AppendChainAsync(2);
        var late = New(chain[1]) with { Claim = await Store.ClaimAsync(Tea, chain[0].Id, Soon.Token) };
        Assert.True(await Store.DeleteAsync(Tea, chain[1].Id, Soon.Token));
        var lost = await Assert.ThrowsAsync<ChainLostException>(async () => await Store.AppendAsync(late, Soon.Token));
        Assert.True(lost.IsParentGone);
    }

    [Fact]
    public async Task Pieces_ComeWithEachRow_InItsOrder()
    {
        ContentPiece tools = Piece("tools"), text = Piece("instructions");
        var first = await Store.AppendAsync(New() with { Pieces = [tools, text] });
        var second = await Store.AppendAsync(New(first) with { Pieces = [text, tools, text] });
        var read = await Store.ListAsync(second.Id);
        Assert.Equal([text.Name, tools.Name, text.Name], read[0].Pieces.Select(piece => piece.Name));
        Assert.Equal([tools.Name, text.Name], read[1].Pieces.Select(piece => piece.Name));
        Assert.Equal("tools"u8.ToArray(), read[0].Pieces[1].Bytes.ToArray());
    }

    [Fact]
    public async Task Item_IsFound_InTheNewestResponseThatHasIt()
    {
        var first = await Store.AppendAsync(New() with { ItemIds = ["msg_1", "msg_2"] });
        var second = await Store.AppendAsync(New(first) with { ItemIds = ["msg_2", "msg_2", "msg_ü"] });
        Assert.Equal(first.Id, await Store.FindItemAsync(Tea, "msg_1", Soon.Token));
        Assert.Equal(second.Id, await Store.FindItemAsync(Tea, "msg_2", Soon.Token));
        Assert.Equal(second.Id, await Store.FindItemAsync(Tea, "msg_ü", Soon.Token));
        Assert.Null(await Store.FindItemAsync(Coffee, "msg_1", Soon.Token));
        Assert.Null(await Store.FindItemAsync(Tea, "msg_3", Soon.Token));
    }

    [Fact]
    public async Task ItemsOfARowThatHasMany_AreAllFound()
    {
        string[] ids = [.. Enumerable.Range(0, 3000).Select(i => $"rs_{i}")];
        var row = await Store.AppendAsync(New() with { ItemIds = [.. ids, "rs_0"] });
        foreach (var id in (string[])[ids[0], ids[1], ids[1499], ids[^1]])
            Assert.Equal(row.Id, await Store.FindItemAsync(Tea, id, Soon.Token));
        Assert.Null(await Store.FindItemAsync(Tea, "rs_3000", Soon.Token));
    }

    [Fact]
    public async Task DeletedResponse_IsNotFound_AndStaysForWhatContinuesIt()
    {
        var chain = await Store.AppendChainAsync(3);
        Assert.True(await Store.DeleteAsync(Tea, chain[1].Id, Soon.Token));
        Assert.False(await Store.DeleteAsync(Tea, chain[1].Id, Soon.Token));
        Assert.Empty(await Store.ListAsync(chain[1].Id));
        Assert.Equal(3, (await Store.ListAsync(chain[2].Id)).Count);
        Assert.True(await Store.DeleteAsync(Tea, chain[2].Id, Soon.Token));
        Assert.Single(await Store.ListAsync(chain[0].Id));
        Assert.True(await Store.DeleteAsync(Tea, chain[0].Id, Soon.Token));
        await Assert.ThrowsAsync<ChainLostException>(async () => await Store.ClaimAsync(Tea, chain[0].Id, Soon.Token));
    }

    [Fact]
    public async Task DeletedResponse_TakesItsItemsAlong()
    {
        var row = await Store.AppendAsync(New() with { ItemIds = ["msg_1"] });
        await Store.DeleteAsync(Tea, row.Id, Soon.Token);
        Assert.Null(await Store.FindItemAsync(Tea, "msg_1", Soon.Token));
    }

    [Fact]
    public async Task Tree_IsKept_FromItsNewestResponse()
    {
        var first = await Store.AppendAsync(New());
        await AgeAsync(TimeSpan.FromDays(29));
        var second = await Store.AppendAsync(New(first));
        await AgeAsync(TimeSpan.FromDays(29));
        Assert.Equal(2, (await Store.ListAsync(second.Id)).Count);
        await AgeAsync(TimeSpan.FromDays(2));
        Assert.Empty(await Store.ListAsync(second.Id));
        Assert.Empty(await Store.ListAsync(first.Id));
    }

    [Fact]
    public async Task ManyAtOnce_AreAllStored()
    {
        var rows = Enumerable.Range(0, 200).Select(_ => New(bytes: 500)).ToList();
        await Task.WhenAll(rows.Select(row => Store.AppendAsync(row)));
        foreach (var row in rows) Assert.Equal(row.Body.ToArray(), Assert.Single(await Store.ListAsync(row.Id)).Body.ToArray());
    }

    [Fact]
    public async Task LargeRow_ComesBackAsItWas()
    {
        var body = new byte[5 << 20];
        new Random(4711).NextBytes(body);
        var row = await Store.AppendAsync(New() with { Body = body, Pieces = [new ContentPiece(Piece("x").Name, body)] });
        var read = Assert.Single(await Store.ListAsync(row.Id));
        Assert.Equal(body, read.Body.ToArray());
        Assert.Equal(body, read.Pieces[0].Bytes.ToArray());
    }
}
