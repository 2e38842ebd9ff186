using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Conversations;

/// <summary>What conversations do in every store, whatever it is made of.</summary>
public abstract class ConversationConformance : ConversationBoundsConformance
{
    [Fact]
    public async Task Conversation_IsFoundAsItWasMade_ByItsTenantAlone()
    {
        var made = await CreateAsync();
        var found = await Conversations.FindAsync(Tea, made.Id, Soon.Token);
        Assert.Equal((made.Id, made.CreatedAt, """{"a":"b"}"""), (found.Id, found.CreatedAt, new RawJson(found.Metadata).ToString()));
        foreach (var (tenant, id) in new[] { (Coffee, made.Id), (Tea, new ConversationId("conv_none")) })
        {
            await RefusedAsync(Errors.ConversationNotFound, Conversations.FindAsync(tenant, id, Soon.Token));
            await RefusedAsync(Errors.ConversationNotFound, Conversations.UpdateAsync(tenant, id, default, Soon.Token));
            await RefusedAsync(Errors.ConversationNotFound, Conversations.AddAsync(tenant, id, [Ask.User("x")], Soon.Token));
            await RefusedAsync(Errors.ConversationNotFound, Conversations.OpenAsync(tenant, id, Soon.Token));
            await RefusedAsync(Errors.ConversationNotFound, Conversations.DeleteAsync(tenant, id, Soon.Token));
        }
    }

    [Fact]
    public async Task Metadata_IsReplaced()
    {
        var made = await CreateAsync();
        var changed = await Conversations.UpdateAsync(Tea, made.Id, RawJson.Of("""{"c":"d"}"""), Soon.Token);
        Assert.Equal("""{"c":"d"}""", new RawJson(changed.Metadata).ToString());
        Assert.True((await Conversations.UpdateAsync(Tea, made.Id, default, Soon.Token)).Metadata.IsEmpty);
    }

    [Fact]
    public async Task Items_AreListedInTheirOrder_EachUnderAnIdThatStays()
    {
        var made = await CreateAsync(Ask.User("one"), StoredChains.Said("msg_own", "two"));
        await Conversations.AddAsync(Tea, made.Id, [Ask.User("three")], Soon.Token);
        await TurnAsync(made.Id, "four");
        var items = await ItemsAsync(made.Id);
        Assert.Equal(["one", "two", "three", "four", "said four"], items.Select(Text));
        Assert.Equal("msg_own", items[1].Id);
        Assert.All(items, entry => Assert.StartsWith("msg_", entry.Id, StringComparison.Ordinal));
        Assert.Equal(items.Count, items.DistinctBy(entry => entry.Id).Count());
        await TurnAsync(made.Id, "five");
        Assert.Equal(items.Select(entry => entry.Id), (await ItemsAsync(made.Id)).Take(5).Select(entry => entry.Id));
    }

    [Fact]
    public async Task Pages_AreParts_OfTheWholeList_WhereIdsWereSentAgain()
    {
        var made = await CreateAsync(Ask.User("one"), StoredChains.Said("msg_b", "before"));
        foreach (var asked in new[] { "a", "b", "a", "c", "b", "a", "d" }) await TurnAsync(made.Id, asked);
        var listed = await NamedOneByOneAsync(made.Id);
        await Conversations.AddAsync(Tea, made.Id, [ItemNames.Named(Ask.User("again"), listed[0])], Soon.Token);
        await TurnAsync(made.Id, "c");
        await Conversations.AddAsync(Tea, made.Id, [ItemNames.Named(Ask.User("again"), listed[^3])], Soon.Token);
        listed = await NamedOneByOneAsync(made.Id);
        Assert.Equal(listed.Count, listed.Distinct().Count());
        Assert.Equal(listed, (await ItemsAsync(made.Id)).Select(static item => item.Id));
        var pages = (await Conversations.ItemsAsync(Tea, made.Id, Soon.Token))!;
        foreach (var isDescending in new[] { false, true })
        {
            var ordered = isDescending ? [.. listed.AsEnumerable().Reverse()] : listed;
            for (var at = 0; at < ordered.Count; at++)
            {
                Assert.Equal(ordered[at], (await pages.FindAsync(ordered[at], Soon.Token))!.Id);
                var limit = 1 + at % 7;
                var (behind, isMore) = await pages.ReadAsync(new(limit, isDescending, After: ordered[at]), Soon.Token);
                Assert.Equal(ordered.Skip(at + 1).Take(limit), behind.Select(static item => item.Id));
                Assert.Equal(ordered.Count - at - 1 > limit, isMore);
                var (before, isMoreBefore) = await pages.ReadAsync(new(limit, isDescending, Before: ordered[at]), Soon.Token);
                Assert.Equal(ordered.Take(at).TakeLast(limit), before.Select(static item => item.Id));
                Assert.Equal(at > limit, isMoreBefore);
                var (between, _) = await pages.ReadAsync(new(limit, isDescending, ordered[at / 2], ordered[at / 2 + 1]), Soon.Token);
                Assert.Empty(between);
            }
        }
    }

