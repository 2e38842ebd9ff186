using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Tests.Backends.Embedded;
using Samovar.Tracing;
using SeenEvents = Samovar.Testing.Core.SeenEvents;

namespace Samovar.Tests.Turns;

/// <summary><c>prompt_cache_options.details</c>: where a context leaves what was cached, and what that cost.</summary>
public sealed class CacheDetailsTests
{
    private static readonly string Words = string.Join(' ', Enumerable.Range(0, 40));

    [Fact]
    public async Task Continuation_UsesAllThatItsChainHad()
    {
        var talk = new Talk(Families.ChatMl).Says("one");
        using var house = new CoreHouse(backends: _ => [talk.Backend]);
        var first = await house.RunAsync(Asking(Ask.Stored(Words)), Soon.Token);
        Assert.Equal("comparison_response_not_found", Diagnostics(first).GetProperty("type").GetString()); // there is none
        Assert.Equal("no_parent", Details(first).GetProperty("rendered_whole_because").GetString());
        var next = await house.RunAsync(Asking(Ask.Stored("more").After(first.Id)), Soon.Token);
        Assert.Equal("cache_hit", Diagnostics(next).GetProperty("type").GetString());
        var details = Details(next);
        Assert.Equal("continued", details.GetProperty("rendered").GetString());
        foreach (var none in new[] { "reason", "left_at", "evicted", "rendered_whole_because" })
            Assert.Equal(JsonValueKind.Null, details.GetProperty(none).ValueKind);
        var tiers = details.GetProperty("tiers").EnumerateArray().ToList();
        Assert.Equal(["cells", "computed"], tiers.Select(tier => tier.GetProperty("tier").GetString()));
        Assert.Equal(details.GetProperty("prompt_tokens").GetInt32(), tiers.Sum(tier => tier.GetProperty("tokens").GetInt32()));
        Assert.Null(house.Requests.Records[^1].MissCause);
    }

    [Fact]
    public async Task NobodyAsked_NothingIsSaid()
    {
        var talk = new Talk(Families.ChatMl).Says("one");
        using var house = new CoreHouse(backends: _ => [talk.Backend]);
        var first = await house.RunAsync(Ask.Stored(Words), Soon.Token);
        Assert.False(first.Last.TryGetProperty("prompt_cache_diagnostics", out _));
        var compared = await house.RunAsync(Ask.Text(Words) with { CacheComparison = new ResponseId(first.Id) }, Soon.Token);
        Assert.False(Diagnostics(compared).TryGetProperty("details", out _));
    }

    [Fact]
    public async Task ToolsDescription_ThatChanged_IsNamedToItsCharacter()
    {
        var talk = new Talk(Families.ChatMl).Says("one");
        using var house = new CoreHouse(backends: _ => [talk.Backend]);
        var first = await house.RunAsync(Ask.Stored(Words).With(Tools("Looks at a file.")), Soon.Token);
        var next = await house.RunAsync(Asking(Ask.Stored("more").After(first.Id).With(Tools("Looks at a folder."))), Soon.Token);
        var left = Details(next).GetProperty("left_at");
        Assert.Equal("tools[1].description", left.GetProperty("item").GetString());
        Assert.Equal("Looks at a f".Length, left.GetProperty("character").GetInt32());
        Assert.Equal(("ile.", "older."), (left.GetProperty("before").GetString(), left.GetProperty("now").GetString()));
        Assert.Equal("tools_changed", house.Requests.Records[^1].MissCause);
        Assert.Equal("tools_changed", Diagnostics(next).GetProperty("reason").GetString());
        Assert.Equal("settings_changed", Details(next).GetProperty("rendered_whole_because").GetString());
    }

