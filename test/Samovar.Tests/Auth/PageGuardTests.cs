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
