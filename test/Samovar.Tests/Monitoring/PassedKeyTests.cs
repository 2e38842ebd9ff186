using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Samovar.Accounting;
using Samovar.Protocol.Ids;
using Samovar.Server.Monitoring;
using Samovar.Server.Monitoring.Status;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;
using Samovar.Tests.Page;

namespace Samovar.Tests.Monitoring;

/// <summary>Where keys go on that nobody here checks, each shows what is its own.</summary>
public sealed class PassedKeyTests : IDisposable
{
    private readonly PageLab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    public async Task Key_ShowsItsOwn_AndIsNoOperators(string host)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: false,
            ("Server:Host", host), ("Server:InsecureListen", "true"), ("Auth:PassKeysOn", "true"),
            ("Upstream:Pools:0:Destinations:0:PassesKeys", "true")));
        var (one, other) = (await PageLab.AskAsync(server, Soon.Token, "sk-one"), await PageLab.AskAsync(server, Soon.Token, "sk-other"));
        await Soon.UntilAsync(() => EndedOf(server) == 2);
        var own = await StatusAsync(server, "sk-one");
        Assert.Equal(one, Assert.Single(own.GetProperty("requests").EnumerateArray()).GetProperty("response").GetString());
        Assert.False(own.TryGetProperty("pools", out _));
        Assert.Equal(1, own.GetProperty("turns").GetProperty("ended").GetInt32());
        foreach (var path in new[] { "/v1/samovar/trace/", "/v1/samovar/why/", "/page/trace/" })
        {
            Assert.Equal(HttpStatusCode.OK, await AskAsync(server, path + one, "sk-one"));
            Assert.Equal(HttpStatusCode.NotFound, await AskAsync(server, path + other, "sk-one"));
        }
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(server, "/metrics", "sk-one"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(server, "/page/session", "no key"));
        using (var page = await PageStream.OpenAsync(server, key: "sk-one", cancelled: Soon.Token))
            Assert.StartsWith("key-", (await page.UntilAsync(_ => true, Soon.Token)).Server.Tenant, StringComparison.Ordinal);

        var isOnLoopback = host == "127.0.0.1"; // who sends no key sees what all do from the machine alone
        Assert.Equal(isOnLoopback ? 2 : 0, (await StatusAsync(server, null)).GetProperty("turns").GetProperty("ended").GetInt32());
        Assert.Equal(isOnLoopback ? HttpStatusCode.OK : HttpStatusCode.Forbidden, await AskAsync(server, "/metrics", null));
    }

    [Fact]
    public async Task OperatorsKey_ShowsAll_WhereverTheServerListens_AndStaysHere()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: false,
            ("Server:Host", "0.0.0.0"), ("Server:InsecureListen", "true"), ("Auth:PassKeysOn", "true"),
            ("Auth:OperatorKeyHash", Convert.ToHexString(SHA256.HashData("the-cooks"u8))),
            ("Upstream:Pools:0:Destinations:0:PassesKeys", "true")));
        await PageLab.AskAsync(server, Soon.Token, "sk-one");
        await Soon.UntilAsync(() => EndedOf(server) == 1);
        Assert.Equal(1, (await StatusAsync(server, "the-cooks")).GetProperty("turns").GetProperty("ended").GetInt32());
        Assert.Equal(HttpStatusCode.OK, await AskAsync(server, "/metrics", "the-cooks"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(server, "/metrics", "sk-one"));
    }

    [Fact]
    public void TenantsBeyondTheBound_AreForgotten_AndTheSumStays()
    {
        var tally = new RequestTally(new MonitoringOptions { TenantsMax = 3 }, new ManualTime());
        for (var number = 0; number < 10_000; number++)
        {
            tally.Write(new RequestRecord { Tenant = new TenantId($"key-{number}"), Outcome = "completed", BytesFromClient = 2 });
            tally.Write(new RequestRecord { Tenant = new TenantId("alice"), Outcome = "failed" });
        }
        Assert.Equal(3, tally.Tenants);
        Assert.Equal(10_000, tally.Totals(new TenantId("alice")).Ended);
        Assert.Equal(1, tally.Totals(new TenantId("key-9999")).Ended);
        Assert.Equal(0, tally.Totals(new TenantId("key-0")).Ended);
        var all = tally.Totals(null);
        Assert.Equal((20_000L, 10_000L, 20_000L), (all.Ended, all.Failed, all.BytesIn));
    }

    private static long EndedOf(RunningServer server) =>
        ((RequestTally)server.Services.GetService(typeof(RequestTally))!).Totals(null).Ended;

    private static async Task<JsonElement> StatusAsync(RunningServer server, string? key)
    {
        using var answer = await GetAsync(server, "/v1/samovar/status", key);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Soon.Token);
    }

    private static async Task<HttpStatusCode> AskAsync(RunningServer server, string path, string? key)
    {
        using var answer = await GetAsync(server, path, key);
        return answer.StatusCode;
    }

    private static async Task<HttpResponseMessage> GetAsync(RunningServer server, string path, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await server.Http.SendAsync(request, Soon.Token);
    }
}
