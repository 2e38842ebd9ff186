using Samovar.Chains;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Requests;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Affinity;

/// <summary>Several accounts that share nothing: a conversation stays where its cache is, and moves with a reason.</summary>
public sealed class AffinityTests : IAsyncLifetime
{
    private readonly List<FakeUpstream> _accounts = [];

    public async ValueTask InitializeAsync()
    {
        foreach (var name in new[] { "a", "b", "c", "d" }) _accounts.Add(await FakeUpstream.StartAsync(name));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var account in _accounts) await account.DisposeAsync();
    }

    /// <summary>A response as a node reads it that did not make it.</summary>
    private static ChainNode Stored(ChainNode node, TestGateway from, TestGateway to) => new()
    {
        Tenant = node.Tenant, Id = node.Id, Parent = node.Parent, Input = node.Input, Bytes = 0, Response = node.Response,
        State = to.Backend.ReadState(from.Backend.PackState(node)!, null!),
    };

    [Theory]
    [InlineData("responses-ws")]
    [InlineData("responses-http")]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task Conversations_StayAtTheirAccount_AndFindTheirCache(string kind)
    {
        using var gateway = new TestGateway(kind, [.. _accounts]);
        for (var conversation = 0; conversation < 8; conversation++)
        {
            ChainNode? node = null;
            string? at = null;
            for (var turn = 0; turn < 4; turn++)
            {
                var result = await gateway.TurnAsync(node,
                    TestGateway.User($"conversation {conversation} turn {turn} " + new string('z', 200)));
                Assert.Equal($"seen {(2 * turn) + 1}", result.Text);
                Assert.Equal(at ?? result.Report.Destination, result.Report.Destination);
                if (turn > 0) Assert.InRange(result.Usage.CachedTokens / (double)result.Usage.InputTokens, 0.4, 1);
                (node, at) = (result.Node, result.Report.Destination);
            }
        }
        Assert.All(_accounts, account => Assert.Equal(0, account.Requests.Count % 4)); // whole conversations only
        Assert.True(_accounts.Count(account => !account.Requests.IsEmpty) > 1, "several accounts are in use");
    }

    /// <summary>What is stored with a response says where its chain's cache is: a node that takes the chain over knows nothing else of
    /// it.</summary>
    [Theory]
    [InlineData("responses-ws")]
    [InlineData("responses-http")]
    [InlineData("responses-stored")]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task StoredChain_ThatAnotherNodeTakesOver_StaysAtItsAccount(string kind)
    {
        using var owner = new TestGateway(Prefixed(kind));
        using var taker = new TestGateway(Prefixed(kind));
        for (var conversation = 0; conversation < 8; conversation++)
        {
            var text = $"conversation {conversation} " + new string('z', 200);
            var first = await owner.TurnAsync(null, TestGateway.User(text), TestGateway.Tools);
            var next = await taker.TurnAsync(Stored(first.Node, owner, taker), TestGateway.User("and then?"), TestGateway.Tools);
            Assert.Equal(first.Report.Destination, next.Report.Destination);
            Assert.Equal(kind == "responses-stored" ? "owner" : "conversation", next.Report.Affinity);
            Assert.InRange(next.Usage.CachedTokens / (double)next.Usage.InputTokens, 0.4, 1);
            var at = _accounts.Single(account => account.Name == first.Report.Destination);
            var keys = at.Requests.TakeLast(2).Select(static request =>
                request.Json.TryGetProperty("prompt_cache_key", out var key) ? key.GetString() : null).ToList();
            Assert.Equal(keys[0], keys[1]); // the bucket that it began in
        }
        Assert.True(_accounts.Count(account => !account.Requests.IsEmpty) > 1, "several accounts are in use");

        UpstreamOptions Prefixed(string kind)
        {
            var options = TestGateway.Options(kind, [.. _accounts]);
            options.Pools[0].PromptCacheKey = "prefix";
            return options;
        }
    }

    [Fact]
    public async Task SaturatedAccount_LetsItsConversationGo_WithTheReason()
    {
        var options = TestGateway.Options("chat", [.. _accounts]);
        foreach (var destination in options.Pools[0].Destinations) destination.RequestsPerMinute = 1;
        using var gateway = new TestGateway(options);
        var first = await gateway.TurnAsync(null, TestGateway.User("one"));
        var second = await gateway.TurnAsync(first.Node, TestGateway.User("two"));
        Assert.Equal("new", first.Report.Affinity);
        Assert.Equal("conversation:requests_per_minute", second.Report.Affinity);
        Assert.NotEqual(first.Report.Destination, second.Report.Destination);
        Assert.Equal("seen 3", second.Text);
    }

    [Fact]
    public async Task EndedTurn_HasFreedItsPlace_BeforeItsEndIsSeen()
    {
        var options = TestGateway.Options("chat", [.. _accounts]);
        foreach (var destination in options.Pools[0].Destinations) destination.InFlightMax = 1;
        using var gateway = new TestGateway(options);
        var first = await gateway.TurnAsync(null, TestGateway.User("one"));
        Assert.Equal([0, 0, 0, 0], first.InFlightAtEnd);
    }

    [Fact]
    public async Task SaturatedPool_ServesEverybody_OneAfterAnother()
    {
        var options = TestGateway.Options("responses-ws", _accounts[0]);
        options.Pools[0].Destinations[0].InFlightMax = 1;
        using var gateway = new TestGateway(options);
        _accounts[0].Gate = new SemaphoreSlim(0);
        var turns = Enumerable.Range(0, 12).Select(number => gateway.TurnAsync(null, TestGateway.User($"turn {number}"))).ToList();
        while (gateway.Waiting < 11 || _accounts[0].Requests.IsEmpty) await Task.Yield();
        Assert.Single(_accounts[0].Requests);
        _accounts[0].Gate!.Release(100);
        var results = await Task.WhenAll(turns);
        Assert.All(results, result => Assert.Equal("seen 1", result.Text));
        Assert.Equal(11, results.Count(result => result.Report.Queued > TimeSpan.Zero));
        Assert.Equal((0, 0), (gateway.Waiting, gateway.Pools.Current[0].Destinations[0].State.InFlight));
    }

    [Fact]
    public async Task RestingAccount_KeepsNobodyWaiting_AndTheConversationStaysWhereItWent()
    {
        using var gateway = new TestGateway("responses-ws", [.. _accounts]);
        var first = await gateway.TurnAsync(null, TestGateway.User("one"));
        Account(first.Report.Destination!).Next(FakeFault.TooMany);
        var second = await gateway.TurnAsync(first.Node, TestGateway.User("two"));
        var third = await gateway.TurnAsync(second.Node, TestGateway.User("three"));
        Assert.NotEqual(first.Report.Destination, second.Report.Destination);
        Assert.Equal(second.Report.Destination, third.Report.Destination);
        Assert.Equal(("owner", "seen 5"), (third.Report.Affinity, third.Text));
        Assert.Null(third.Report.MissCause);
    }

    [Fact]
    public async Task Headers_NameTheConversationOfAClientThatResendsEverything()
    {
        using var gateway = new TestGateway("chat", [.. _accounts]);
        var hints = new SessionHints("session", "thread");
        var first = await gateway.TurnAsync(null, TestGateway.User("one"), hints: hints);
        for (var turn = 0; turn < 5; turn++)
        {
            var next = await gateway.TurnAsync(null, Resent("one", turn), hints: hints);
            Assert.Equal((first.Report.Destination, "thread"), (next.Report.Destination, next.Report.Affinity));
        }
    }

    [Fact]
    public async Task Content_NamesTheConversationOfAClientThatSaysNothing()
    {
        using var gateway = new TestGateway("chat", [.. _accounts]);
        var first = await gateway.TurnAsync(null, TestGateway.User("the question"));
        for (var turn = 0; turn < 5; turn++)
        {
            var next = await gateway.TurnAsync(null, Resent("the question", turn));
            Assert.Equal((first.Report.Destination, "content"), (next.Report.Destination, next.Report.Affinity));
        }
    }

    [Fact]
    public async Task SubAgents_FollowTheirSession_ButNotToABusyAccount()
    {
        using var gateway = new TestGateway("chat", [.. _accounts]);
        var main = await gateway.TurnAsync(null, TestGateway.User("main"), hints: new SessionHints("s", "main"));
        var calm = await gateway.TurnAsync(null, TestGateway.User("sub one"), hints: new SessionHints("s", "one"));
        Assert.Equal((main.Report.Destination, "session"), (calm.Report.Destination, calm.Report.Affinity));

        var busy = Account(main.Report.Destination!);
        busy.Gate = new SemaphoreSlim(0);
        var running = gateway.TurnAsync(main.Node, TestGateway.User("more"), hints: new SessionHints("s", "main"));
        while (busy.Requests.Count < 3) await Task.Yield();
        var sub = await gateway.TurnAsync(null, TestGateway.User("sub two"), hints: new SessionHints("s", "two"));
        busy.Gate.Release(100);
        Assert.NotEqual(main.Report.Destination, sub.Report.Destination);
        Assert.Equal(main.Report.Destination, (await running).Report.Destination);
    }

    [Fact]
    public async Task NoAccountLeft_IsReportedWithTheSoonestTime()
    {
        var options = TestGateway.Options("chat", [.. _accounts]);
        options.Pools[0].QueueMax = 0;
        foreach (var destination in options.Pools[0].Destinations) destination.RequestsPerMinute = 1;
        using var gateway = new TestGateway(options);
        foreach (var _ in _accounts) await gateway.TurnAsync(null, TestGateway.User("one"));
        var refused = await gateway.TurnAsync(null, TestGateway.User("two"));
        Assert.Equal(429, refused.Error!.Kind.Status);
        Assert.InRange(refused.Error.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(61));
    }

    private FakeUpstream Account(string name) => _accounts.Single(account => account.Name == name);

    private static string Resent(string question, int turn) =>
        $$"""[{"role":"user","content":"{{question}}"},{"type":"message","role":"assistant","content":""" +
            $$"""[{"type":"output_text","text":"seen 1"}]},{"role":"user","content":"turn {{turn}}"}]""";

    /// <summary>Claude Code's agents, opencode's and Codex's begin where the one is that set them to work.</summary>
    [Fact]
    public async Task SubAgents_BeginWhereTheirParentIs_AndMoveNobodyElse()
    {
        SessionHints[] subs =
        [
            new("s", "agent") { IsSubAgent = true },
            new("s", "deeper") { IsSubAgent = true, ParentThread = "agent" },
            new("ses_child", null) { IsSubAgent = true, ParentSession = "s" },
        ];
        for (var round = 0; round < 4; round++)
        {
            using var gateway = new TestGateway("chat", [.. _accounts]);
            var main = await gateway.TurnAsync(null, TestGateway.User("main"), hints: new SessionHints("s", null));
            foreach (var sub in subs)
            {
                var begun = await gateway.TurnAsync(null, TestGateway.User($"sub {sub.Thread}"), hints: sub);
                Assert.Equal(main.Report.Destination, begun.Report.Destination);
                Assert.Contains(begun.Report.Affinity, (string[])["session", "parent"]);
            }
        }
    }

    [Fact]
    public async Task SubAgent_ThatHadToGoElsewhere_DoesNotTakeItsSessionAlong()
    {
        using var gateway = new TestGateway("chat", [.. _accounts]);
        var main = await gateway.TurnAsync(null, TestGateway.User("main"), hints: new SessionHints("s", null));
        var at = Account(main.Report.Destination!);
        at.Gate = new SemaphoreSlim(0);
        var running = gateway.TurnAsync(main.Node, TestGateway.User("more"), hints: new SessionHints("s", null));
        while (at.Requests.Count < 2) await Task.Yield();
        var sub = await gateway.TurnAsync(null, TestGateway.User("sub"), hints: new SessionHints("s", "agent") { IsSubAgent = true });
        Assert.NotEqual(main.Report.Destination, sub.Report.Destination);
        at.Gate.Release(10);
        await running;
        at.Gate = null;
        var next = await gateway.TurnAsync(null, TestGateway.User("another of the main agent"), hints: new SessionHints("s", null));
        Assert.Equal(main.Report.Destination, next.Report.Destination);
    }
}
