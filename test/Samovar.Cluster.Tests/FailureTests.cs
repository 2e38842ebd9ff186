using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Samovar.Tests.Hosting;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Cluster.Tests;

/// <summary>Nodes that die, stand still, or cannot be reached: no conversation notices more than a cold turn or one that failed.</summary>
public sealed class FailureTests(SharedDatabase database) : IClassFixture<SharedDatabase>
{

    [Fact]
    public async Task KilledOwner_ItsConversationGoesOnElsewhere_Cold()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        var direct = await nodes.A.Server.CreateAsync(Ask("And five mountains.", first.Id));
        await nodes.A.KillAsync();
        var since = Stopwatch.GetTimestamp();
        var next = await nodes.B.Server.CreateAsync(Ask("And five mountains.", first.Id));
        Note(since, "the kill");
        Assert.Equal((direct.Text, direct.InputTokens, 0), (next.Text, next.InputTokens, next.CachedTokens));
        var after = await nodes.B.Server.CreateAsync(Ask("And five lakes.", next.Id));
        Assert.InRange(after.CachedTokens, next.InputTokens, after.InputTokens);
    }

    /// <summary>Its client is not told of nodes; their operator is.</summary>
    [Fact]
    public async Task KilledOwner_TheNextTurnSaysThatItsConversationWasTakenOver()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Explained("Say the names of five rivers."));
        Assert.Equal(JsonValueKind.Null, Details(first).GetProperty("taken_over").ValueKind);
        await nodes.A.KillAsync();
        var next = await nodes.B.Server.CreateAsync(Explained("And five mountains.", first.Id));
        var said = next.Body.GetProperty("prompt_cache_diagnostics");
        Assert.Equal(("cache_miss", "chain_taken_over"), (said.GetProperty("type").GetString(), said.GetProperty("reason").GetString()));
        Assert.Contains(Details(next).GetProperty("taken_over").GetString(), (string[])["dead", "unreachable"]);
        Assert.DoesNotContain(nodes.A.Name, next.Body.GetRawText(), StringComparison.Ordinal);
        var why = (await nodes.B.Server.GetAsync($"/v1/samovar/why/{next.Id}")).Body;
        Assert.Equal("chain_taken_over", why.GetProperty("miss").GetString());
        Assert.Equal((nodes.A.Name, 2), (
            why.GetProperty("taken_over").GetProperty("from").GetString(), why.GetProperty("taken_over").GetProperty("epoch").GetInt32()));
        var after = await nodes.B.Server.CreateAsync(Explained("And five lakes.", next.Id));
        Assert.Equal(JsonValueKind.Null, Details(after).GetProperty("taken_over").ValueKind);
    }

    [Fact]
    public async Task KilledOwner_OfATurnThatWasHeard_FailsIt_AndTheConversationGoesOn()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        using var turn = await nodes.B.Server.StreamAsync(AskWithoutEnd(first.Id));
        await nodes.A.KillAsync();
        var end = await turn.ReadEndAsync();
        Assert.Equal("response.failed", end.GetProperty("type").GetString());
        Assert.Equal("node_lost", end.GetProperty("response").GetProperty("error").GetProperty("code").GetString());
        var id = end.GetProperty("response").GetProperty("id").GetString();
        await IsUnknownAsync(nodes.B, id);
        await nodes.B.Server.CreateAsync(Ask("And five mountains.", first.Id));
    }

    /// <summary>Its client, which gets the answer whole, has heard nothing: the turn is made again.</summary>
    [Fact]
    public async Task KilledOwner_OfATurnThatNobodyHasHeard_IsMadeAgain()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        var asking = nodes.B.Server.CreateAsync(AskWithoutEnd(first.Id));
        await nodes.A.UntilRunningAsync();
        await nodes.A.KillAsync();
        var next = await nodes.B.Server.CreateAsync(Ask("And then?", (await asking).Id));
        Assert.True(next.CachedTokens > 0);
    }

    [Fact]
    public async Task OwnerThatStandsStill_LosesItsConversation_AndAppendsNothingWhenItWakes()
    {
        await using var nodes = await Nodes.StartAsync(database, 3);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        using var late = await nodes.A.Server.StreamAsync(AskWithoutEnd(first.Id)); // it is at work
        await nodes.A.Server.Process.SignalAsync("STOP");
        var since = Stopwatch.GetTimestamp();
        var next = await nodes.B.Server.CreateAsync(Ask("And five mountains.", first.Id));
        Note(since, "the stop");
        await nodes.A.Server.Process.SignalAsync("CONT");
        var end = await late.ReadEndAsync();
        Assert.Equal("response.failed", end.GetProperty("type").GetString());
        var id = end.GetProperty("response").GetProperty("id").GetString();
        await IsUnknownAsync(nodes.C, id);
        var again = await nodes.A.Server.CreateAsync(Ask("And five lakes.", next.Id)); // it is back, and sends it on
        Assert.InRange(again.CachedTokens, next.InputTokens, again.InputTokens);
    }

    [Fact]
    public async Task OwnerThatNobodyCanReach_ThoughItLives_LosesItsConversation_ByForce()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        nodes.A.Door.IsAway = true;
        var next = await nodes.B.Server.CreateAsync(Ask("And five mountains.", first.Id));
        nodes.A.Door.IsAway = false;
        var again = await nodes.A.Server.CreateAsync(Ask("And five lakes.", next.Id)); // where it is now
        Assert.InRange(again.CachedTokens, next.InputTokens, again.InputTokens);
    }

    /// <summary>What peers send it vanishes: the database sees it live, and no connection breaks.</summary>
    [Fact]
    public async Task OwnerThatNobodyHears_ThoughItLives_LosesItsConversation_ByForce()
    {
        await using var nodes = await Nodes.StartAsync(database, 3);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        await nodes.B.Server.CreateAsync(Ask("And five seas.", first.Id)); // B has a connection to it
        nodes.A.Door.IsSilent = true;
        var since = Stopwatch.GetTimestamp();
        var next = await nodes.B.Server.CreateAsync(Ask("And five mountains.", first.Id));
        Note(since, "the silence");
        Assert.Equal(3, (await nodes.C.LivesAsync()).Count);
        nodes.A.Door.IsSilent = false;
        var again = await nodes.A.Server.CreateAsync(Ask("And five lakes.", next.Id)); // where it is now
        Assert.InRange(again.CachedTokens, next.InputTokens, again.InputTokens);
    }

    [Fact]
    public async Task LineThatBreaksForAMoment_CostsNothing()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        using var turn = await nodes.B.Server.StreamAsync(AskWithoutEnd(first.Id, tokens: 400));
        nodes.A.Door.Cut();
        var end = await turn.ReadEndAsync();
        Assert.Contains(end.GetProperty("type").GetString(), (string[])["response.completed", "response.incomplete"]);
        var next = await nodes.B.Server.CreateAsync(Ask("And then?", end.GetProperty("response").GetProperty("id").GetString()));
        Assert.True(next.CachedTokens > 0);
    }

    [Fact]
    public async Task DatabaseThatIsAway_KillsNobody_AndWhatNeedsItNotGoesOn()
    {
        await using var nodes = await Nodes.StartAsync(database, 2, ("Cluster__SilenceMax", "00:00:02"));
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        await database.PauseAsync();
        try
        {
            var unstored = Ask("Say the names of five rivers.");
            unstored["store"] = false;
            await nodes.B.Server.CreateAsync(unstored);
            var refused = await nodes.B.Server.TryAsync(Ask("And five mountains.", first.Id));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "store_unavailable"), (refused.Status, refused.Code));
        }
        finally
        {
            await database.ResumeAsync();
        }
        var next = await UntilAsync(() => nodes.B.Server.TryAsync(Ask("And five mountains.", first.Id)), static answer => answer.IsWon);
        Assert.InRange(next.CachedTokens, first.InputTokens, next.InputTokens); // it is where it was
    }

    [Fact]
    public async Task DatabaseThatIsStartedAgain_KillsNobody()
    {
        await using var nodes = await Nodes.StartAsync(database, 2);
        var first = await nodes.A.Server.CreateAsync(Ask("Say the names of five rivers."));
        await database.RestartAsync();
        var next = await UntilAsync(() => nodes.B.Server.TryAsync(Ask("And five mountains.", first.Id)), static answer => answer.IsWon);
        Assert.InRange(next.CachedTokens, first.InputTokens, next.InputTokens);
    }

    private static Dictionary<string, object?> Explained(string text, string? previous = null)
    {
        var turn = Ask(text, previous);
        turn["prompt_cache_options"] = new { details = true };
        return turn;
    }

    private static JsonElement Details(Answer answer) =>
        answer.Body.GetProperty("prompt_cache_diagnostics").GetProperty("details");

    /// <summary>A node that has just been stopped or killed may leave the others unsure for a moment.</summary>
    private static async Task IsUnknownAsync(Node at, string? id)
    {
        var answer = await UntilAsync(
            () => at.Server.GetAsync($"/v1/responses/{id}"), static answer => answer.Status != HttpStatusCode.ServiceUnavailable);
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
    }

    private static void Note(long since, string what) => TestContext.Current.TestOutputHelper?.WriteLine(
        $"{Stopwatch.GetElapsedTime(since).TotalMilliseconds:F0} ms from {what} to the end.");
}
