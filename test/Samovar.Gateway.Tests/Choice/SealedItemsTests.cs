using Samovar.Chains;
using Samovar.Gateway.Destinations;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Choice;

/// <summary>What only its maker can open finds its maker when a client sends it back; accounts refuse what others sealed.</summary>
public sealed class SealedItemsTests : IAsyncLifetime
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

    [Theory]
    [InlineData("responses-ws")]
    [InlineData("responses-http")]
    public async Task CompactedConversation_GoesToTheMakerOfItsCompaction_AndStaysThere(string kind)
    {
        using var gateway = Sealing(kind, "compaction");
        for (var conversation = 0; conversation < 6; conversation++)
        {
            var first = await gateway.TurnAsync(null, TestGateway.User($"conversation {conversation}"));
            var maker = first.Report.Destination;
            var resumed = await gateway.TurnAsync(null, Compacted(first.Node));
            Assert.Equal((maker, "maker", "seen 2"), (resumed.Report.Destination, resumed.Report.Affinity, resumed.Text));
            var next = await gateway.TurnAsync(resumed.Node, TestGateway.User("more"));
            Assert.Equal(maker, next.Report.Destination);
        }
        Assert.True(_accounts.Count(account => !account.Requests.IsEmpty) > 1, "several accounts are in use");
    }

    [Theory]
    [InlineData("responses-ws")]
    [InlineData("responses-http")]
    public async Task MakerThatIsGone_IsReportedClearly_AndNobodyElseIsAsked(string kind)
    {
        using var gateway = Sealing(kind, "compaction", out var options);
        var first = await gateway.TurnAsync(null, TestGateway.User("one"));
        var resumed = await gateway.TurnAsync(null, Compacted(first.Node));
        var asked = _accounts.Sum(account => account.Requests.Count);
        options.Pools[0].Destinations.Remove(
            options.Pools[0].Destinations.Single(destination => destination.Name == first.Report.Destination));
        gateway.Pools.Apply(options);

        (ChainNode?, string)[] turns = [(null, Compacted(first.Node)), (resumed.Node, TestGateway.User("more"))];
        foreach (var (parent, input) in turns)
        {
            var refused = await gateway.TurnAsync(parent, input);
            Assert.Equal(("invalid_encrypted_content", 400, "input"),
                (refused.Error!.Kind.Code, refused.Error.Kind.Status, refused.Error.Param));
        }
        Assert.Equal(asked, _accounts.Sum(account => account.Requests.Count));

        // what the chain itself has compacted is left out: the whole history is still there
        var moved = await gateway.TurnAsync(first.Node, TestGateway.User("two"));
        Assert.Equal("seen 3", moved.Text);
    }

    [Fact]
    public async Task MakerAtItsLimit_IsWaitedFor_AndNobodyElseIsAsked()
    {
        using var gateway = Sealing("responses-http", "compaction", out var options);
        options.Pools[0].QueueWaitMax = TimeSpan.FromSeconds(3);
        gateway.Pools.Apply(options);
        var first = await gateway.TurnAsync(null, TestGateway.User("one"));
        var state = gateway.Pools.Current[0].Find(first.Report.Destination!)!.State;
        state.Cool(TimeSpan.FromMinutes(1));
        var refused = await gateway.TurnAsync(null, Compacted(first.Node));
        Assert.Equal(429, refused.Error!.Kind.Status);
    }

    [Theory]
    [InlineData("responses-ws")]
    [InlineData("responses-http")]
    public async Task ResentReasoning_GoesToItsMaker_AndIsLeftOutElsewhere(string kind)
    {
        using var gateway = Sealing(kind, "reasoning");
        var first = await gateway.TurnAsync(null, TestGateway.User("one"));
        var there = await gateway.TurnAsync(null, Resent(first.Node, "the start is another one"));
        Assert.Equal((first.Report.Destination, "maker", "seen 4"), (there.Report.Destination, there.Report.Affinity, there.Text));

        gateway.Pools.Current[0].Find(first.Report.Destination!)!.State.Cool(TimeSpan.FromMinutes(1));
        var away = await gateway.TurnAsync(null, Resent(first.Node, "the start is a third one"));
        Assert.Equal(("maker:cooldown", "seen 3"), (away.Report.Affinity, away.Text));
        Assert.NotEqual(first.Report.Destination, away.Report.Destination);
    }

    /// <summary>A compaction that came from elsewhere: one that may have made it is asked, others could only drop it.</summary>
    [Theory]
    [InlineData("responses-ws", null)]
    [InlineData("responses-http", null)]
    [InlineData("responses-http", "vllm")]
    public async Task CompactionOfAnUnknownMaker_IsPassedOn_ToOneThatMayHaveMadeIt(string kind, string? dialect)
    {
        var options = TestGateway.Options(kind, _accounts[0]);
        options.Pools[0].Destinations[0].Dialect = dialect;
        using var gateway = new TestGateway(options);
        var result = await gateway.TurnAsync(null, $"[{Foreign("a")},{Go}]");
        Assert.Null(result.Error);
        Assert.Contains(Foreign("a"), _accounts[0].Requests.Last().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task CompactionOfAnUnknownMaker_IsRefused_WhereNobodyCouldOpenIt(string kind)
    {
        using var gateway = new TestGateway(kind, _accounts[0]);
        var refused = await gateway.TurnAsync(null, $"[{Go},{Foreign("a")},{Go}]");
        Assert.Equal(("invalid_encrypted_content", 400, "input[1].encrypted_content"),
            (refused.Error!.Kind.Code, refused.Error.Kind.Status, refused.Error.Param));
        Assert.Empty(_accounts[0].Requests);
    }

    [Fact]
    public async Task PoolOfBothKinds_SendsACompactionOnlyWhereItMayBeOpened_AndItsChainToo()
    {
        var options = TestGateway.Options("chat", [.. _accounts]);
        options.Pools[0].Destinations[3].Kind = "responses-http";
        options.Pools[0].Destinations[3].Dialect = null;
        options.Pools[0].QueueWaitMax = TimeSpan.FromSeconds(3);
        using var gateway = new TestGateway(options);
        for (var conversation = 0; conversation < 4; conversation++)
        {
            var first = await gateway.TurnAsync(null, $"[{Foreign("d")},{Go}]");
            Assert.Equal("d", first.Report.Destination);
            Assert.Equal("d", (await gateway.TurnAsync(first.Node, TestGateway.User($"more {conversation}"))).Report.Destination);
        }
        gateway.Pools.Current[0].Find("d")!.State.Cool(TimeSpan.FromMinutes(1));
        var waited = await gateway.TurnAsync(null, $"[{Foreign("d")},{Go}]");
        Assert.NotNull(waited.Error); // for its time to retry, not answered by one that dropped the history
        Assert.All(_accounts.Take(3), account => Assert.Empty(account.Requests));
    }

    /// <summary>A chain that another backend began behind a compaction names it by what it continues.</summary>
    [Fact]
    public async Task ChainBehindACompaction_IsRefused_AtAPoolWhereNobodyCouldOpenIt()
    {
        using var elsewhere = new TestGateway("responses-http", _accounts[0]);
        var first = await elsewhere.TurnAsync(null, $"[{Foreign("a")},{Go}]");
        using var chat = new TestGateway("chat", _accounts[1]);
        var refused = await chat.TurnAsync(first.Node, TestGateway.User("more"));
        Assert.Equal(("invalid_encrypted_content", "previous_response_id"), (refused.Error!.Kind.Code, refused.Error.Param));
        Assert.Empty(_accounts[1].Requests);
    }

    /// <summary>Made by an account before anybody here looked.</summary>
    private static string Foreign(string account) => $$"""{"type":"compaction","encrypted_content":"sealed by {{account}} 77"}""";

    private const string Go = """{"role":"user","content":"go on"}""";

    private TestGateway Sealing(string kind, string type) => Sealing(kind, type, out _);

    private TestGateway Sealing(string kind, string type, out UpstreamOptions options)
    {
        foreach (var account in _accounts) account.Responses.Seals = type;
        options = TestGateway.Options(kind, [.. _accounts]);
        return new TestGateway(options);
    }

    private static string Compacted(ChainNode node) => $$"""[{{node.Output[1].Json}},{"role":"user","content":"go on"}]""";

    private static string Resent(ChainNode node, string start) =>
        $$"""[{"role":"user","content":"{{start}}"},{{node.Output[0].Json}},{{node.Output[1].Json}},{"role":"user","content":"go on"}]""";
}
