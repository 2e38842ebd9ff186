using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Ids;
using Samovar.Stores;
using Samovar.Testing;

namespace Samovar.Storage.Tests.Chains;

/// <summary>What every store of rows does, in memory, in a file and in a database. Each test stands on a store of its own.</summary>
public abstract class ChainRowsTests : IAsyncLifetime
{
    private static readonly TenantId Tea = new("tea"), Coffee = new("coffee");
    private int _ids;

    public abstract ValueTask InitializeAsync();
    public abstract ValueTask DisposeAsync();

    /// <summary>The store as this process has it.</summary>
    private protected abstract IChainRows Rows { get; }

    /// <summary>Makes everything older than it is.</summary>
    private protected abstract Task AgeAsync(TimeSpan by);

    /// <summary>The next response after the parent, or the first of a chain.</summary>
    private protected ChainRow Row(ChainRow? parent = null, TenantId? tenant = null, string body = "body")
    {
        var id = new ResponseId($"resp_{++_ids}");
        return new ChainRow
        {
            Tenant = tenant ?? Tea, Id = id, Parent = parent?.Id, Root = parent?.Root ?? id, Depth = (parent?.Depth ?? 0) + 1,
            CreatedAt = new DateTimeOffset(2026, 11, 29, 1, 2, 3, TimeSpan.Zero).AddTicks(_ids), Claim = ChainClaim.New,
            Body = Encoding.UTF8.GetBytes($"{body} {_ids}"),
        };
    }

    private protected static ContentPiece Piece(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return new ContentPiece(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes);
    }

    /// <summary>Appends as a turn does: with the claim that it took.</summary>
    private protected async Task<ChainRow> AppendAsync(ChainRow row, IChainRows? rows = null)
    {
        rows ??= Rows;
        if (row.Parent is not null) row = row with { Claim = await rows.ClaimAsync(row.Tenant, row.Root, Soon.Token) };
        await rows.AppendAsync(row, Soon.Token);
        return row;
    }

    private protected async Task<ChainRow[]> ChainAsync(int count)
    {
        var chain = new ChainRow[count];
        for (var i = 0; i < count; i++) chain[i] = await AppendAsync(Row(i == 0 ? null : chain[i - 1]));
        return chain;
    }

    private protected Task<List<ChainRow>> ReadAsync(ResponseId id, TenantId? tenant = null) =>
        Rows.ReadAsync(tenant ?? Tea, id, Soon.Token).ToListAsync(Soon.Token).AsTask();

    [Fact]
    public async Task Chain_IsReadBack_NewestFirst()
    {
        var chain = await ChainAsync(3);
        var read = await ReadAsync(chain[2].Id);
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
        var chain = await ChainAsync(40);
        Assert.Equal(chain.Reverse().Select(row => row.Id), (await ReadAsync(chain[^1].Id)).Select(row => row.Id));
    }

    [Fact]
    public async Task Reader_StopsWhereItLikes()
    {
        var chain = await ChainAsync(20);
        Assert.Equal(chain[^1].Id, (await Rows.ReadAsync(Tea, chain[^1].Id, Soon.Token).FirstAsync(Soon.Token)).Id);
    }

    [Fact]
    public async Task UnknownId_AndAnotherTenants_AreNotFound()
    {
        var own = await AppendAsync(Row());
        Assert.Empty(await ReadAsync(new ResponseId("resp_unknown")));
        Assert.Empty(await ReadAsync(own.Id, Coffee));
        Assert.False(await Rows.DeleteAsync(Coffee, own.Id, Soon.Token));
        Assert.Single(await ReadAsync(own.Id));
    }

    [Fact]
    public async Task SameId_OfTwoTenants_IsTwoResponses()
    {
        var tea = Row();
        var coffee = tea with { Tenant = Coffee, Body = "other"u8.ToArray() };
        await AppendAsync(tea);
        await AppendAsync(coffee);
        Assert.Equal(tea.Body.ToArray(), (await ReadAsync(tea.Id))[0].Body.ToArray());
        Assert.Equal("other"u8.ToArray(), (await ReadAsync(tea.Id, Coffee))[0].Body.ToArray());
    }

    [Fact]
    public async Task Fork_SharesItsParent()
    {
        var chain = await ChainAsync(2);
        var fork = await AppendAsync(Row(chain[0]));
        Assert.Equal([fork.Id, chain[0].Id], (await ReadAsync(fork.Id)).Select(row => row.Id));
        Assert.Equal([chain[1].Id, chain[0].Id], (await ReadAsync(chain[1].Id)).Select(row => row.Id));
    }

    [Fact]
    public async Task SecondRow_OfTheSameId_IsRefused()
    {
        var chain = await ChainAsync(2);
        await Assert.ThrowsAnyAsync<Exception>(() => AppendAsync(chain[0]));
        await Assert.ThrowsAnyAsync<Exception>(() => AppendAsync(Row(chain[0]) with { Id = chain[1].Id }));
        Assert.Equal(2, (await ReadAsync(chain[1].Id)).Count);
    }