    [Fact]
    public async Task ItemsThatAreAdded_AreAnsweredUnderTheIdsThatTheListHas()
    {
        var made = await CreateAsync(StoredChains.Said("msg_own", "one"));
        await TurnAsync(made.Id, "two");
        var (twice, placed) = (StoredChains.Said("msg_twice", "three"), (await ItemsAsync(made.Id))[1].Id);
        var added = await Conversations.AddAsync(Tea, made.Id,
            [Ask.Reference("msg_own"), StoredChains.Said("msg_own", "again"), twice, twice, Ask.Reference(placed), Ask.User("new")],
            Soon.Token);
        var listed = await ItemsAsync(made.Id);
        Assert.Equal(listed.Skip(3).Select(static item => item.Id), added.Select(static item => item.Id));
        Assert.Equal("msg_twice", added[2].Id);
        foreach (var item in added) await Conversations.RemoveAsync(Tea, made.Id, item.Id!, Soon.Token);
        Assert.Equal(listed.Take(3).Select(static item => item.Id), (await ItemsAsync(made.Id)).Select(static item => item.Id));
        var first = await Conversations.AddAsync(Tea, (await CreateAsync()).Id, [twice, twice], Soon.Token);
        Assert.Equal(2, first.DistinctBy(static item => item.Id).Count());
    }

    [Fact]
    public async Task PageBehindAnItemOfAnotherList_IsRefused()
    {
        var made = await CreateAsync(Ask.User("one"));
        await TurnAsync(made.Id, "two");
        var other = await CreateAsync();
        await TurnAsync(other.Id, "three");
        var pages = (await Conversations.ItemsAsync(Tea, made.Id, Soon.Token))!;
        var foreign = await NamedOneByOneAsync(other.Id);
        foreach (var id in foreign.Concat(["", "msg_", "msg__0", "msg_none_0", "\0", "msg_%", "msg_two_"]))
        {
            Assert.Null(await pages.FindAsync(id, Soon.Token));
            var error = await RefusedAsync(Errors.InvalidValue, pages.ReadAsync(new(1, IsDescending: true, After: id), Soon.Token));
            Assert.Equal("after", error.Param);
            error = await RefusedAsync(Errors.InvalidValue, pages.ReadAsync(new(1, IsDescending: true, Before: id), Soon.Token));
            Assert.Equal("before", error.Param);
        }
        var own = await NamedOneByOneAsync(made.Id);
        var swapped = await RefusedAsync(
            Errors.InvalidValue, pages.ReadAsync(new(1, IsDescending: false, After: own[2], Before: own[0]), Soon.Token));
        Assert.Equal("before", swapped.Param);
    }

    /// <summary>What stands before the item that goes stays as it is, and so does the state that it was computed with.</summary>
    [Fact]
    public async Task ItemThatIsDeleted_CostsWhatStandsBehindIt()
    {
        var made = await CreateAsync();
        await TurnAsync(made.Id, "one");
        var kept = await TurnAsync(made.Id, "two");
        await TurnAsync(made.Id, "three");
        var before = await NamedOneByOneAsync(made.Id);
        await Conversations.RemoveAsync(Tea, made.Id, before[4], Soon.Token);
        await using var hold = await Conversations.OpenAsync(Tea, made.Id, Soon.Token);
        Assert.Equal(kept.Id, hold.Parent!.Id);
        Assert.Equal("said three", Text(Assert.Single(hold.Added)));
    }

    [Fact]
    public async Task Turn_ContinuesTheResponseBefore_AndBringsAddedItemsAlong()
    {
        var made = await CreateAsync();
        var first = await TurnAsync(made.Id, "one");
        await Conversations.AddAsync(Tea, made.Id, [Ask.User("two")], Soon.Token);
        await using var hold = await Conversations.OpenAsync(Tea, made.Id, Soon.Token);
        Assert.Equal(first.Id, hold.Parent!.Id);
        Assert.Equal("two", Text(Assert.Single(hold.Added)));
    }

    [Fact]
    public async Task ItemThatIsDeleted_IsGone_AndAllOthersKeepTheirIds()
    {
        var made = await CreateAsync(Ask.User("one"));
        var response = await TurnAsync(made.Id, "two");
        await TurnAsync(made.Id, "three");
        var before = await ItemsAsync(made.Id);
        await RefusedAsync(Errors.ConversationItemNotFound, Conversations.RemoveAsync(Tea, made.Id, "msg_none", Soon.Token));
        await Conversations.RemoveAsync(Tea, made.Id, before[2].Id, Soon.Token);
        Assert.Equal(["one", "two", "three", "said three"], (await ItemsAsync(made.Id)).Select(Text));
        await TurnAsync(made.Id, "four");
        var after = await ItemsAsync(made.Id);
        Assert.Equal(["one", "two", "three", "said three", "four", "said four"], after.Select(Text));
        Assert.Equal(before.Where((_, at) => at != 2).Select(entry => entry.Id), after.Take(4).Select(entry => entry.Id));
        Assert.NotNull(await Chains.FindAsync(Tea, response.Id, Soon.Token)); // its own items are as they were
    }

