using System.Net;
using Samovar.Tests.Hosting;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Cluster.Tests;

/// <summary>What adds to a conversation without a turn that its client waits for, at a node that does not own it: its owner does
/// it.</summary>
public sealed class OwnerTests(SharedDatabase database) : IClassFixture<SharedDatabase>
{
    [Fact]
    public async Task Items_ThatAreAddedAtAnotherNode_AreThereForTheNextTurn_AtAny()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var id = await BeginAsync(nodes.A);
        var added = await AddAsync(nodes.B, id, "The word is lantern.");
        var own = await nodes.A.Server.CreateAsync(Ask("And five mountains.", conversation: id));
        Assert.Contains(added, await InputOfAsync(nodes.A, own.Id));
        var more = await AddAsync(nodes.B, id, "The word is candle.");
        var other = await nodes.B.Server.CreateAsync(Ask("And five lakes.", conversation: id));
        Assert.Contains(more, await InputOfAsync(nodes.B, other.Id));
        Assert.InRange(other.CachedTokens, own.InputTokens, other.InputTokens); // it is where it was, and warm
        await nodes.UntilTheyOwnAsync(1, 0);
    }

    [Fact]
    public async Task Item_ThatIsDeletedAtAnotherNode_IsGone_AndMetadataIsChangedAtAny()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var id = await BeginAsync(nodes.A);
        var (gone, left) = (await AddAsync(nodes.A, id, "The word is lantern."), await AddAsync(nodes.B, id, "The word is candle."));
        await nodes.B.Server.DeleteAsync($"/v1/conversations/{id}/items/{gone}");
        var next = await nodes.A.Server.CreateAsync(Ask("And five mountains.", conversation: id));
        var input = await InputOfAsync(nodes.A, next.Id);
        Assert.DoesNotContain(gone, input);
        Assert.Contains(left, input);
        await nodes.B.Server.PostAsync($"/v1/conversations/{id}", new { metadata = new { colour = "green" } });
        var there = await nodes.A.Server.GetAsync($"/v1/conversations/{id}");
        Assert.Equal("green", there.Body.GetProperty("metadata").GetProperty("colour").GetString());
        var unknown = await nodes.B.Server.PostAsync("/v1/conversations/conv_unknown/items", ItemsOf("Hi."));
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
    }

    [Fact]
    public async Task Items_OfAConversationWhoseOwnerWasJustKilled_AreAdded()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var id = await BeginAsync(nodes.A);
        await nodes.A.KillAsync();
        var added = await UntilAsync(
            () => nodes.B.Server.PostAsync($"/v1/conversations/{id}/items", ItemsOf("The word is lantern.")), IsTaken);
        var next = await nodes.B.Server.CreateAsync(Ask("And five mountains.", conversation: id));
        Assert.Contains(added.Body.GetProperty("data")[0].GetProperty("id").GetString(), await InputOfAsync(nodes.B, next.Id));
    }

    [Fact]
    public async Task BackgroundTurn_AtAnotherNode_BeginsAtItsOwner_AsWarmAsThere()
    {
        await using var nodes = await Nodes.StartAsync(database, 3);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        var begun = await nodes.B.Server.TryAsync(Background(Ask("And five mountains.", first.Id)));
        Assert.Contains(begun.State, (string[])["queued", "in_progress"]);
        var ended = await UntilAsync(() => nodes.C.Server.GetAsync($"/v1/responses/{begun.Id}"), static answer => answer.IsWon);
        Assert.InRange(ended.CachedTokens, first.InputTokens, ended.InputTokens);
        using var turn = await nodes.C.Server.StreamAsync(Background(Ask("And five lakes.", ended.Id)));
        var end = (await turn.ReadEndAsync()).GetProperty("type").GetString();
        Assert.Contains(end, (string[])["response.completed", "response.incomplete"]);
        await nodes.UntilTheyOwnAsync(1, 0, 0);
    }

    [Fact]
    public async Task BackgroundTurn_AtAnotherNode_IsCancelledThere_AndOneOfAKilledOwnerBeginsHere()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        var begun = await nodes.B.Server.TryAsync(Background(AskWithoutEnd(first.Id)));
        var cancelled = await nodes.B.Server.PostAsync($"/v1/responses/{begun.Id}/cancel", new { });
        Assert.Equal((HttpStatusCode.OK, begun.Id, "cancelled"), (cancelled.Status, cancelled.Id, cancelled.State));
        await nodes.A.KillAsync();
        var again = Background(Ask("And five mountains.", first.Id));
        var next = await UntilAsync(() => nodes.B.Server.TryAsync(again), IsTaken);
        await UntilAsync(() => nodes.B.Server.GetAsync($"/v1/responses/{next.Id}"), static answer => answer.IsWon);
    }

    [Fact]
    public async Task WhatIsWrongWithABackgroundTurn_IsSaidAsAtItsOwner()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        var wrong = Background(Ask("And five mountains.", first.Id));
        wrong["input"] = new object[] { new { type = "function_call_output", call_id = "call_unknown", output = "7" } };
        var (here, there) = (await nodes.A.Server.TryAsync(wrong), await nodes.B.Server.TryAsync(wrong));
        Assert.Equal(HttpStatusCode.BadRequest, there.Status);
        Assert.Equal(here.Body.GetRawText(), there.Body.GetRawText());
    }

    /// <summary>What was sent to a node that died may have been done: its client is told so, and asks again.</summary>
    private static bool IsTaken(Answer answer)
    {
        if (answer.Status != HttpStatusCode.OK) Assert.Equal("node_lost", answer.Code);
        return answer.Status == HttpStatusCode.OK;
    }

    private static Dictionary<string, object?> Background(Dictionary<string, object?> ask) => new(ask) { ["background"] = true };

    /// <summary>A conversation that is a node's own.</summary>
    private static async Task<string> BeginAsync(Node at)
    {
        var id = (await at.Server.PostAsync("/v1/conversations", new { })).Id;
        await at.Server.CreateAsync(Ask("Say the names of five rivers.", conversation: id));
        return id;
    }

    private static object ItemsOf(string text) => new { items = new[] { new { type = "message", role = "user", content = text } } };

    private static async Task<string> AddAsync(Node at, string conversation, string text)
    {
        var added = await at.Server.PostAsync($"/v1/conversations/{conversation}/items", ItemsOf(text));
        Assert.True(added.Status == HttpStatusCode.OK, added.Body.GetRawText());
        return added.Body.GetProperty("data")[0].GetProperty("id").GetString()!;
    }

    private static async Task<List<string?>> InputOfAsync(Node at, string response)
    {
        var items = await at.Server.GetAsync($"/v1/responses/{response}/input_items?limit=100");
        return [.. items.Body.GetProperty("data").EnumerateArray().Select(static item => item.GetProperty("id").GetString())];
    }
}
