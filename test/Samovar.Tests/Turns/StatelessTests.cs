using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Turns;

/// <summary>Clients that keep the state themselves: they find their chain by what they resend, and the model sees what they sent.</summary>
public sealed class StatelessTests
{
    private const int CasesCount = 60;

    [Theory]
    [InlineData("Verbatim")]
    [InlineData("Bare")]
    [InlineData("AsText")]
    [InlineData("Reversed")]
    [InlineData("WithoutReasoning")]
    [InlineData("Respelled")]
    public async Task ResentHistory_ContinuesItsChain_WithTheNewItemsOnly(string rewriting)
    {
        using var house = new House();
        var talk = new StatelessTalk(Enum.Parse<Rewriting>(rewriting)) { Settings = House.Settings() };
        await house.TurnAsync(talk, talk.Ask("[[steps=2]] [[say=looking]] go"));
        await house.TurnAsync(talk, talk.Answer("first"));
        await house.TurnAsync(talk, talk.Answer("second"));
        var last = await house.TurnAsync(talk, talk.Ask("thanks"));

        Assert.Equal(["none:no_history", "content", "content", "content"], house.Core.Requests.Records.Select(record => record.Matched));
        Assert.Equal((4, 1), (house.Seen!.Parent!.Depth + 1, house.Seen.Input.Count));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, last.Last.GetProperty("previous_response_id").ValueKind);
        Assert.True(last.Last.GetProperty("usage").GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task Reasoning_ThatIsResent_Matches_AndThatIsLeftOut_DoesNot_WhereTheAnswerWouldBeAnother()
    {
        using var house = new House();
        foreach (var (rewriting, matched) in new[] { (Rewriting.Bare, "content"), (Rewriting.WithoutReasoning, "none:reasoning") })
        {
            var talk = new StatelessTalk(rewriting);
            await house.TurnAsync(talk, talk.Ask($"[[think=both]] {rewriting}"));
            await house.TurnAsync(talk, talk.Ask("and now?"));
            Assert.Equal(matched, house.Core.Requests.Records[^1].Matched);
        }
        var changed = new StatelessTalk(Rewriting.Bare);
        await house.TurnAsync(changed, changed.Ask("[[think=text]] think"));
        changed.Items[1]["summary"] = new JsonArray(new JsonObject { ["type"] = "summary_text", ["text"] = "other thoughts" });
        await house.TurnAsync(changed, changed.Ask("and now?"));
        Assert.Equal("none:reasoning", house.Core.Requests.Records[^1].Matched);
    }

    [Theory]
    [InlineData("instructions", "\"Be brief.\"")]
    [InlineData("tools", """[{"type":"function","name":"other","parameters":{}}]""")]
    [InlineData("model", "\"another\"")]
    [InlineData("store", "true")]
    public async Task OtherSettings_NeverMatch(string field, string value)
    {
        using var house = new House();
        var talk = new StatelessTalk(Rewriting.Bare) { Settings = House.Settings() };
        await house.TurnAsync(talk, talk.Ask("one"));
        await house.TurnAsync(talk, talk.Ask("two"));
        talk.Settings[field] = JsonNode.Parse(value);
        await house.TurnAsync(talk, talk.Ask("three"));
        Assert.Equal("none:settings", house.Core.Requests.Records[^1].Matched);
        await house.TurnAsync(talk, talk.Ask("four"));
        Assert.Equal("content", house.Core.Requests.Records[^1].Matched); // the chain has these settings now
    }

    [Fact]
    public async Task Sampling_IsTheRequestsOwn()
    {
        using var house = new House();
        var talk = new StatelessTalk(Rewriting.Bare) { Settings = new() { ["store"] = false, ["temperature"] = 0.5, ["seed"] = 7 } };
        await house.TurnAsync(talk, talk.Ask("one"));
        talk.Settings.Remove("seed");
        talk.Settings["temperature"] = 1.5;
        var seen = await house.TurnAsync(talk, talk.Ask("two"));
        Assert.Equal("content", house.Core.Requests.Records[^1].Matched);
        Assert.Equal((1.5, null), (house.Request!.Temperature, house.Request.Seed));
        Assert.Equal(1.5, seen.Last.GetProperty("temperature").GetDouble());
    }

    [Fact]
    public async Task DeletedResponse_IsContinuedByContentNoMoreThanById()
    {
        using var house = new House();
        var talk = new StatelessTalk(Rewriting.Bare) { Settings = new() { ["store"] = true } };
        var first = await house.TurnAsync(talk, talk.Ask("one"));
        Assert.True(await house.Core.Store.DeleteAsync(TenantId.Local, new ResponseId(first.Id), TestContext.Current.CancellationToken));
        await house.TurnAsync(talk, talk.Ask("two"));
        Assert.Equal("none:unknown", house.Core.Requests.Records[^1].Matched);
    }

    [Fact]
    public async Task DeletedResponse_IsNotContinuedByContent_OnTheSocketThatMadeItEither()
    {
        using var house = new House();
        var talk = new StatelessTalk(Rewriting.Bare) { Settings = new() { ["store"] = true } };
        await using var session = house.Core.Sessions.Open(TenantId.Local);
        var first = await CoreHouse.SendAsync(session, talk.Ask("one"), House.Cancelled);
        talk.Learn(first);
        Assert.True(await house.Core.Store.DeleteAsync(TenantId.Local, new ResponseId(first.Id), House.Cancelled));
        await CoreHouse.SendAsync(session, talk.Ask("two"), House.Cancelled);
        Assert.Equal("none:unknown", house.Core.Requests.Records[^1].Matched);
    }

    [Fact]
    public async Task LostSocket_FindsItsChainOnTheNextOne()
    {
        using var house = new House();
        var talk = new StatelessTalk(Rewriting.Verbatim);
        await using (var first = house.Core.Sessions.Open(TenantId.Local))
            talk.Learn(await CoreHouse.SendAsync(first, talk.Ask("[[steps=1]] go") with { Tools = Ask.Shell }, House.Cancelled));
        await using var second = house.Core.Sessions.Open(TenantId.Local);
        await CoreHouse.SendAsync(second, talk.Answer("done") with { Tools = Ask.Shell }, House.Cancelled);
        Assert.Equal("content", house.Core.Requests.Records[^1].Matched);
        Assert.Single(house.Seen!.Input);
    }

    /// <summary>What is kept of a turn grows with what was new in it, though each request brought the whole along.</summary>
    [Fact]
    public async Task MatchedTurn_KeepsWhatIsNew()
    {
        using var house = new House();
        var talk = new StatelessTalk(Rewriting.Bare) { Settings = House.Settings() };
        for (var turn = 0; turn < 20; turn++) await house.TurnAsync(talk, talk.Ask(new string('x', 5000)));
        Assert.InRange(house.Core.Histories.Bytes, 20 * 5000, 20 * 25_000); // a third of what twenty whole requests would be
    }

    [Fact]
    public void RandomConversations_AlwaysSeeWhatTheirClientSent() =>
        Prop.ForAll(Gen.Choose(0, 255).ArrayOf(40).ToArbitrary(), PlayAsync)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(CasesCount).WithQuietOnSuccess(true));