    [Fact]
    public async Task SecondWhoComes_IsRefused_UntilTheFirstHasLeft()
    {
        var made = await CreateAsync();
        await using (await Conversations.OpenAsync(Tea, made.Id, Soon.Token))
        {
            var error = await RefusedAsync(Errors.ConversationLocked, Conversations.OpenAsync(Tea, made.Id, Soon.Token));
            Assert.Equal("conversation", error.Param);
            await RefusedAsync(Errors.ConversationLocked, Conversations.AddAsync(Tea, made.Id, [Ask.User("x")], Soon.Token));
            await Conversations.UpdateAsync(Tea, made.Id, default, Soon.Token); // its metadata is no item
            Assert.Empty(await ItemsAsync(made.Id));
        }
        await TurnAsync(made.Id, "one");
        await TurnAsync(made.Id, "two");
    }

    [Fact]
    public async Task Head_NeverMoves_FromWhereItIsNoMore()
    {
        var made = await CreateAsync(Ask.User("one"));
        var hold = await Conversations.OpenAsync(Tea, made.Id, Soon.Token);
        var (late, lateClaim) = (Node(hold, "late"), hold.Claim(await Chains.ClaimAsync(Tea, hold.Parent, Soon.Token)));
        var (next, claim) = (Node(hold, "two"), hold.Claim(await Chains.ClaimAsync(Tea, hold.Parent, Soon.Token)));
        await Chains.AddAsync(next, claim, Soon.Token);
        await hold.MovedAsync();
        await RefusedAsync(Errors.ChainLost, Chains.AddAsync(late, lateClaim, Soon.Token).AsTask());
        Assert.Null(await Chains.FindAsync(Tea, late.Id, Soon.Token));
        Assert.Equal(["one", "two", "said two"], (await ItemsAsync(made.Id)).Select(Text));
        await TurnAsync(made.Id, "three");
    }

    [Fact]
    public async Task ConversationThatIsDeletedMeanwhile_TakesNoResponse()
    {
        var made = await CreateAsync();
        await using var hold = await Conversations.OpenAsync(Tea, made.Id, Soon.Token);
        var node = Node(hold, "one");
        await Conversations.DeleteAsync(Tea, made.Id, Soon.Token);
        var claim = hold.Claim(await Chains.ClaimAsync(Tea, hold.Parent, Soon.Token));
        await RefusedAsync(Errors.ChainLost, Chains.AddAsync(node, claim, Soon.Token).AsTask());
        Assert.Null(await Chains.FindAsync(Tea, node.Id, Soon.Token));
    }

    [Fact]
    public async Task ResponsesOfADeletedConversation_AreFoundAndContinued()
    {
        var made = await CreateAsync();
        var response = await TurnAsync(made.Id, "one");
        await Conversations.DeleteAsync(Tea, made.Id, Soon.Token);
        var found = await Chains.FindAsync(Tea, response.Id, Soon.Token);
        Assert.Equal(response.Id, found!.Id);
        await Chains.AddAsync(Made.Next(found), await Chains.ClaimAsync(Tea, found, Soon.Token), Soon.Token);
    }

    [Fact]
    public async Task ResponseThatIsDeleted_StaysInItsConversation()
    {
        var made = await CreateAsync();
        var response = await TurnAsync(made.Id, "one");
        Assert.True(await Chains.DeleteAsync(Tea, response.Id, Soon.Token));
        Assert.Null(await Chains.FindAsync(Tea, response.Id, Soon.Token));
        Assert.Equal(["one", "said one"], (await ItemsAsync(made.Id)).Select(Text));
        await TurnAsync(made.Id, "two");
        Assert.Equal(["one", "said one", "two", "said two"], (await ItemsAsync(made.Id)).Select(Text));
        Assert.Null(await Chains.FindAsync(Tea, response.Id, Soon.Token));
    }

    [Fact]
    public async Task HiddenRow_IsFoundByItsConversationAlone()
    {
        var made = await CreateAsync();
        var hidden = await TurnAsync(made.Id, "one", RowKind.Items);
        Assert.Null(await Chains.FindAsync(Tea, hidden.Id, Soon.Token));
        Assert.Equal(["one", "said one"], (await ItemsAsync(made.Id)).Select(Text));
        await TurnAsync(made.Id, "two");
        Assert.Null(await Chains.FindAsync(Tea, hidden.Id, Soon.Token));
    }
}
