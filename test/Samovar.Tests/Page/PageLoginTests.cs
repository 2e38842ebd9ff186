using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Protocol.Errors;
using Samovar.Server.Page;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Page;

/// <summary>What a key opens in a browser, and for how long.</summary>
public sealed class PageLoginTests : IDisposable
{
    private readonly PageLab _lab = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cookie_OpensThePage_AndNothingElse()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: true));
        Assert.True((await SessionAsync(server, null)).GetProperty("needs_login").GetBoolean());
        using var login = await server.Http.PostAsJsonAsync("/page/login", new { key = "sk-a" }, Cancelled);
        var set = Assert.Single(login.Headers.GetValues("Set-Cookie"));
        Assert.Matches("^samovar_page=[\\w-]{43}; max-age=43200; path=/page; samesite=strict; httponly$", set);
        Assert.Equal("no-store", login.Headers.CacheControl!.ToString());
        Assert.DoesNotContain("sk-a", set + await login.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
        var cookie = set.Split(';')[0];
        var session = await SessionAsync(server, cookie);
        Assert.Equal((false, "alice", false), (session.GetProperty("needs_login").GetBoolean(), session.GetProperty("tenant").GetString(),
            session.GetProperty("operator").GetBoolean()));

        using var page = await PageStream.OpenAsync(server, cookie: cookie, cancelled: Cancelled);
        Assert.Equal("alice", (await page.UntilAsync(_ => true, Cancelled)).Server.Tenant);
        foreach (var (method, path) in new[] { ("POST", "/v1/responses"), ("GET", "/v1/samovar/status"), ("GET", "/metrics") })
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, method, path, cookie));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, "GET", "/page/events", null));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, "GET", "/page/events", "samovar_page=" + new string('A', 43)));
    }

    [Fact]
    public async Task Login_Ends_WithALogout_AndWhenItsKeyIsTakenAway()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: true));
        var cookies = new[] { await PageLab.LoginAsync(server, "sk-a", Cancelled), await PageLab.LoginAsync(server, "sk-a", Cancelled) };
        using var first = await PageStream.OpenAsync(server, cookie: cookies[0], cancelled: Cancelled);
        using var second = await PageStream.OpenAsync(server, cookie: cookies[1], cancelled: Cancelled);
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(server, "POST", "/page/logout", cookies[0]));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, "GET", "/page/events", cookies[0]));
        await PageLab.AskAsync(server, Cancelled, "sk-a"); // they hear of it
        while (await first.ReadAsync(Cancelled)) { }
        await second.UntilAsync(state => state.Totals.Turns == 1, Cancelled);

        await File.WriteAllTextAsync(_lab.KeyFile, PageLab.Keys.Replace("sk-a", "sk-a-new", StringComparison.Ordinal), Cancelled);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(server, "GET", "/page/events", cookies[1]));
        await PageLab.AskAsync(server, Cancelled, "sk-a-new");
        while (await second.ReadAsync(Cancelled)) { }
    }

    [Fact]
    public async Task WrongKeys_MakeTheirAddressWait()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(
            null, _lab.Settings(upstream, withKeys: true, ("Page:LoginFailuresMax", "2")));
        for (var failure = 0; failure < 2; failure++)
        {
            using var wrong = await server.Http.PostAsJsonAsync("/page/login", new { key = "sk-wrong" }, Cancelled);
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
            Assert.False(wrong.Headers.Contains("Set-Cookie"));
        }
        using var right = await server.Http.PostAsJsonAsync("/page/login", new { key = "sk-a" }, Cancelled);
        Assert.Equal(HttpStatusCode.TooManyRequests, right.StatusCode);
        Assert.NotNull(right.Headers.RetryAfter);
    }

    [Fact]
    public void Pace_Doubles_PerAddress_AndForgets()
    {
        var time = new ManualTime();
        var options = new PageOptions { LoginFailuresMax = 2, LoginAddressesMax = 2, LoginWaitMax = TimeSpan.FromSeconds(30) };
        var pace = new LoginPace(options, time);
        var (one, two) = (IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2"));
        Fails(one, 2);
        Assert.Equal(TimeSpan.FromSeconds(1), Assert.Throws<ApiException>(() => pace.Enter(one)).RetryAfter);
        pace.Enter(two); // nobody else waits
        time.Advance(TimeSpan.FromSeconds(1));
        Fails(one, 1);
        Assert.Equal(TimeSpan.FromSeconds(2), Assert.Throws<ApiException>(() => pace.Enter(one)).RetryAfter);
        time.Advance(TimeSpan.FromSeconds(2));
        pace.Enter(one);
        pace.Forgive(one);
        Fails(one, 2);
        // the room is full: further addresses share what is left, and nobody is let through for it
        Fails(IPAddress.Parse("2001:db8::1"), 1);
        Fails(IPAddress.Parse("2001:db9::1"), 1);
        Assert.Throws<ApiException>(() => pace.Enter(IPAddress.Parse("2001:dba::1")));
        time.Advance(TimeSpan.FromSeconds(31));
        Fails(IPAddress.Parse("2001:db8::1"), 1);
        Fails(IPAddress.Parse("2001:db8::2"), 1); // one network
        Assert.Throws<ApiException>(() => pace.Enter(IPAddress.Parse("2001:db8::3")));

        void Fails(IPAddress address, int times)
        {
            for (var count = 0; count < times; count++) pace.Enter(address);
        }
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    public async Task OtherSites_CannotLogIn_NorRead(string header, string value)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: true));
        foreach (var (method, path) in new[]
            { ("POST", "/page/login"), ("POST", "/page/logout"), ("GET", "/page/events"), ("GET", "/page/session") })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Add(header, value);
            if (method == "POST") request.Content = JsonContent.Create(new { key = "sk-a" });
            using var answer = await server.Http.SendAsync(request, Cancelled);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.False(answer.Headers.Contains("Set-Cookie"));
        }
    }

    [Theory]
    [InlineData("text/plain", """{"key":"sk-a"}""", 415, null)]
    [InlineData("application/json", """{"key":""", 400, null)]
    [InlineData("application/json", "{}", 400, "key")]
    [InlineData("application/json", """{"key":7}""", 400, "key")]
    [InlineData("application/json", """{"key":"\ud800"}""", 401, null)] // half a pair is mended, and nobody's key
    public async Task Login_Refuses_WhatIsNoKey(string type, string body, int status, string? param)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: true));
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var answer = await server.Http.PostAsync("/page/login", content, Cancelled);
        Assert.Equal(status, (int)answer.StatusCode);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled)).GetProperty("error");
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.DoesNotContain("sk-a", error.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TooLargeALogin_IsRefused()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: true));
        using var answer = await server.Http.PostAsJsonAsync("/page/login", new { key = new string('k', 9000) }, Cancelled);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task WithoutKeys_NobodyLogsIn_AndNoCookieIsSet()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: false));
        Assert.False((await SessionAsync(server, null)).GetProperty("needs_login").GetBoolean());
        using var login = await server.Http.PostAsJsonAsync("/page/login", new { key = "any" }, Cancelled);
        Assert.Equal(HttpStatusCode.OK, login.StatusCode);
        Assert.False(login.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Logins_AreBounded_TheOldestOfATenantEnds()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(
            upstream, withKeys: true, ("Page:LoginsPerTenantMax", "1"), ("Page:LoginsMax", "1")));
        var first = await PageLab.LoginAsync(server, "sk-a", Cancelled);
        var second = await PageLab.LoginAsync(server, "sk-a", Cancelled);
        Assert.True((await SessionAsync(server, first)).GetProperty("needs_login").GetBoolean());
        Assert.False((await SessionAsync(server, second)).GetProperty("needs_login").GetBoolean());
        using var full = await server.Http.PostAsJsonAsync("/page/login", new { key = "sk-b" }, Cancelled);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, full.StatusCode);
        Assert.False((await SessionAsync(server, second)).GetProperty("needs_login").GetBoolean());
    }

    [Fact]
    public async Task Login_Ends_WithItsAge_AndIsSecureBehindHttps()
    {
        var time = new ManualTime();
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: true),
            services => services.AddSingleton<TimeProvider>(time));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/page/login") { Content = JsonContent.Create(new { key = "sk-op" }) };
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("Origin", "https://127.0.0.1:" + server.Address.Port);
        using var answer = await server.Http.SendAsync(request, Cancelled);
        var set = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("; secure", set, StringComparison.Ordinal);
        var cookie = set.Split(';')[0];
        Assert.False((await SessionAsync(server, cookie)).GetProperty("needs_login").GetBoolean());
        time.Advance(new PageOptions().LoginAgeMax);
        Assert.True((await SessionAsync(server, cookie)).GetProperty("needs_login").GetBoolean());
    }

    /// <summary>A proxy that speaks HTTPS and names the server by its own address for it.</summary>
    [Theory]
    [InlineData("same-origin", 200)]
    [InlineData("cross-site", 403)]
    [InlineData("same-site", 403)]
    [InlineData(null, 403)]
    public async Task BehindAProxyThatPassesNoHostOn_TheBrowsersWordCounts(string? site, int status)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, _lab.Settings(upstream, withKeys: true));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/page/login") { Content = JsonContent.Create(new { key = "sk-a" }) };
        request.Headers.Add("Origin", "https://samovar.example");
        if (site is not null) request.Headers.Add("Sec-Fetch-Site", site);
        using var answer = await server.Http.SendAsync(request, Cancelled);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status == 200, answer.Headers.Contains("Set-Cookie"));
        if (site is null) Assert.Contains("Host header", await answer.Content.ReadAsStringAsync(Cancelled), StringComparison.Ordinal);
    }

    public void Dispose() => _lab.Dispose();

    private static async Task<JsonElement> SessionAsync(RunningServer server, string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/page/session");
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        using var answer = await server.Http.SendAsync(request, Cancelled);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancelled);
    }

    private static async Task<HttpStatusCode> StatusAsync(RunningServer server, string method, string path, string? cookie)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (cookie is not null) request.Headers.Add("Cookie", cookie);
        if (method == "POST") request.Content = JsonContent.Create(new { model = "m", input = "one" });
        using var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancelled);
        return answer.StatusCode;
    }
}