    [Fact]
    public async Task Continuation_OfWhatIsNotThere_IsRefused()
    {
        var first = Row();
        await Assert.ThrowsAsync<ChainLostException>(() => AppendAsync(Row(first)));
        await AppendAsync(first);
        await Assert.ThrowsAsync<ChainLostException>(() => AppendAsync(Row(Row(first))));
    }

    [Fact]
    public async Task Pieces_ComeWithEachRow_InItsOrder()
    {
        ContentPiece tools = Piece("tools"), text = Piece("instructions");
        var first = await AppendAsync(Row() with { Pieces = [tools, text] });
        var second = await AppendAsync(Row(first) with { Pieces = [text, tools, text] });
        var read = await ReadAsync(second.Id);
        Assert.Equal([text.Name, tools.Name, text.Name], read[0].Pieces.Select(piece => piece.Name));
        Assert.Equal([tools.Name, text.Name], read[1].Pieces.Select(piece => piece.Name));
        Assert.Equal("tools"u8.ToArray(), read[0].Pieces[1].Bytes.ToArray());
    }

    [Fact]
    public async Task Item_IsFound_InTheNewestResponseThatHasIt()
    {
        var first = await AppendAsync(Row() with { ItemIds = ["msg_1", "msg_2"] });
        var second = await AppendAsync(Row(first) with { ItemIds = ["msg_2", "msg_2", "msg_ü"] });
        Assert.Equal(first.Id, await Rows.FindItemAsync(Tea, "msg_1", Soon.Token));
        Assert.Equal(second.Id, await Rows.FindItemAsync(Tea, "msg_2", Soon.Token));
        Assert.Equal(second.Id, await Rows.FindItemAsync(Tea, "msg_ü", Soon.Token));
        Assert.Null(await Rows.FindItemAsync(Coffee, "msg_1", Soon.Token));
        Assert.Null(await Rows.FindItemAsync(Tea, "msg_3", Soon.Token));
    }

    [Fact]
    public async Task DeletedResponse_IsNotFound_AndStaysForWhatContinuesIt()
    {
        var chain = await ChainAsync(3);
        Assert.True(await Rows.DeleteAsync(Tea, chain[1].Id, Soon.Token));
        Assert.False(await Rows.DeleteAsync(Tea, chain[1].Id, Soon.Token));
        Assert.Empty(await ReadAsync(chain[1].Id));
        Assert.Equal(3, (await ReadAsync(chain[2].Id)).Count);
        Assert.True(await Rows.DeleteAsync(Tea, chain[2].Id, Soon.Token));
        Assert.Single(await ReadAsync(chain[0].Id));
        Assert.True(await Rows.DeleteAsync(Tea, chain[0].Id, Soon.Token));
        await Assert.ThrowsAsync<ChainLostException>(async () => await Rows.ClaimAsync(Tea, chain[0].Id, Soon.Token));
    }

    [Fact]
    public async Task DeletedResponse_TakesItsItemsAlong()
    {
        var row = await AppendAsync(Row() with { ItemIds = ["msg_1"] });
        await Rows.DeleteAsync(Tea, row.Id, Soon.Token);
        Assert.Null(await Rows.FindItemAsync(Tea, "msg_1", Soon.Token));
    }

    [Fact]
    public async Task Tree_IsKept_FromItsNewestResponse()
    {
        var first = await AppendAsync(Row());
        await AgeAsync(TimeSpan.FromDays(29));
        var second = await AppendAsync(Row(first));
        await AgeAsync(TimeSpan.FromDays(29));
        Assert.Equal(2, (await ReadAsync(second.Id)).Count);
        await AgeAsync(TimeSpan.FromDays(2));
        Assert.Empty(await ReadAsync(second.Id));
        Assert.Empty(await ReadAsync(first.Id));
    }

    [Fact]
    public async Task ManyAtOnce_AreAllStored()
    {
        var rows = Enumerable.Range(0, 200).Select(_ => Row(body: new string('x', 500))).ToList();
        await Task.WhenAll(rows.Select(row => AppendAsync(row)));
        foreach (var row in rows) Assert.Equal(row.Body.ToArray(), Assert.Single(await ReadAsync(row.Id)).Body.ToArray());
    }

    [Fact]
    public async Task LargeRow_ComesBackAsItWas()
    {
        var body = new byte[5 << 20];
        new Random(4711).NextBytes(body);
        var row = await AppendAsync(Row() with { Body = body, Pieces = [new ContentPiece(Piece("x").Name, body)] });
        var read = Assert.Single(await ReadAsync(row.Id));
        Assert.Equal(body, read.Body.ToArray());
        Assert.Equal(body, read.Pieces[0].Bytes.ToArray());
    }
}
