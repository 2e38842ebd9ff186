using System.Text.Json;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Conversations;

/// <summary>Turns that name a conversation: its items are their context, and theirs are added to it.</summary>
public sealed class ConversationTurnTests : IDisposable
{
    private readonly CoreHouse _house = new();
    private readonly PhaseGate _gate = new();

    public void Dispose() => _house.Dispose();

    [Fact]
    public async Task Turns_GoOn_WhereTheConversationIs_AtTheCostOfWhatIsNew()
    {
        var id = await CreateAsync(Ask.User("before"));
        var first = await RunAsync(id, "[[final=one]] first");
        var second = await RunAsync(id, "[[final=two]] second");
        Assert.Equal(id.Value, second.Last.GetProperty("conversation").GetProperty("id").GetString());
        Assert.Equal(JsonValueKind.Null, second.Last.GetProperty("previous_response_id").ValueKind);
        var node = (await _house.Store.FindAsync(TenantId.Local, new ResponseId(second.Id), Soon.Token))!;
        Assert.Equal((first.Id, 1), (node.Parent!.Id.Value, node.Input.Count));
        Assert.True(Cached(second) > 0); // the state of the turn before, as with previous_response_id
        Assert.Equal(["before", "[[final=one]] first", "one", "[[final=two]] second", "two"], await SaidAsync(id));
    }

    [Fact]
    public async Task ItemsThatWereAdded_AreContext_AndTheTurnBeforeStaysWarm()
    {
        var id = await CreateAsync();
        var first = await RunAsync(id, "[[final=one]] first");
        await _house.Conversations.AddAsync(TenantId.Local, id, [Ask.User("added")], Soon.Token);
        var second = await RunAsync(id, "[[final=two]] second");
        var node = (await _house.Store.FindAsync(TenantId.Local, new ResponseId(second.Id), Soon.Token))!;
        Assert.Equal((first.Id, 2), (node.Parent!.Id.Value, node.Input.Count));
        Assert.True(Cached(second) > 0);
        Assert.Equal(["[[final=one]] first", "one", "added", "[[final=two]] second", "two"], await SaidAsync(id));
    }

    [Fact]
    public async Task FailedTurn_AddsNothing_AndTheNextOneRuns()
    {
        var id = await CreateAsync(Ask.User("before"));
        _house.Backend.OnPhase = (_, phase, _) => phase == ScriptPhase.Finishing ? throw new ApiException(Errors.Internal) : default;
        Assert.Equal("failed", (await RunAsync(id, "first")).Status);
        _house.Backend.OnPhase = null;
        Assert.Equal(["before"], await SaidAsync(id));
        Assert.Equal("completed", (await RunAsync(id, "[[final=x]] second")).Status);
        Assert.Equal(["before", "[[final=x]] second", "x"], await SaidAsync(id));
    }

    [Fact]
    public async Task CancelledTurn_AddsNothing_AndTheNextOneRuns()
    {
        var id = await CreateAsync();
        _house.Backend.OnPhase = (_, phase, cancelled) => phase == ScriptPhase.ItemStarted ? _gate.PassAsync(cancelled) : default;
        var turn = _house.Begin(Of(id, "first"));
        await _gate.Reached.WaitAsync(Soon.Token);
        var log = await turn.Began;
        turn.Cancel();
        await turn.Ended;
        Assert.NotNull(log);
        _house.Backend.OnPhase = null;
        await RunAsync(id, "[[final=x]] second");
        Assert.Equal(["[[final=x]] second", "x"], await SaidAsync(id));
    }

    [Fact]
    public async Task SecondTurnAtOnce_IsRefused_AndTheFirstGoesOn()
    {
        var id = await CreateAsync();
        _house.Backend.OnPhase = (_, phase, cancelled) => phase == ScriptPhase.ItemStarted ? _gate.PassAsync(cancelled) : default;
        var first = _house.Begin(Of(id, "[[final=one]] first"));
        await _gate.Reached.WaitAsync(Soon.Token);
        var error = await Assert.ThrowsAsync<ApiException>(() => _house.Begin(Of(id, "second")).Began);
        Assert.Equal(("conversation_locked", 400, "conversation",
            "Another process is currently operating on this conversation. Please retry in a few seconds."),
            (error.Kind.Code, error.Kind.Status, error.Param, error.Message));
        _gate.Open();
        await first.Ended;
        Assert.Equal(["[[final=one]] first", "one"], await SaidAsync(id));
    }

    [Fact]
    public async Task UnknownConversation_IsNotFound()
    {
        var error = await Assert.ThrowsAsync<ApiException>(() => _house.Begin(Of(new ConversationId("conv_none"), "x")).Began);
        Assert.Equal(("conversation_not_found", 404, "conversation"), (error.Kind.Code, error.Kind.Status, error.Param));
    }

    [Fact]
    public async Task CallThatIsOpen_IsToBeAnswered()
    {
        var id = await CreateAsync();
        var request = Of(id, "[[steps=1]] go").With(Ask.Shell);
        var call = (await _house.RunAsync(request, Soon.Token)).CallId;
        await Assert.ThrowsAsync<ApiException>(() => _house.Begin(Of(id, "and now?").With(Ask.Shell)).Began);
        var output = StoredChains.Item($$"""{"type":"function_call_output","call_id":"{{call}}","output":"done"}""");
        Assert.Equal("completed", (await _house.RunAsync(Of(id, output).With(Ask.Shell), Soon.Token)).Status);
    }

    [Fact]
    public async Task ResponseOfAConversation_IsContinuedByItsId_BesideIt()
    {
        var id = await CreateAsync();
        var first = await RunAsync(id, "[[final=one]] first");
        await _house.RunAsync(Ask.Stored("[[final=fork]] aside").After(first.Id), Soon.Token);
        Assert.Equal(["[[final=one]] first", "one"], await SaidAsync(id));
    }

    [Fact]
    public async Task Item_IsReferredTo_ByTheIdThatItIsListedUnder()
    {
        var id = await CreateAsync();
        await RunAsync(id, "[[final=one]] first");
        var listed = (await ItemsAsync(id))[0].Id;
        var reference = StoredChains.Item($$"""{"type":"item_reference","id":"{{listed}}"}""");
        Assert.Equal("completed", (await _house.RunAsync(Of(id, reference), Soon.Token)).Status);
        Assert.Equal(["[[final=one]] first", "one", "[[final=one]] first", "one"], await SaidAsync(id));
    }

    private async Task<ConversationId> CreateAsync(params Item[] items) =>
        (await _house.Conversations.CreateAsync(TenantId.Local, default, items, Soon.Token)).Id;

    private Task<SeenEvents> RunAsync(ConversationId id, string text) => _house.RunAsync(Of(id, text), Soon.Token);

    private static CreateRequest Of(ConversationId id, string text) => Of(id, Ask.User(text));

    private static CreateRequest Of(ConversationId id, Item item) => Ask.For(item).SayingStore(true) with { Conversation = id };

    private static int Cached(SeenEvents turn) =>
        turn.Last.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32();

    private async Task<List<ChainItem>> ItemsAsync(ConversationId id) =>
        (await (await _house.Conversations.ItemsAsync(TenantId.Local, id, Soon.Token) ?? ItemPages.Empty)
            .ReadAsync(new ItemQuery(100, IsDescending: false), Soon.Token)).Page;

    private async Task<IEnumerable<string>> SaidAsync(ConversationId id) =>
        (await ItemsAsync(id)).Select(entry => ((ContentPart.Text)((MessageItem)entry.Item).Content[0]).Value);
}
