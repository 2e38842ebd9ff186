using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Chains;
using Samovar.Conversations;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Stores;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Conversations;

/// <summary>What conversations do in every store, whatever it is made of.</summary>
public abstract class ConversationConformance : IAsyncLifetime
{
    private protected static readonly TenantId Tea = TenantId.Local, Coffee = new("coffee");
    private readonly StoredChains _made = new();
    private ConversationStore _conversations = null!;

    public async ValueTask InitializeAsync()
    {
        await OpenAsync();
        _conversations = New(new ConversationOptions());
    }

    public abstract ValueTask DisposeAsync();

    private protected abstract ValueTask OpenAsync();
    private protected abstract IChainStore Chains { get; }
    private protected abstract IConversationRows Rows { get; }

    [Fact]
    public async Task Conversation_IsFoundAsItWasMade_ByItsTenantAlone()
    {
        var made = await CreateAsync();
        var found = await _conversations.FindAsync(Tea, made.Id, Soon.Token);
        Assert.Equal((made.Id, made.CreatedAt, """{"a":"b"}"""), (found.Id, found.CreatedAt, new RawJson(found.Metadata).ToString()));
        foreach (var (tenant, id) in new[] { (Coffee, made.Id), (Tea, new ConversationId("conv_none")) })
        {
            await RefusedAsync(Errors.ConversationNotFound, _conversations.FindAsync(tenant, id, Soon.Token));
            await RefusedAsync(Errors.ConversationNotFound, _conversations.UpdateAsync(tenant, id, default, Soon.Token));
            await RefusedAsync(Errors.ConversationNotFound, _conversations.AddAsync(tenant, id, [Ask.User("x")], Soon.Token));
            await RefusedAsync(Errors.ConversationNotFound, _conversations.OpenAsync(tenant, id, Soon.Token));
            await RefusedAsync(Errors.ConversationNotFound, _conversations.DeleteAsync(tenant, id, Soon.Token));
        }
    }

    [Fact]
    public async Task Metadata_IsReplaced()
    {
        var made = await CreateAsync();
        var changed = await _conversations.UpdateAsync(Tea, made.Id, RawJson.Of("""{"c":"d"}"""), Soon.Token);
        Assert.Equal("""{"c":"d"}""", new RawJson(changed.Metadata).ToString());
        Assert.True((await _conversations.UpdateAsync(Tea, made.Id, default, Soon.Token)).Metadata.IsEmpty);
    }