    [Fact]
    public async Task EarlierItem_ThatChanged_IsNamedByItsPlace_AndInOpenAisWord()
    {
        var talk = new Talk(Families.ChatMl).Says("one");
        using var house = new CoreHouse(backends: _ => [talk.Backend]);
        var first = await house.RunAsync(Ask.Stored(Words + " end"), Soon.Token);
        var next = await house.RunAsync(
            Asking(Ask.Text(Words + " and other") with { CacheComparison = new ResponseId(first.Id) }), Soon.Token);
        var left = Details(next).GetProperty("left_at");
        Assert.Equal("input[0].content", left.GetProperty("item").GetString());
        Assert.Equal(Words.Length + 1, left.GetProperty("character").GetInt32());
        Assert.Equal("end", left.GetProperty("before").GetString());
        Assert.Equal("input_changed", Diagnostics(next).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Instructions_HaveNoWordAtOpenAi_AndOneHere()
    {
        var talk = new Talk(Families.ChatMl).Says("one");
        using var house = new CoreHouse(backends: _ => [talk.Backend]);
        var first = await house.RunAsync(Ask.Stored("hello") with { Instructions = Words + "a" }, Soon.Token);
        var next = await house.RunAsync(Asking(Ask.Stored("more").After(first.Id) with { Instructions = Words + "b" }), Soon.Token);
        Assert.Equal("input_changed", Diagnostics(next).GetProperty("reason").GetString());
        Assert.Equal("instructions_changed", Details(next).GetProperty("reason").GetString());
        Assert.Equal("instructions", Details(next).GetProperty("left_at").GetProperty("item").GetString());
    }

    [Fact]
    public async Task ThoughtsThatATemplateDrops_AreARewrittenHistory_AndItsPlaceIsTheAnswer()
    {
        var talk = new Talk(Families.Reasoning).Says(Families.Reasoning.Thinks(Words, "It is so, as far as I know."));
        using var house = new CoreHouse(backends: _ => [talk.Backend]);
        var first = await house.RunAsync(Ask.Stored("hello"), Soon.Token);
        var next = await house.RunAsync(Asking(Ask.Stored("more").After(first.Id)), Soon.Token);
        var details = Details(next);
        Assert.Equal("history_rewritten", details.GetProperty("reason").GetString());
        Assert.Equal("input_changed", Diagnostics(next).GetProperty("reason").GetString());
        var left = details.GetProperty("left_at");
        Assert.Equal(first.Id, left.GetProperty("response_id").GetString());
        Assert.StartsWith("input[1].", left.GetProperty("item").GetString(), StringComparison.Ordinal);
        Assert.Contains("think", left.GetProperty("before").GetString(), StringComparison.Ordinal);
        Assert.True(details.GetProperty("recomputed_tokens").GetInt32() > 4);
        Assert.Equal("whole", details.GetProperty("rendered").GetString());
    }

    [Fact]
    public async Task ComparedResponse_OfAClientThatKeepsItsStateItself_ShowsNoWords()
    {
        var talk = new Talk(Families.ChatMl).Says("one");
        using var house = new CoreHouse(backends: _ => [talk.Backend]);
        var first = await house.RunAsync(Ask.Text(Words + " end"), Soon.Token); // store: false
        var next = await house.RunAsync(
            Asking(Ask.Text(Words + " other") with { CacheComparison = new ResponseId(first.Id) }), Soon.Token);
        Assert.Equal("cache_miss", Diagnostics(next).GetProperty("type").GetString());
        Assert.Equal(JsonValueKind.Null, Details(next).GetProperty("left_at").GetProperty("before").ValueKind);
        Assert.Equal(JsonValueKind.String, Details(next).GetProperty("left_at").GetProperty("now").ValueKind);
        await using var foreign = house.Sessions.Open(new TenantId("other"));
        var other = await CoreHouse.SendAsync(
            foreign, Asking(Ask.Text(Words + " other") with { CacheComparison = new ResponseId(first.Id) }), Soon.Token);
        Assert.Equal("comparison_response_not_found", Diagnostics(other).GetProperty("type").GetString());
        Assert.Equal(JsonValueKind.Null, Details(other).GetProperty("left_at").ValueKind);
    }

    [Fact]
    public async Task Trace_KeepsIt_WithoutWordsOfWhatIsNotStored()
    {
        var talk = new Talk(Families.ChatMl).Says("one");
        using var house = new CoreHouse(backends: _ => [talk.Backend]);
        await using var session = house.Sessions.Open(TenantId.Local);
        foreach (var stores in new[] { true, false })
        {
            var rules = $"{stores} {Words}"; // others each time: what another chain computed would be used
            var first = await CoreHouse.SendAsync(
                session, Ask.Text(Words).SayingStore(stores) with { Instructions = rules + "a" }, Soon.Token);
            var next = await CoreHouse.SendAsync(
                session, Ask.Text("more").SayingStore(stores).After(first.Id) with { Instructions = rules + "b" }, Soon.Token);
            TurnTrace? kept;
            while ((kept = house.Traces.Find(TenantId.Local, new ResponseId(next.Id))) is null) await Task.Yield(); // just behind its end
            var left = kept.Cache!.LeftAt!;
            Assert.Equal(("instructions_changed", "instructions", rules.Length), (kept.Outcome!.Miss, left.Item, left.Character));
            Assert.Equal(stores ? ("a", "b") : (null, null), (left.Before, left.Now));
        }
    }

    /// <summary>A client may call the parts of a schema and the variables of a template as it likes.</summary>
    [Fact]
    public async Task Trace_OfWhatIsNotStored_HasNoNamesOfTheClients()
    {
        var talk = new Talk(Families.ChatMl).Says("one");
        using var house = new CoreHouse(backends: _ => [talk.Backend]);
        await using var session = house.Sessions.Open(TenantId.Local);
        foreach (var stores in new[] { true, false }) // others each time, as above
        {
            var first = await CoreHouse.SendAsync(
                session, Ask.Text(Words).SayingStore(stores).With(Tools("Looks.", $"{stores}: the first.")), Soon.Token);
            var next = await CoreHouse.SendAsync(
                session, Ask.Text("more").SayingStore(stores).After(first.Id).With(Tools("Looks.", $"{stores}: the next.")), Soon.Token);
            TurnTrace? kept;
            while ((kept = house.Traces.Find(TenantId.Local, new ResponseId(next.Id))) is null) await Task.Yield(); // just behind its end
            Assert.Equal(
                stores ? "tools[0].parameters.properties.patient_status.description" : "tools[0].parameters", kept.Cache!.LeftAt!.Item);
        }
    }

    [Theory]
    [InlineData("tools[3].description", "tools[3].description")]
    [InlineData("input[7].content[0].text", "input[7].content[0].text")]
    [InlineData("chat_template_kwargs.text", "chat_template_kwargs")]
    [InlineData("input[7].of_mine.text", "input[7]")]
    [InlineData("tools[0].function.parameters.type", "tools[0]")]
    [InlineData("tools[0].name[x].y", "tools[0]")]
    public void Place_EndsWithTheLastFieldThatTheApiNames(string path, string shown) =>
        Assert.Equal(shown, new CacheDeparture(path, 0).WithoutNames().Item);

    [Fact]
    public void Place_IsNoLongerThanItMayBe() => Assert.Equal(257, new CacheDeparture("tools[0]." + new string('x', 5000), 0).Item.Length);

    [Fact]
    public void AccountsOfTwoPrompts_AreTheirSum_AndTheFirstMiss()
    {
        var (hit, missed) = (Account(null, new("cells", 8, 0), new("computed", 2, 1)),
            Account("state_evicted", new("host_memory", 5, 4), new("computed", 15, 3)));
        foreach (var both in new[] { hit.Then(missed), missed.Then(hit), missed.Then(hit with { Reason = "tools_changed" }) })
        {
            Assert.Equal(("state_evicted", 30, 13, 2), (both.Reason, both.PromptTokens, both.CachedTokens, both.RecomputedTokens));
            Assert.Equal(
                [new("cells", 8, 0), new("host_memory", 5, 4)],
                both.Tiers.SkipLast(1).OrderBy(static tier => tier.Name, StringComparer.Ordinal));
            Assert.Equal(new CacheTier("computed", 17, 4), both.Tiers[^1]);
        }
    }

    private static CacheDetails Account(string? reason, params CacheTier[] tiers) => new()
    {
        PromptTokens = tiers.Sum(static tier => tier.Tokens), CachedTokens = tiers[0].Tokens, RecomputedTokens = 1, Reason = reason,
        Tiers = tiers, IsRenderedWhole = false,
    };

    private static CreateRequest Asking(CreateRequest request) => request with { WantsCacheDetails = true };

    private static ToolList Tools(string description, string status = "Known.")
    {
        var schema = $$$"""{"type":"object","properties":{"patient_status":{"type":"string","description":"{{{status}}}"} } }""";
        var parameters = RawJson.Of(schema);
        string Json(string name, string said) =>
            $$"""{"type":"function","name":"{{name}}","description":"{{said}}","parameters":{{schema}} }""";
        var all = new[] { Json("stay", "Stays."), Json("look", description) };
        return new ToolList(
            [
                new Tool.Function("stay", "Stays.", parameters, null) { Json = RawJson.Of(all[0]) },
                new Tool.Function("look", description, parameters, null) { Json = RawJson.Of(all[1]) },
            ],
            RawJson.Of($"[{string.Join(',', all)}]"));
    }

    private static JsonElement Diagnostics(SeenEvents seen) => seen.Last.GetProperty("prompt_cache_diagnostics");

    private static JsonElement Details(SeenEvents seen) => Diagnostics(seen).GetProperty("details");
}
