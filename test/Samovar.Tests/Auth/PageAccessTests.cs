using System.Net;
using Samovar.Protocol.Ids;
using Samovar.Server.Auth;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Auth;

/// <summary>What the CORS headers say about who may use the server.</summary>
public sealed class PageAccessTests
{
    private const string Wanted = "authorization,content-type,x-stainless-os,x-api-key,anthropic-version";
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://localhost:3000", "POST", "/v1/responses")]
    [InlineData("http://127.0.0.1", "POST", "/v1/chat/completions")]
    [InlineData("https://good.example", "POST", "/v1/messages")]
    [InlineData("https://good.example", "GET", "/v1/models")]
    [InlineData("https://good.example", "DELETE", "/v1/responses/resp_1")]
    public async Task AllowedPages_MayAsk_AndReadTheAnswer(string origin, string method, string path)
    {
        await using var server = await StartAsync();
        using var asked = await AskAsync(server, origin, method, path);
        Assert.True(asked.IsSuccessStatusCode);
        Assert.Equal(origin, Header(asked, "Access-Control-Allow-Origin"));
        Assert.Contains(method, Header(asked, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Equal(Wanted, Header(asked, "Access-Control-Allow-Headers"));
        Assert.Equal("600", Header(asked, "Access-Control-Max-Age"));

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v1/models/none", UriKind.Relative));
        request.Headers.Add("Origin", origin);
        using var answer = await server.Http.SendAsync(request, Cancelled);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode); // errors can be read, too
        Assert.Equal(origin, Header(answer, "Access-Control-Allow-Origin"));
        Assert.Contains("retry-after", Header(answer, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
        Assert.Equal("Origin", Header(answer, "Vary"));
    }

    [Theory]
    [InlineData("POST", "/v1/responses", "sk-wrong", 401)]
    [InlineData("POST", "/v1/chat/completions", "sk-wrong", 401)]
    [InlineData("POST", "/v1/messages", "sk-wrong", 401)]
    [InlineData("PUT", "/v1/messages", "sk-a", 405)]
    [InlineData("DELETE", "/v1/chat/completions", "sk-a", 405)]
    [InlineData("GET", "/v1/none", "sk-a", 404)]
    [InlineData("POST", "/v1/responses", "sk-a", 400)]
    [InlineData("GET", "/v1/responses", "sk-a", 426)]
    [InlineData("HEAD", "/", "", 200)]
    public async Task EveryAnswer_CanBeRead_ByAnAllowedPage_AndByNoOther(string method, string path, string key, int status)
    {
        await using var server = await StartAsync(needsKeys: true);
        foreach (var origin in new[] { "https://good.example", "https://evil.example", null })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
            if (origin is not null) request.Headers.Add("Origin", origin);
            if (key.Length > 0) request.Headers.Add("Authorization", $"Bearer {key}");
            if (method is "POST" or "PUT") request.Content = new StringContent("{");
            using var answer = await server.Http.SendAsync(request, Cancelled);
            Assert.Equal(status, (int)answer.StatusCode);
            AssertReadable(answer, origin == "https://good.example" ? origin : null);
        }
    }

    [Theory]
    [InlineData("/v1/responses", "\"input\":\"x\"")]
    [InlineData("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]")]
    [InlineData("/v1/messages", "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"max_tokens\":9")]
    public async Task Streams_CanBeRead_ByAnAllowedPage(string path, string fields)
    {
        await using var server = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent($$"""{"model":"m","stream":true,{{fields}}}"""),
        };
        request.Headers.Add("Origin", "https://good.example");
        using var answer = await server.Http.SendAsync(request, Cancelled);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        AssertReadable(answer, "https://good.example");
    }

    [Theory]
    [InlineData("https://good.example/", false)]
    [InlineData("https://good.example:443", false)]
    [InlineData("https://good.example/page", false)]
    [InlineData("good.example", false)]
    [InlineData("*", false)]
    [InlineData("", false)]
    [InlineData("https://me@good.example", false)]
    [InlineData("https://good.example:8443", true)]
    [InlineData("HTTPS://Good.Example", true)]
    [InlineData("http://[::1]:3000", true)]
    [InlineData("app://obsidian.md", true)]
    [InlineData("vscode-webview://abc", true)]
    [InlineData("null", true)]
    public void Origin_IsWrittenAsBrowsersSendIt(string origin, bool isRight)
    {
        var result = new OriginCheck().Validate(null, new AuthOptions { AllowedOrigins = [origin] });
        Assert.Equal(isRight, result.Succeeded);
        if (!isRight) Assert.StartsWith($"Auth:AllowedOrigins: '{origin}' ", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    private static void AssertReadable(HttpResponseMessage answer, string? origin)
    {
        Assert.Equal(origin, Header(answer, "Access-Control-Allow-Origin"));
        Assert.Contains("Origin", Header(answer, "Vary")!.Split(','));
        var exposed = Header(answer, "Access-Control-Expose-Headers") ?? "";
        foreach (var name in new[] { "x-request-id", "retry-after", "x-ratelimit-remaining-tokens", "anthropic-ratelimit-requests-reset" })
            Assert.Equal(origin is not null, exposed.Contains(name, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    [InlineData("https://evil.example", true)]
    public async Task OtherPages_GetNoHeaders(string origin, bool needsKeys)
    {
        await using var server = await StartAsync(needsKeys);
        using var asked = await AskAsync(server, origin, "POST", "/v1/responses");
        Assert.Null(Header(asked, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task TheQuestion_NeedsNoKey()
    {
        await using var server = await StartAsync(needsKeys: true);
        using var asked = await AskAsync(server, "https://good.example", "POST", "/v1/responses");
        Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
        Assert.Equal("https://good.example", Header(asked, "Access-Control-Allow-Origin"));
    }

    private static async Task<RunningServer> StartAsync(bool needsKeys = false)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Auth:AllowedOrigins:0"] = "https://good.example" };
        if (needsKeys)
        {
            settings["Auth:KeyFile"] = Path.GetTempFileName();
            await File.WriteAllTextAsync(settings["Auth:KeyFile"]!, """{"tenants":{"alice":["sk-a"]}}""", Cancelled);
        }
        return await RunningServer.StartAsync(new ScriptedBackend(new IdSource()), settings);
    }

    private static async Task<HttpResponseMessage> AskAsync(RunningServer server, string origin, string method, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, new Uri(path, UriKind.Relative));
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.Add("Access-Control-Request-Headers", Wanted);
        return await server.Http.SendAsync(request, Cancelled);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
