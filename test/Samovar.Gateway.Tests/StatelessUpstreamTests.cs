using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Samovar.Accounting;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Testing.Core;
using Samovar.Testing.Upstreams;
using Samovar.Turns;

namespace Samovar.Gateway.Tests;

/// <summary>Clients that resend everything, in front of upstreams that keep state: only what is new goes on, and nothing is lost.</summary>
public sealed class StatelessUpstreamTests : IAsyncLifetime
{
    private const int CasesCount = 25;
    private FakeUpstream _upstream = null!;

    public async ValueTask InitializeAsync() => _upstream = await FakeUpstream.StartAsync("a");
    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    [Theory]
    [InlineData("responses-ws", "Bare", false)]
    [InlineData("responses-ws", "AsText", false)]
    [InlineData("responses-ws", "Verbatim", true)]
    [InlineData("responses-stored", "Bare", true)]
    public async Task EveryTurnAfterACall_LeavesAsADelta(string kind, string rewriting, bool store)
    {
        using var house = new House(kind, _upstream);
        var talk = new StatelessTalk(Enum.Parse<Rewriting>(rewriting)) { Settings = House.Settings(store) };
        await house.TurnAsync(talk, talk.Ask(FakeMind.AskForTool + new string('x', 20_000)));
        await house.TurnAsync(talk, talk.Answer("42"));
        for (var turn = 0; turn < 4; turn++) await house.TurnAsync(talk, talk.Ask($"question {turn}"));

        var later = house.Records.Skip(1).ToList();
        Assert.All(later, record => Assert.Equal(("content", "owner"), (record.Matched, record.Affinity)));
        Assert.All(later, record => Assert.InRange(record.BytesToUpstream, 1, 700));
        Assert.All(later, record => Assert.True(record.BytesFromClient > 20_000));
        Assert.All(_upstream.Requests.Skip(1), request => Assert.Equal(1, request.Json.GetProperty("input").GetArrayLength()));
        if (kind == "responses-ws") Assert.Equal(1, _upstream.Responses.Connections);
    }

    [Fact]
    public async Task FirstAnswerWithoutACall_GivesItsSocketBack_AndTheSecondTurnSendsTheLittleThereIs()
    {
        using var house = new House("responses-ws", _upstream);
        var talk = new StatelessTalk(Rewriting.Bare) { Settings = House.Settings(store: false) };
        await house.TurnAsync(talk, talk.Ask("one"));
        for (var other = 0; other < 5; other++)
        {
            var single = new StatelessTalk(Rewriting.Bare) { Settings = House.Settings(store: false) };
            await house.TurnAsync(single, single.Ask($"only this {other}"));
        }
        Assert.Equal(1, _upstream.Responses.Connections);
        await house.TurnAsync(talk, talk.Ask("two"));
        await house.TurnAsync(talk, talk.Ask("three"));
        Assert.Equal(("content", "socket_gone"), (house.Records[^2].Matched, house.Records[^2].MissCause));
        Assert.Equal(("content", null), (house.Records[^1].Matched, house.Records[^1].MissCause));
        Assert.Single(_upstream.Requests.Last().Json.GetProperty("input").EnumerateArray());
    }

    /// <summary>One socket serves one continuation; the other one goes whole, as a fork by id does, and both see their history.</summary>
    [Fact]
    public async Task ParallelContinuations_OfOneHistory_DoNotShareASocket()
    {
        using var house = new House("responses-ws", _upstream);
        var talk = new StatelessTalk(Rewriting.Bare) { Settings = House.Settings(store: false) };
        await house.TurnAsync(talk, talk.Ask(FakeMind.AskForTool));
        var other = talk.Fork(Rewriting.Bare);
        var (one, two) = (house.Begin(talk.Answer("left")), house.Begin(other.Answer("right")));
        await Task.WhenAll(House.EndAsync(one), House.EndAsync(two));

        Assert.Equal(["content", "content"], house.Records.Skip(1).Select(record => record.Matched));
        Assert.Equal([1, 3], _upstream.Requests.Skip(1).Select(request => request.Json.GetProperty("input").GetArrayLength()).Order());
        Assert.Equal([3, 3], _upstream.Responses.Contexts.Skip(1).Select(context => context.Count));
    }

