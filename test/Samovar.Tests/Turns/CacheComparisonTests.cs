using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Tests.Backends.Embedded;
using SeenEvents = Samovar.Testing.Core.SeenEvents;

namespace Samovar.Tests.Turns;

/// <summary><c>comparison_response_id</c> may name any response that the client could continue.</summary>
public sealed class CacheComparisonTests
{
    private static readonly string Words = string.Join(' ', Enumerable.Range(0, 40));

    [Fact]
    public async Task StoredResponse_OutsideTheChain_IsAHitOrAMiss()
    {
        var talk = new Talk(Families.ChatMl).Says("one");
        using var house = new CoreHouse(backends: _ => [talk.Backend]);
        var first = await house.RunAsync(Ask.Stored(Words), Soon.Token);
        Assert.Equal("cache_hit", Verdict(await house.RunAsync(Comparing(Ask.Text(Words), first), Soon.Token)));
        var more = await house.RunAsync(Comparing(Ask.Text(Words + " and more"), first), Soon.Token);
        Assert.Equal("cache_miss", Verdict(more));
        Assert.InRange(more.Last.GetProperty("prompt_cache_diagnostics").GetProperty("comparison_reusable_tokens").GetInt32(),
            Words.Length, more.Last.GetProperty("usage").GetProperty("input_tokens").GetInt32() - " and more".Length);

        var other = await house.RunAsync(Comparing(Ask.Text("something else"), first), Soon.Token);
        Assert.Equal("cache_miss", Verdict(other));
        Assert.Equal("input_changed", other.Last.GetProperty("prompt_cache_diagnostics").GetProperty("reason").GetString());
        var tools = await house.RunAsync(Comparing(Ask.Text(Words).With(Ask.Shell), first), Soon.Token);
        Assert.Equal("tools_changed", tools.Last.GetProperty("prompt_cache_diagnostics").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task EqualPrompt_WhoseStateIsNotThere_IsAMissThatSaysSo()
    {
        var (talk, cold) = (new Talk(Families.ChatMl).Says("one"), new Talk(Families.ChatMl).Says("one"));
        using var house = new CoreHouse(backends: _ => [talk.Backend]);
        var first = await house.RunAsync(Ask.Stored(Words), Soon.Token);
        var seen = await cold.AskAsync(null, Talk.Request(new { input = Words }), comparison: await house.Store.FindAsync(
            TenantId.Local, new ResponseId(first.Id), Soon.Token));
        Assert.Equal(0, seen.Finished.Usage!.CachedTokens);
        var miss = Assert.IsType<CacheDiagnostics.Miss>(seen.Finished.Cache);
        Assert.Equal(MissReasons.Evicted, miss.Reason);
        Assert.Equal(seen.Finished.Usage.InputTokens, miss.MissedTokens);
    }

    [Fact]
    public async Task Fork_IsComparedWithItsSibling()
    {
        var talk = new Talk(Families.ChatMl).Says("one");
        using var house = new CoreHouse(backends: _ => [talk.Backend]);
        var root = await house.RunAsync(Ask.Stored(Words), Soon.Token);
        var one = await house.RunAsync(Ask.Stored("left").After(root.Id), Soon.Token);
        Assert.Equal("cache_hit", Verdict(await house.RunAsync(Comparing(Ask.Stored("left").After(root.Id), one), Soon.Token)));
        Assert.Equal("cache_miss", Verdict(await house.RunAsync(
            Comparing(Ask.Stored("right, and " + Words).After(root.Id), one), Soon.Token)));
        Assert.Equal("cache_hit", Verdict(await house.RunAsync(Comparing(Ask.Stored("on").After(one.Id), root), Soon.Token)));
    }

    [Fact]
    public async Task Response_OfTheConnection_IsCompared_AndAnothersIsNotFound()
    {
        var talk = new Talk(Families.ChatMl).Says("one");
        using var house = new CoreHouse(backends: _ => [talk.Backend]);
        await using var session = house.Sessions.Open(TenantId.Local);
        var side = await CoreHouse.SendAsync(session, Ask.Text(Words).On("side"), Soon.Token);
        Assert.Equal("cache_hit", Verdict(await CoreHouse.SendAsync(session, Comparing(Ask.Text(Words), side), Soon.Token)));
        await using var foreign = house.Sessions.Open(new TenantId("other"));
        Assert.Equal(
            "comparison_response_not_found", Verdict(await CoreHouse.SendAsync(foreign, Comparing(Ask.Text(Words), side), Soon.Token)));
        Assert.Equal("comparison_response_not_found", Verdict(await house.RunAsync(
            Ask.Text(Words) with { CacheComparison = new ResponseId("resp_none") }, Soon.Token)));
    }

    [Fact]
    public async Task BackendThatDoesNotKnow_SaysThatItIsUnavailable()
    {
        using var house = new CoreHouse();
        var first = await house.RunAsync(Ask.Stored("one"), Soon.Token);
        Assert.Equal("unavailable", Verdict(await house.RunAsync(Comparing(Ask.Text("one"), first), Soon.Token)));
        Assert.Equal("unavailable", Verdict(await house.RunAsync(Comparing(Ask.Stored("two").After(first.Id), first), Soon.Token)));
        Assert.False(first.Last.TryGetProperty("prompt_cache_diagnostics", out _));
    }

    private static CreateRequest Comparing(CreateRequest request, SeenEvents with) =>
        request with { CacheComparison = new ResponseId(with.Id) };

    private static string Verdict(SeenEvents seen) => seen.Last.GetProperty("prompt_cache_diagnostics").GetProperty("type").GetString()!;
}