    [Fact]
    public async Task Items_AreListedInTheirOrder_EachUnderAnIdThatStays()
    {
        var made = await CreateAsync(Ask.User("one"), StoredChains.Said("msg_own", "two"));
        await _conversations.AddAsync(Tea, made.Id, [Ask.User("three")], Soon.Token);
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
    public async Task Turn_ContinuesTheResponseBefore_AndBringsAddedItemsAlong()
    {
        var made = await CreateAsync();
        var first = await TurnAsync(made.Id, "one");
        await _conversations.AddAsync(Tea, made.Id, [Ask.User("two")], Soon.Token);
        await using var hold = await _conversations.OpenAsync(Tea, made.Id, Soon.Token);
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
        await RefusedAsync(Errors.ConversationItemNotFound, _conversations.RemoveAsync(Tea, made.Id, "msg_none", Soon.Token));
        await _conversations.RemoveAsync(Tea, made.Id, before[2].Id, Soon.Token);
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
        await using (await _conversations.OpenAsync(Tea, made.Id, Soon.Token))
        {
            var error = await RefusedAsync(Errors.ConversationLocked, _conversations.OpenAsync(Tea, made.Id, Soon.Token));
            Assert.Equal("conversation", error.Param);
            await RefusedAsync(Errors.ConversationLocked, _conversations.AddAsync(Tea, made.Id, [Ask.User("x")], Soon.Token));
            await _conversations.UpdateAsync(Tea, made.Id, default, Soon.Token); // its metadata is no item
            Assert.Empty(await ItemsAsync(made.Id));
        }
        await TurnAsync(made.Id, "one");
        await TurnAsync(made.Id, "two");
    }

    [Fact]
    public async Task Head_NeverMoves_FromWhereItIsNoMore()
    {
        var made = await CreateAsync(Ask.User("one"));
        var hold = await _conversations.OpenAsync(Tea, made.Id, Soon.Token);
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
        await using var hold = await _conversations.OpenAsync(Tea, made.Id, Soon.Token);
        var node = Node(hold, "one");
        await _conversations.DeleteAsync(Tea, made.Id, Soon.Token);
        var claim = hold.Claim(await Chains.ClaimAsync(Tea, hold.Parent, Soon.Token));
        await RefusedAsync(Errors.ChainLost, Chains.AddAsync(node, claim, Soon.Token).AsTask());
        Assert.Null(await Chains.FindAsync(Tea, node.Id, Soon.Token));
    }

    [Fact]
    public async Task ResponsesOfADeletedConversation_AreFoundAndContinued()
    {
        var made = await CreateAsync();
        var response = await TurnAsync(made.Id, "one");
        await _conversations.DeleteAsync(Tea, made.Id, Soon.Token);
        var found = await Chains.FindAsync(Tea, response.Id, Soon.Token);
        Assert.Equal(response.Id, found!.Id);
        await Chains.AddAsync(_made.Next(found), await Chains.ClaimAsync(Tea, found, Soon.Token), Soon.Token);
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

    [Fact]
    public async Task ResponseThatIsTakenBack_LeavesTheConversationAsItWas()
    {
        var made = await CreateAsync();
        await TurnAsync(made.Id, "one");
        var failed = await TurnAsync(made.Id, "two");
        await Chains.TakeBackAsync(Tea, failed.Id, Soon.Token);
        Assert.Equal(["one", "said one"], (await ItemsAsync(made.Id)).Select(Text));
        await TurnAsync(made.Id, "three");
        Assert.Equal(["one", "said one", "three", "said three"], (await ItemsAsync(made.Id)).Select(Text));
    }

    [Fact]
    public async Task BoundsOfATenant_AreItsOwn()
    {
        var few = New(new ConversationOptions { CountMax = 1, ItemsMax = 2 });
        var made = await few.CreateAsync(Tea, default, [Ask.User("one")], Soon.Token);
        var full = await RefusedAsync(Errors.ConversationsFull, few.CreateAsync(Tea, default, [], Soon.Token));
        Assert.Contains("1 conversations", full.Message, StringComparison.Ordinal);
        await few.CreateAsync(Coffee, default, [], Soon.Token);
        await RefusedAsync(Errors.ChainTooLong, few.AddAsync(Tea, made.Id, [Ask.User("two"), Ask.User("three")], Soon.Token));
        await few.AddAsync(Tea, made.Id, [Ask.User("two")], Soon.Token);
        await few.DeleteAsync(Tea, made.Id, Soon.Token);
        await few.CreateAsync(Tea, default, [], Soon.Token);
    }

    private protected ConversationStore New(ConversationOptions options) => new(
        Rows, Chains, options, new ConversationMetrics(new TestMeters()), new SeededIds(), new ManualTime(),
        NullLogger<ConversationStore>.Instance);

    private protected Task<ConversationRow> CreateAsync(params Item[] items) =>
        _conversations.CreateAsync(Tea, RawJson.Of("""{"a":"b"}"""), items, Soon.Token);

    /// <summary>What a turn leaves that was asked one thing and said another.</summary>
    private protected async Task<ChainNode> TurnAsync(ConversationId id, string asked, RowKind kind = RowKind.Response)
    {
        await using var hold = await _conversations.OpenAsync(Tea, id, Soon.Token);
        var node = Node(hold, asked, kind);
        var claim = hold.Claim(await Chains.ClaimAsync(Tea, hold.Parent, Soon.Token));
        await Chains.AddAsync(node, claim, Soon.Token);
        await hold.MovedAsync();
        return node;
    }

    private protected Task<List<(Item Item, string Id)>> ItemsAsync(ConversationId id) => _conversations.ItemsAsync(Tea, id, Soon.Token);

    private ChainNode Node(ConversationHold hold, string asked, RowKind kind = RowKind.Response)
    {
        var made = _made.Next(hold.Parent, [.. hold.Added, Ask.User(asked)], [StoredChains.Said("msg_" + asked, "said " + asked)]);
        return new ChainNode
        {
            Tenant = Tea, Id = made.Id, Kind = kind, Parent = made.Parent, Input = made.Input, Response = made.Response, Bytes = made.Bytes,
        };
    }

    private static string Text((Item Item, string Id) entry) => Text(entry.Item);

    private static string Text(Item item) => ((ContentPart.Text)((MessageItem)item).Content[0]).Value;

    private static async Task<ApiException> RefusedAsync(ErrorKind kind, Task asking)
    {
        var error = await Assert.ThrowsAsync<ApiException>(() => asking);
        Assert.Equal(kind.Code, error.Kind.Code);
        return error;
    }
}