    [Fact]
    public async Task ForgottenParent_IsSentWhole_AndTheClientNoticesNothing()
    {
        using var house = new House("responses-ws", _upstream);
        var talk = new StatelessTalk(Rewriting.AsText) { Settings = House.Settings(store: false) };
        await house.TurnAsync(talk, talk.Ask(FakeMind.AskForTool));
        await house.TurnAsync(talk, talk.Answer("42"));
        _upstream.Next(FakeFault.ParentForgotten);
        await house.TurnAsync(talk, talk.Ask("and now?"));
        await house.TurnAsync(talk, talk.Ask("and then?"));
        Assert.Equal(["previous_response_not_found", null], house.Records.TakeLast(2).Select(record => record.MissCause));
    }

    [Fact]
    public void RandomConversations_ReachTheUpstreamWhole_HoweverLittleIsSent() =>
        Prop.ForAll(Gen.Choose(0, 255).ArrayOf(20).ToArbitrary(), PlayAsync)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(CasesCount).WithQuietOnSuccess(true));

    private async Task PlayAsync(int[] moves)
    {
        using var house = new House("responses-ws", _upstream);
        var talks = new List<(StatelessTalk Talk, TenantId Tenant)>();
        var saved = 0;
        foreach (var (step, move) in moves.Index())
        {
            var (kind, which) = (move % 6, move / 6);
            if (talks.Count == 0 || kind == 0)
                talks.Add((new StatelessTalk((Rewriting)(which % 6)) { Settings = House.Settings(store: false) }, new($"t{which % 2}")));
            var (talk, tenant) = talks[which % talks.Count];
            if (kind == 1) talks.Add((talk = talk.Fork((Rewriting)(which % 6)), tenant = new TenantId($"t{which % 2}")));
            if (kind == 2) _upstream.Next(FakeFault.ParentForgotten);
            var asked = kind == 3 ? FakeMind.AskForTool : $"say {which % 3}";
            var request = talk.HasOpenCalls ? talk.Answer($"result {step}") : talk.Ask(asked);
            await house.TurnAsync(talk, request, tenant);
            if (house.Records[^1].Matched == "content" && house.Records[^1].MissCause is null) saved++;
        }
        Assert.True(saved > 0, "no turn went as a delta");
    }

    /// <summary>The core in front of the fake, holding every turn to this: the upstream has in its context what the client sent.</summary>
    private sealed class House : IDisposable
    {
        private readonly FakeUpstream _upstream;
        private readonly TestGateway _gateway;
        private readonly CoreHouse _core;

        public House(string kind, FakeUpstream upstream)
        {
            (_upstream, _gateway) = (upstream, new TestGateway(kind, upstream));
            _core = new CoreHouse(backends: _ => [_gateway.Backend]);
        }

        public IReadOnlyList<RequestRecord> Records => _core.Requests.Records;

        public static JsonObject Settings(bool store) =>
            (JsonObject)JsonNode.Parse(
                $$"""{"model":"{{TestGateway.Model}}","store":{{(store ? "true" : "false")}}{{TestGateway.Tools}}}""")!;

        public TurnHandle Begin(CreateRequest request, TenantId? tenant = null) =>
            _core.Begin(request, tenant, CancellationToken.None);

        public static async Task<SeenEvents> EndAsync(TurnHandle turn)
        {
            var seen = await SeenEvents.ReadAsync(await turn.Began, TestContext.Current.CancellationToken);
            await turn.Ended;
            return seen;
        }

        public async Task TurnAsync(StatelessTalk talk, CreateRequest request, TenantId? tenant = null)
        {
            var sent = talk.Items.Select(Said.By).ToList();
            var seen = await EndAsync(Begin(request, tenant));
            Assert.Equal("completed", seen.Status);
            Assert.Equal(sent, _upstream.Responses.Contexts.Last().Select(Said.By));
            talk.Learn(seen);
        }

        public void Dispose()
        {
            _core.Dispose();
            _gateway.Dispose();
        }
    }
}
