using System.Net;
using Samovar.Tests.Hosting;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Cluster.Tests;

/// <summary>Nodes that are asked to stop, and what is asked of a response at a node that did not make it.</summary>
public sealed class DrainTests(SharedDatabase database) : IClassFixture<SharedDatabase>
{
    [Fact]
    public async Task NodeThatIsAskedToStop_EndsItsTurn_AndHandsItsConversationsOver()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        var other = await nodes.A.Server.CreateAsync(Ask("Say the names of five seas."));
        using var turn = await nodes.B.Server.StreamAsync(AskWithoutEnd(first.Id));
        var ending = nodes.A.Server.Process.TerminateAsync();
        Answer moved; // at once, as nothing is at work on it: as soon as the signal is heard
        do moved = await nodes.B.Server.CreateAsync(Ask("And five mountains.", other.Id));
        while (moved.CachedTokens > 0 && !ending.IsCompleted);
        Assert.Equal(0, moved.CachedTokens);
        var end = await turn.ReadEndAsync();
        Assert.Contains(end.GetProperty("type").GetString(), (string[])["response.completed", "response.incomplete"]);
        Assert.Equal(0, await ending);
        await nodes.B.Server.CreateAsync(Ask("And then?", end.GetProperty("response").GetProperty("id").GetString()));
    }

    /// <summary>It runs at the other, and its client is here.</summary>
    [Fact]
    public async Task NodeThatIsAskedToStop_PassesTheRestOnOfATurnThatRunsElsewhere()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        using var turn = await nodes.B.Server.StreamAsync(AskWithoutEnd(first.Id));
        var ending = nodes.B.Server.Process.TerminateAsync();
        var end = await turn.ReadEndAsync();
        Assert.Contains(end.GetProperty("type").GetString(), (string[])["response.completed", "response.incomplete"]);
        Assert.Equal(0, await ending);
    }

    [Fact]
    public async Task Drain_UnderLoad_FailsNoTurn()
    {
        await using var nodes = await Nodes.StartAsync(database, 3);
        var firsts = new List<Answer>();
        for (var n = 0; n < 4; n++) firsts.Add(await nodes.A.Server.CreateAsync(Ask($"Say {n}.", tokens: 16)));
        var talks = firsts.Select((first, n) => TalkAsync(n % 2 == 0 ? nodes.B : nodes.C, first)).ToList();
        Assert.Equal(0, await nodes.A.Server.Process.TerminateAsync());
        await Task.WhenAll(talks);
    }

    [Fact]
    public async Task Response_IsReadDeletedAndListed_AtAnyNode()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        var there = await nodes.B.Server.GetAsync($"/v1/responses/{first.Id}");
        Assert.Equal((await nodes.A.Server.GetAsync($"/v1/responses/{first.Id}")).Body.GetRawText(), there.Body.GetRawText());
        await nodes.B.Server.DeleteAsync($"/v1/responses/{first.Id}");
        Assert.Equal(HttpStatusCode.NotFound, (await nodes.A.Server.GetAsync($"/v1/responses/{first.Id}")).Status);
        Assert.Equal("previous_response_not_found", (await nodes.A.Server.TryAsync(Ask("Go on.", first.Id))).Code);
    }

    [Fact]
    public async Task BackgroundResponse_IsCancelled_AtAnyNode()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var begun = (await nodes.A.Server.BeginAsync(new(AskWithoutEnd()) { ["background"] = true })).Id;
        var cancelled = await nodes.B.Server.PostAsync($"/v1/responses/{begun}/cancel", new { });
        Assert.Equal((HttpStatusCode.OK, begun, "cancelled"), (cancelled.Status, cancelled.Id, cancelled.State));
        Assert.Equal("cancelled", (await nodes.A.Server.GetAsync($"/v1/responses/{begun}")).State);
    }

    private static async Task TalkAsync(Node at, Answer last)
    {
        for (var turn = 0; turn < 12; turn++) last = await at.Server.CreateAsync(Ask($"And {turn}?", last.Id, tokens: 16));
    }
}
