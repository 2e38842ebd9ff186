using Samovar.Tests.Page;
using Samovar.Testing;

namespace Samovar.Tests.Prefixes;

/// <summary>Prefixes that are kept warm, on the page.</summary>
public sealed class PrefixPageTests
{
    [Fact]
    public async Task Page_ShowsNameUsersHitsAndTier_ToItsTenantAndOperatorsAlone()
    {
        await using var lab = await PrefixLab.StartAsync(("Page:Interval", "00:00:00.05"), ("Page:MapInterval", "00:00:00.05"));
        using var alices = await PageStream.OpenAsync(lab.Server, "sk-a", cancelled: Soon.Token);
        using var bobs = await PageStream.OpenAsync(lab.Server, "sk-b", cancelled: Soon.Token);
        using var all = await PageStream.OpenAsync(lab.Server, "sk-op", cancelled: Soon.Token);
        var warmed = await lab.WarmAsync(new { request = PrefixLab.Start(), name = "crew-of-alice" });
        var id = warmed.GetProperty("id").GetString()!;
        var unused = await alices.UntilAsync(state => state.Prefixes.ContainsKey(id), Soon.Token);
        Assert.Equal(("crew-of-alice", "warmed", 0L, 0), (unused.Prefixes[id].Name, unused.Prefixes[id].Warm, unused.Prefixes[id].Hits,
            unused.Prefixes[id].Users.Count));
        await lab.AskAsync(PrefixLab.Question("who?", store: true));
        await lab.AskAsync(PrefixLab.Question("and who else?", store: true));
        await lab.AskAsync(PrefixLab.Question("somebody else's?", store: true), "sk-b");
        foreach (var page in new[] { alices, all })
        {
            var used = await page.UntilAsync(
                state => state.Prefixes.GetValueOrDefault(id) is { Hits: 2, Users.Count: 2, Kv: "stream" or "memory" }, Soon.Token);
            Assert.Equal(warmed.GetProperty("tokens").GetInt32(), used.Prefixes[id].Tokens);
            Assert.All(used.Prefixes[id].Users, lane => Assert.Contains(lane, used.Lanes.Keys));
        }
        await bobs.UntilAsync(state => state.Lanes.Values.Any(lane => lane.Kv is "stream" or "memory"), Soon.Token);
        Assert.DoesNotContain(id, bobs.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("crew-of-alice", bobs.Text, StringComparison.Ordinal);
        await lab.SendAsync(HttpMethod.Delete, $"{PrefixLab.Path}/{id}", null, "sk-a");
        await alices.UntilAsync(state => !state.Prefixes.ContainsKey(id), Soon.Token);
    }
}
