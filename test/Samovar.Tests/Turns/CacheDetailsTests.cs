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

    private static CreateRequest Asking(CreateRequest request) => request with { WantsCacheDetails = true };

    private static ToolList Tools(string description)
    {
        var parameters = RawJson.Of("""{"type":"object","properties":{}}""");
        string Json(string name, string said) =>
            $$$"""{"type":"function","name":"{{{name}}}","description":"{{{said}}}","parameters":{"type":"object","properties":{} } }""";
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