    /// <summary>Forks, tenants, changed letters and changed settings, mixed as the bytes say.</summary>
    private static async Task PlayAsync(int[] moves)
    {
        using var house = new House();
        var talks = new List<(StatelessTalk Talk, TenantId Tenant)>();
        foreach (var (step, move) in moves.Index())
        {
            var (kind, which) = (move % 8, move / 8);
            if (talks.Count == 0 || kind == 0)
                talks.Add((new StatelessTalk((Rewriting)(which % 6)) { Settings = House.Settings() }, new TenantId($"t{which % 2}")));
            var (talk, tenant) = talks[which % talks.Count];
            if (kind == 1) talks.Add((talk = talk.Fork((Rewriting)(which % 6)), tenant = new TenantId($"t{which % 2}")));
            var changed = kind == 2 ? Change(talk, which, step) : null;
            if (kind == 3) talk.Settings["instructions"] = $"Rule {which % 3}.";
            var request = talk.HasOpenCalls ? talk.Answer($"result {which}")
                : talk.Ask(kind switch { 4 => "[[steps=1]] call", 5 => "[[think=both]] think", _ => $"say {which % 4}" });
            await house.TurnAsync(talk, request, tenant);
            if (changed is { } at) Assert.True(house.Seen!.InputStart <= at, "a changed item was taken for the one before");
            Assert.Equal(tenant, house.Seen!.Parent?.Tenant ?? tenant);
            if (house.Seen.IsMatched) Assert.Equal(house.Request!.Instructions, house.Seen.Parent!.Response.Instructions);
        }
    }

    private static int? Change(StatelessTalk talk, int which, int step)
    {
        if (talk.Items.Count == 0) return null;
        var at = which % talk.Items.Count;
        if ((string?)talk.Items[at]["type"] is not (null or "message")) return null;
        talk.Items[at]["content"] = $"changed in step {step}"; // nobody has said this before
        return at;
    }

    /// <summary>A core that holds every turn to this: the model sees what the client sent.</summary>
    private sealed class House : IDisposable
    {
        public House() => Core.Backend.OnPhase = (turn, phase, _) =>
        {
            if (phase == ScriptPhase.Accepted) (Seen, Request) = (turn.Context, turn.Request);
            return default;
        };

        public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

        public CoreHouse Core { get; } = new();
        public TurnContext? Seen { get; private set; }
        public CreateRequest? Request { get; private set; }

        public static JsonObject Settings() => new()
        {
            ["store"] = false,
            ["model"] = "scripted",
            ["tools"] = JsonNode.Parse(Ask.Shell.Json.ToString()),
        };

        public async Task<SeenEvents> TurnAsync(StatelessTalk talk, CreateRequest request, TenantId? tenant = null)
        {
            var sent = talk.Items.Select(Said.By).ToList();
            var turn = Core.Begin(request, tenant, CancellationToken.None);
            var seen = await SeenEvents.ReadAsync(await turn.Began, Cancelled);
            await turn.Ended;
            Assert.Equal(sent, Seen!.AllItems().Select(item => Said.By(item.Json.ToString())));
            talk.Learn(seen);
            return seen;
        }

        public void Dispose() => Core.Dispose();
    }
}
