using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Stores;
using Samovar.Tests.Chains;

namespace Samovar.Tests.Sessions;

/// <summary>What a connection continues of what is no longer in the store.</summary>
public sealed class SessionDeletionTests
{
    [Theory]
    [InlineData("memory")]
    [InlineData("rows")]
    public async Task ResponseThatWasDeleted_IsGoneOnWith_ByNoLaneThatHasIt(string kind)
    {
        using var meters = new TestMeters();
        using var house = new CoreHouse(store: memory => kind == "memory" ? memory : Durables.Over(new ChainRowsLab().Open(), meters));
        await using var session = house.Sessions.Open(TenantId.Local);
        var first = await CoreHouse.SendBareAsync(session, Ask.Stored("one"), Soon.Token);
        var second = await CoreHouse.SendBareAsync(session, Ask.Stored("two").On("b").After(first.Id), Soon.Token);
        Assert.True(await house.Store.DeleteAsync(TenantId.Local, new ResponseId(second.Id), Soon.Token));
        var turns = house.Backend.Turns;
        var fork = await Assert.ThrowsAsync<ApiException>(() => CoreHouse.SendAsync(
            session, Ask.Stored("fork").After(second.Id), Soon.Token));
        Assert.Equal(Errors.PreviousResponseNotFound, fork.Kind);
        var bare = await Assert.ThrowsAsync<ApiException>(() => CoreHouse.SendBareAsync(session, Ask.Stored("on").On("b"), Soon.Token));
        Assert.Equal(Errors.PreviousResponseNotFound, bare.Kind);
        Assert.Equal(turns, house.Backend.Turns);
        Assert.Equal("completed", (await CoreHouse.SendAsync(session, Ask.Stored("three").After(first.Id), Soon.Token)).Status);
    }

    [Fact]
    public async Task ResponseThatGaveWayToOthersInTheStore_IsGoneOnWith_ByTheLaneThatHasIt()
    {
        using var house = new CoreHouse(chains: options => options.CountMax = 1);
        await using var session = house.Sessions.Open(TenantId.Local);
        var first = await CoreHouse.SendAsync(session, Ask.Stored("one"), Soon.Token);
        await CoreHouse.SendAsync(session, Ask.Stored("another").On("b"), Soon.Token);
        Assert.Null(await house.Store.FindAsync(TenantId.Local, new ResponseId(first.Id), Soon.Token));
        Assert.Equal("completed", (await CoreHouse.SendAsync(session, Ask.Stored("two").After(first.Id), Soon.Token)).Status);
    }
}
