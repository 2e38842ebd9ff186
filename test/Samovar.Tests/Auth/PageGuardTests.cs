using System.Net;
using System.Net.WebSockets;
using Samovar.Protocol.Ids;
using Samovar.Server.Auth;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Auth;

public sealed class PageGuardTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, null, HttpStatusCode.OK)]
    [InlineData("localhost:1", null, HttpStatusCode.OK)]
    [InlineData("[::1]:1", null, HttpStatusCode.OK)]
    [InlineData("rebound.example", null, HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1.rebound.example", null, HttpStatusCode.Forbidden)]
    [InlineData(null, "http://localhost:3000", HttpStatusCode.OK)]
    [InlineData(null, "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData(null, "null", HttpStatusCode.Forbidden)]
    [InlineData(null, "https://good.example", HttpStatusCode.OK)]
    public async Task Pages_OfOtherOrigins_AreRefused_WhereNoKeyIsNeeded(string? host, string? origin, HttpStatusCode status)
    {
        var settings = new Dictionary<string, string?> { ["Auth:AllowedOrigins:0"] = "https://good.example" };
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()), settings);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/models", UriKind.Relative));
        if (host is not null) request.Headers.Host = host;
        if (origin is not null) request.Headers.Add("Origin", origin);
        using var reply = await server.Http.SendAsync(request, Cancelled);
        Assert.Equal(status, reply.StatusCode);
    }

    [Theory]
    [InlineData("Origin: http://localhost:3000\r\nOrigin: https://evil.example\r\n", 403)]
    [InlineData("Origin: https://evil.example\r\nOrigin: http://localhost:3000\r\n", 403)]
    [InlineData("Origin: http://localhost:3000, https://evil.example\r\n", 403)]
    [InlineData("Origin: http://localhost:3000 https://evil.example\r\n", 403)]
    [InlineData("Origin: http://localhost:3000\r\nOrigin: https://good.example\r\n", 200)]
    [InlineData("Sec-Fetch-Site: cross-site\r\n", 403)]
    [InlineData("Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\n", 403)]
    [InlineData("Sec-Fetch-Site: CROSS-SITE\r\n", 403)]
    [InlineData("Origin:\r\nSec-Fetch-Site: cross-site\r\n", 403)]
    [InlineData("Origin: https://good.example\r\nSec-Fetch-Site: cross-site\r\n", 200)]
    [InlineData("Sec-Fetch-Site: same-origin\r\n", 200)]
    [InlineData("Sec-Fetch-Site: none\r\n", 200)]
    [InlineData("Host: localhost\r\n", 400)]
    public async Task EveryHeader_Counts(string headers, int status)
    {
        var settings = new Dictionary<string, string?> { ["Auth:AllowedOrigins:0"] = "https://good.example" };
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()), settings);
        await using var client = await RawClient.ConnectAsync(server);
        await client.SendAsync($"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upgrade_OfAForeignPage_IsRefused()
    {
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        var refused = await Assert.ThrowsAsync<WebSocketException>(() =>
            server.ConnectAsync(options => options.SetRequestHeader("Origin", "https://evil.example")));
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Everybody of the network is let in, and no page of anybody else's.</summary>
    [Theory]
    [InlineData("192.0.2.7:8787", "", 200)]
    [InlineData("192.0.2.7:8787", "Origin: http://192.0.2.7:8787\r\n", 200)]
    [InlineData("[2001:db8::7]:8787", "Origin: http://[2001:db8::7]:8787\r\n", 200)]
    [InlineData("127.0.0.1:8787", "Origin: http://127.0.0.1:8787\r\n", 200)]
    [InlineData("teapot:8787", "Origin: http://teapot:8787\r\n", 200)]
    [InlineData("teapot.local", "Origin: http://teapot.local\r\n", 200)]
    [InlineData("host.docker.internal:8787", "", 200)]
    [InlineData("samovar.ai-team.svc:8787", "", 200)]
    [InlineData("samovar.ai-team.svc.cluster.local.:8787", "", 200)]
    [InlineData("teapot.lan:8787", "Origin: http://teapot.lan:8787\r\n", 200)]
    [InlineData("samovar.example.", "", 200)]
    [InlineData("samovar.ai-team:8787", "", 403)]
    [InlineData("samovar.example", "Origin: https://samovar.example\r\n", 200)]
    [InlineData("samovar.example:443", "Origin: https://samovar.example\r\n", 200)]
    [InlineData("192.0.2.7:8787", "Origin: https://good.example\r\n", 200)]
    [InlineData("192.0.2.7:8787", "Origin: https://tea.example\r\nSec-Fetch-Site: same-origin\r\n", 200)] // a proxy that rewrites the host
    [InlineData("192.0.2.7:8787", "Origin: http://192.0.2.7:3000\r\n", 403)]
    [InlineData("192.0.2.7:8787", "Origin: http://evil.example\r\n", 403)]
    [InlineData("192.0.2.7:8787", "Origin: null\r\n", 403)]
    [InlineData("127.0.0.1:8787", "Origin: http://evil.example\r\nContent-Type: text/plain\r\n", 403)]
    [InlineData("127.0.0.1:8787", "Sec-Fetch-Site: cross-site\r\n", 403)]
    [InlineData("rebound.example:8787", "", 403)]
    [InlineData("rebound.example:8787", "Origin: http://rebound.example:8787\r\n", 403)]
    [InlineData("teapot.rebound.example", "", 403)]
    [InlineData("192.0.2.7.rebound.example", "", 403)]
    [InlineData("teapot.", "", 403)]
    public async Task OpenToTheNetwork_IsOpenToNoOtherPage(string host, string headers, int status)
    {
        await using var server = await StartOpenAsync("0.0.0.0");
        foreach (var (method, path) in new[] { ("GET", "/v1/models"), ("POST", "/v1/none"), ("GET", "/page/session") })
        {
            await using var client = await RawClient.ConnectAsync(server);
            await client.SendAsync($"{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n{headers}\r\n");
            var answer = await client.ReadAnswerAsync();
            var isOthersPage = path == "/page/session" && headers.Contains("good.example", StringComparison.Ordinal);
            var expected = status == 200 && method == "POST" ? 404 : isOthersPage ? 403 : status; // the page is for itself alone
            Assert.StartsWith($"HTTP/1.1 {expected} ", answer, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    public async Task Upgrade_OfAForeignPage_IsRefused_WhereTheNetworkIsLetIn(string origin)
    {
        await using var server = await StartOpenAsync("0.0.0.0");
        await using var client = await RawClient.ConnectAsync(server);
        Assert.StartsWith("HTTP/1.1 403 ", await client.UpgradeAsync($"Origin: {origin}\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNoBrowser_MayNameNoHost_WhereTheNetworkIsLetIn()
    {
        await using var server = await StartOpenAsync("0.0.0.0");
        await using var client = await RawClient.ConnectAsync(server);
        await client.SendAsync("GET /health HTTP/1.0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.0.2.7:8787", 403)]
    [InlineData("teapot:8787", 403)]
    [InlineData("samovar.example", 200)]
    public async Task OnLoopback_NothingIsOpen_WhateverIsAskedFor(string host, int status)
    {
        await using var server = await StartOpenAsync("127.0.0.1");
        await using var client = await RawClient.ConnectAsync(server);
        await client.SendAsync($"GET /v1/models HTTP/1.1\r\nHost: {host}\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadAnswerAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("samovar.example", true)]
    [InlineData("Samovar", true)]
    [InlineData("192.0.2.7", true)]
    [InlineData("http://samovar.example", false)]
    [InlineData("samovar.example:8787", false)]
    [InlineData("samovar.example/v1", false)]
    [InlineData("*", false)]
    [InlineData("*.example", false)]
    [InlineData("", false)]
    public void Host_IsWrittenAsRequestsNameIt(string host, bool isRight)
    {
        var result = new HostCheck().Validate(null, new AuthOptions { AllowedHosts = [host] });
        Assert.Equal(isRight, result.Succeeded);
        if (!isRight) Assert.StartsWith($"Auth:AllowedHosts: '{host}' ", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    private static Task<RunningServer> StartOpenAsync(string host) => RunningServer.StartAsync(
        new ScriptedBackend(new IdSource()),
        new Dictionary<string, string?>
        {
            ["Server:Host"] = host, ["Server:InsecureListen"] = "true", ["Auth:AllowedHosts:0"] = "samovar.example",
            ["Auth:AllowedOrigins:0"] = "https://good.example",
        });

    [Fact]
    public async Task Origin_DoesNotMatter_WhereKeysAreNeeded()
    {
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, """{"tenants":{"alice":["sk-a"]}}""", Cancelled);
        var settings = new Dictionary<string, string?> { ["Auth:KeyFile"] = path };
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()), settings);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/models", UriKind.Relative));
        request.Headers.Add("Origin", "https://app.example");
        request.Headers.Add("Authorization", "Bearer sk-a");
        using var reply = await server.Http.SendAsync(request, Cancelled);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        File.Delete(path);
    }
}
