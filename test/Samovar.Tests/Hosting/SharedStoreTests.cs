using System.Globalization;
using System.Net;
using static Samovar.Tests.Hosting.SharingServer;

namespace Samovar.Tests.Hosting;

/// <summary>Two servers, each a process, on one PostgreSQL: what one begins the other goes on with, and neither harms the other.</summary>
public sealed class SharedStoreTests(SharedPair pair) : IClassFixture<SharedPair>, IAsyncLifetime
{
    private const int Rounds = 6, MeetingMax = 24; // rounds, and those in which they have to meet once

    /// <summary>How long a stopped server stays stopped behind the other's turns; a long run sets more.</summary>
    public static readonly TimeSpan StoppedFor = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("STOPPED_SECONDS") ?? "0", CultureInfo.InvariantCulture));

    private SharingServer _a = null!, _b = null!;
    private Func<Task<SharingServer>> _startThird = null!;

    public async ValueTask InitializeAsync() => (_a, _b, _startThird) = await pair.PairAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Chain_GoesOnOnTheOtherServer_AsIfItHadStayed()
    {
        var first = await _a.CreateAsync(Ask("the first"));
        var second = await _a.CreateAsync(Ask("the second", first.Id));
        var (unbroken, moved) = (await _a.CreateAsync(Ask("the third", second.Id)), await _b.CreateAsync(Ask("the third", second.Id)));
        Same(unbroken, moved);
        Same(await _b.CreateAsync(Ask("the fourth", moved.Id)), await _a.CreateAsync(Ask("the fourth", moved.Id))); // and back
        await SameOnBothAsync($"/v1/responses/{second.Id}");
        await SameOnBothAsync($"/v1/responses/{moved.Id}/input_items");

        var referring = Ask("");
        referring["input"] = new object[] { new { type = "item_reference", id = moved.ItemId }, new { role = "user", content = "and?" } };
        Same(await _a.CreateAsync(referring), await _b.CreateAsync(referring));
    }

    [Fact]
    public async Task Conversation_GoesOnOnTheOtherServer_AsIfItHadStayed()
    {
        var (moving, staying) = (await ConversationAsync(), await ConversationAsync());
        SharingServer[] servers = [_a, _b, _b, _a, _b];
        foreach (var (server, turn) in servers.Select((server, turn) => (server, turn)))
            Same(await _a.CreateAsync(Ask($"turn {turn}", conversation: staying)),
                await server.CreateAsync(Ask($"turn {turn}", conversation: moving)));
        var items = await SameOnBothAsync($"/v1/conversations/{moving}/items?limit=100&order=asc");
        Assert.Equal(2 * servers.Length, items.Body.GetProperty("data").GetArrayLength());
        await SameOnBothAsync($"/v1/conversations/{moving}");
    }

    /// <summary>A server that has a response in memory does not answer with what another has deleted.</summary>
    [Fact]
    public async Task ResponseThatOneServerDeleted_IsFoundOnNeither()
    {
        var kept = await _a.CreateAsync(Ask("kept"));
        var gone = await _a.CreateAsync(Ask("gone", kept.Id));
        var child = await _a.CreateAsync(Ask("behind it", gone.Id));
        var background = Ask("in the background");
        background["background"] = true;
        var made = await _a.TryAsync(background);
        await UntilAsync(() => _a.GetAsync($"/v1/responses/{made.Id}"), static answer => answer.IsWon);
        foreach (var id in new[] { gone.Id, made.Id }) await _b.DeleteAsync($"/v1/responses/{id}");
        var referring = Ask("");
        referring["input"] = new object[] { new { type = "item_reference", id = gone.ItemId }, new { role = "user", content = "and?" } };
        foreach (var server in new[] { _a, _b })
        {
            foreach (var path in new[] { gone.Id, made.Id, gone.Id + "/input_items" })
                Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync("/v1/responses/" + path)).Status);
            Assert.Equal("previous_response_not_found", (await server.TryAsync(Ask("go on", gone.Id))).Code);
            Assert.Equal("item_not_found", (await server.TryAsync(referring)).Code);
            await server.CreateAsync(Ask("go on", child.Id)); // what continues it was not deleted
        }
    }

    [Fact]
    public async Task TwoTurnsOfOneConversation_OnTwoServers_OneWins_AndNothingIsLostOrTwice()
    {
        var conversation = await ConversationAsync();
        var (won, lost, contested) = (new List<(string Mark, Answer Answer)>(), new List<string>(), 0);
        for (var round = 0; round < Rounds || (contested == 0 && round < MeetingMax); round++)
        {
            var answers = await BothAsync(round, mark => Ask(mark, conversation: conversation, tokens: 60));
            won.AddRange(answers.Where(entry => entry.Answer.IsWon));
            if (answers.Find(entry => !entry.Answer.IsWon) is not ({ } mark, { } refused)) continue;
            contested++;
            lost.Add(mark);
            Assert.Contains(((int)refused.Status, refused.Code),
                new (int, string?)[] { (400, "conversation_locked"), (409, "conversation_taken_over") });
        }
        Assert.True(won.Count >= Rounds, "In some round nobody won.");
        Assert.True(contested > 0, "Nobody ever met.");
        var items = await SameOnBothAsync($"/v1/conversations/{conversation}/items?limit=100&order=asc");
        Assert.Equal(2 * won.Count, items.Body.GetProperty("data").GetArrayLength());
        var text = items.Body.GetRawText();
        Assert.All(won, entry => Assert.Equal((1, 1), (Times(text, entry.Mark), Times(text, IdOf(entry.Answer)))));
        Assert.All(lost, mark => Assert.Equal(0, Times(text, mark)));
        var last = won[^1].Answer.Id;
        await SameOnAllAsync(last);
    }

    [Fact]
    public async Task TwoTurnsBehindOneResponse_OnTwoServers_ForkOrConflict_AndNothingIsLostOrTwice()
    {
        var last = await _a.CreateAsync(Ask("the root"));
        var (path, won) = (new List<string>(), new List<Answer>());
        for (var round = 0; round < Rounds; round++)
        {
            var parent = last.Id;
            var answers = await BothAsync(round, mark => Ask(mark, parent));
            Assert.All(answers, entry => Assert.True(entry.Answer.IsWon || entry.Answer.Code == "conversation_taken_over"));
            var winners = answers.FindAll(entry => entry.Answer.IsWon);
            won.AddRange(winners.Select(entry => entry.Answer));
            (var mark, last) = winners[round % winners.Count];
            path.Add(mark);
        }
        foreach (var answer in won) await SameOnBothAsync($"/v1/responses/{answer.Id}");
        var items = await SameOnBothAsync($"/v1/responses/{last.Id}/input_items?limit=100&order=asc");
        Assert.Equal(2 * path.Count + 1, items.Body.GetProperty("data").GetArrayLength());
        Assert.All(path, mark => Assert.Equal(1, Times(items.Body.GetRawText(), mark)));
        await SameOnAllAsync(last.Id);
    }

    [Fact]
    public async Task ServerThatIsStoppedInMidTurn_AndWakesUpLate_AddsNothing_AndServesOn()
    {
        var parent = await _a.CreateAsync(Ask("the root"));
        var conversation = await ConversationAsync();
        await _a.CreateAsync(Ask("the first", conversation: conversation));
        using var late = await _a.StreamAsync(Ask("too late", parent.Id, tokens: 1500));
        using var lateToo = await _a.StreamAsync(Ask("too late", conversation: conversation, tokens: 1500));
        await _a.Process.SignalAsync("STOP");

        var next = await _b.CreateAsync(Ask("meanwhile", parent.Id));
        next = await _b.CreateAsync(Ask("and on", next.Id));
        var taken = await UntilAsync(() => _b.TryAsync(Ask("meanwhile", conversation: conversation)), static answer =>
        {
            if (!answer.IsWon) Assert.Equal("conversation_locked", answer.Code);
            return answer.IsWon;
        });
        var items = $"/v1/conversations/{conversation}/items?limit=100&order=asc";
        var said = (await _b.GetAsync(items)).Body.GetRawText();
        await Task.Delay(StoppedFor);
        await _a.Process.SignalAsync("CONT");

        foreach (var turn in new[] { late, lateToo })
        {
            var end = await turn.ReadEndAsync();
            Assert.Equal("response.failed", end.GetProperty("type").GetString());
            var failed = new Answer(HttpStatusCode.OK, end.GetProperty("response"));
            Assert.Equal("conversation_taken_over", failed.Code);
            foreach (var server in new[] { _a, _b })
                Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync($"/v1/responses/{failed.Id}")).Status);
        }
        Assert.Equal(said, (await SameOnBothAsync(items)).Body.GetRawText());
        Assert.Equal((0, 1), (Times(said, "too late"), Times(said, IdOf(taken))));
        await SameOnBothAsync($"/v1/responses/{next.Id}/input_items");
        await SameOnAllAsync(next.Id);
        await _a.CreateAsync(Ask("and?", conversation: conversation));
    }

    [Fact]
    public async Task BackgroundTurnOfAKilledServer_HasFailed_AsTheOtherSays()
    {
        var body = Ask("in the background", tokens: 4000);
        body["background"] = true;
        var (first, second, _) = await pair.Database.StartTwoAsync();
        await using var killed = first;
        await using var other = second;
        var made = await killed.TryAsync(body);
        await killed.Process.SignalAsync("STOP"); // in the midst of it, however fast the machine is
        Assert.Contains((await other.GetAsync($"/v1/responses/{made.Id}")).State, new[] { "queued", "in_progress" });
        await killed.Process.SignalAsync("KILL");
        await killed.Process.EndAsync();
        var failed = await UntilAsync(
            () => other.GetAsync($"/v1/responses/{made.Id}"), static answer => answer.State is not ("queued" or "in_progress"));
        Assert.Equal(("failed", "server_restart"), (failed.State, failed.Code));
    }

    private async Task<string> ConversationAsync() => (await _a.PostAsync("/v1/conversations", new { })).Id;

    /// <summary>The same, asked of both servers at once, each with a mark of its own.</summary>
    private async Task<List<(string Mark, Answer Answer)>> BothAsync(int round, Func<string, Dictionary<string, object?>> ask)
    {
        string[] marks = [$"mark {round} of one.", $"mark {round} of the other."];
        var answers = await Task.WhenAll(_a.TryAsync(ask(marks[0])), _b.TryAsync(ask(marks[1])));
        return [.. marks.Zip(answers)];
    }

    private async Task<Answer> SameOnBothAsync(string path)
    {
        var (one, other) = (await _a.GetAsync(path), await _b.GetAsync(path));
        Assert.Equal(HttpStatusCode.OK, one.Status);
        Assert.Equal(one.Body.GetRawText(), other.Body.GetRawText());
        return one;
    }

    /// <summary>
    /// What both servers say next, from what they had computed and raced for, is what a third says that computes the whole chain.
    /// </summary>
    private async Task SameOnAllAsync(string previous)
    {
        await using var cold = await _startThird();
        var right = await cold.CreateAsync(Ask("and?", previous));
        Assert.Equal(0, right.CachedTokens);
        foreach (var server in new[] { _a, _b }) Same(right, await server.CreateAsync(Ask("and?", previous)));
    }

    /// <summary>The same tokens, each as likely as the other's, from the same context.</summary>
    private static void Same(Answer one, Answer other)
    {
        Assert.Equal((one.InputTokens, one.Text), (other.InputTokens, other.Text));
        Assert.NotEmpty(one.Logprobs);
        Assert.Equal(one.Logprobs, other.Logprobs);
    }

    /// <summary>As a page has it, which names its last item once more.</summary>
    private static string IdOf(Answer answer) => $"\"id\":\"{answer.ItemId}\"";

    private static int Times(string text, string mark) => text.Split(mark).Length - 1;
}
