using Samovar.Testing;
using Samovar.Testing.Upstreams;
using Samovar.Tests.Hosting;

namespace Samovar.Cluster.Tests;

/// <summary>Nodes that send to the same upstreams: together they keep to a limit, and a conversation stays at its account.</summary>
public sealed class PoolTests(SharedDatabase database) : IClassFixture<SharedDatabase>
{
    [Fact]
    public async Task TurnsAtOnce_OfAllNodesTogether_AreNoMoreThanTheDestinationTakes()
    {
        const int turns = 14, limit = 4;
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Gate = new SemaphoreSlim(0);
        await using var nodes = await StartAsync(("InFlightMax", $"{limit}"), upstream);
        var asked = Enumerable.Range(0, turns).Select(i => AskAsync(i % 2 == 0 ? nodes.A : nodes.B, $"turn {i}")).ToList();
        for (var released = 0; released < turns; released++)
        {
            var most = Math.Min(turns, limit + released);
            await Soon.UntilAsync(() => upstream.Requests.Count >= most); // each place is used, at whichever node somebody waits for it
            Assert.Equal(most, upstream.Requests.Count);
            upstream.Gate.Release();
        }
        Assert.All(await Task.WhenAll(asked), static answer => Assert.True(answer.IsWon, answer.Body.GetRawText()));
        Assert.Equal(turns, upstream.Requests.Count);
    }

    [Fact]
    public async Task Requests_OfAllNodesTogether_AreNoMoreThanTheDestinationTakes()
    {
        const int limit = 6;
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var nodes = await StartAsync(("RequestsPerMinute", $"{limit}"), upstream);
        var begun = TimeProvider.System.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => AskAsync(i % 2 == 0 ? nodes.A : nodes.B, $"turn {i}")));
        var back = limit * TimeProvider.System.GetElapsedTime(begun).TotalMinutes;
        Assert.InRange(upstream.Requests.Count, limit - 2, limit + back + 2);
        Assert.Equal(upstream.Requests.Count, answers.Count(static answer => answer.IsWon));
        Assert.All(answers.Where(static answer => !answer.IsWon), static answer => Assert.Equal("rate_limit_exceeded", answer.Code));
    }

    /// <summary>Its prompt cache is there: whoever takes a conversation over sends it to no other.</summary>
    [Fact]
    public async Task ConversationOfADeadNode_StaysAtItsAccount()
    {
        var accounts = await Task.WhenAll(new[] { "a", "b", "c" }.Select(static name => FakeUpstream.StartAsync(name)));
        await using (var nodes = await StartAsync(("Weight", "1"), accounts))
        {
            var before = new List<(Answer First, FakeUpstream At)>();
            for (var i = 0; i < 6; i++)
            {
                var counts = accounts.Select(static account => account.Requests.Count).ToList();
                var first = await AskAsync(nodes.A, $"conversation {i} " + new string('z', 400));
                before.Add((first, accounts.Where((account, index) => account.Requests.Count > counts[index]).Single()));
            }
            await nodes.A.KillAsync();
            foreach (var (first, at) in before)
            {
                var count = at.Requests.Count;
                var next = await AskAsync(nodes.B, "and then?", first.Id);
                Assert.Equal(count + 1, at.Requests.Count);
                Assert.True(next.CachedTokens > 0, next.Body.GetRawText());
            }
        }
        foreach (var account in accounts) await account.DisposeAsync();
    }

    private static Task<Answer> AskAsync(Node node, string text, string? previous = null) => node.Server.PostAsync(
        "/v1/responses", new { model = "far", input = text, store = true, previous_response_id = previous });

    private async Task<Nodes> StartAsync((string Name, string Value) setting, params FakeUpstream[] upstreams)
    {
        const string pool = "Upstream__Pools__0__";
        List<(string, string)> settings = [(pool + "Name", "p"), (pool + "OpenPart", "0"),
            ("Quotas__AnswerMax", "00:00:30"), // a busy machine is not away
            (pool + "QueueWaitMax", setting.Name == "RequestsPerMinute" ? "00:00:00.5" : "00:02:00")];
        for (var index = 0; index < upstreams.Length; index++)
        {
            var destination = $"{pool}Destinations__{index}__";
            settings.AddRange([
                (destination + "Name", upstreams[index].Name), (destination + "Kind", "chat"), (destination + "Dialect", "vllm"),
                (destination + "BaseUrl", upstreams[index].BaseUrl), (destination + "Models__0", "far=fake-model"),
                (destination + setting.Name, setting.Value)]);
        }
        var nodes = await Nodes.StartAsync(database, 2, [.. settings]);
        await nodes.UntilAllSeenAsync();
        return nodes;
    }
}
