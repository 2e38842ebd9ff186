using System.Net;
using System.Net.WebSockets;
using Samovar.Protocol.Ids;
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
