using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Protocol.Ids;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Tests.Running;

namespace Samovar.Tests.Http;

/// <summary>Quotas of the key file, as clients meet them.</summary>
public sealed class QuotaServerTests : IAsyncDisposable
{
    private const string Responses = "/v1/responses", Chat = "/v1/chat/completions", Messages = "/v1/messages";
    private readonly string _keys = Path.GetTempFileName();
    private readonly ManualTime _time = new();
    private readonly ScriptedBackend _backend = new(new IdSource());
    private RunningServer? _server;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        File.Delete(_keys);
    }

    [Theory]
    [InlineData(Responses, "rate_limit_error")]
    [InlineData(Chat, "rate_limit_error")]
    [InlineData(Messages, "rate_limit_error")]
    public async Task Refusal_IsA429_WhoseRetryAfterIsTrue_AndOthersAreNotHurt(string path, string type)
    {
        await StartAsync("""{"alice":{"requests_per_minute":2}}""");
        for (var i = 0; i < 2; i++) await HasStatusAsync(HttpStatusCode.OK, path);
        using (var refused = await AskAsync(path, "sk-a"))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("30", Header(refused, "retry-after"));
            var error = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Soon.Token)).RootElement.GetProperty("error");
            Assert.Equal(type, error.GetProperty("type").GetString());
            Assert.Equal("The quota of 2 requests per minute is used up; try again in 30 s.", error.GetProperty("message").GetString());
        }
        await HasStatusAsync(HttpStatusCode.OK, path, "sk-b");
        _time.Advance(TimeSpan.FromSeconds(30));
        await HasStatusAsync(HttpStatusCode.OK, path);
        await HasStatusAsync(HttpStatusCode.TooManyRequests, path);
    }

    [Fact]
    public async Task UsedTokens_CloseTheDoor_UntilTheyHaveComeBack()
    {
        await StartAsync("""{"*":{"tokens_per_minute":1}}""");
        await HasStatusAsync(HttpStatusCode.OK, Responses);
        using var refused = await AskAsync(Responses, "sk-a");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        var wait = int.Parse(Header(refused, "retry-after")!, CultureInfo.InvariantCulture);
        _time.Advance(TimeSpan.FromSeconds(wait - 1));
        await HasStatusAsync(HttpStatusCode.TooManyRequests, Responses);
        _time.Advance(TimeSpan.FromSeconds(1));
        await HasStatusAsync(HttpStatusCode.OK, Responses);
    }

    [Fact]
    public async Task TurnsOneAfterTheOther_NeedOnePlace()
    {
        await StartAsync("""{"*":{"turns_at_once":1}}""");
        for (var i = 0; i < 30; i++) await HasStatusAsync(HttpStatusCode.OK, i % 2 == 0 ? Responses : Chat);
        var gate = new PhaseGate();
        _backend.OnPhase = (_, phase, cancelled) => phase == ScriptPhase.Finishing ? gate.PassAsync(cancelled) : default;
        var running = AskAsync(Responses, "sk-a");
        await Soon.In(gate.Reached);
        await HasStatusAsync(HttpStatusCode.TooManyRequests, Responses);
        gate.Open();
        using var answer = await running;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await HasStatusAsync(HttpStatusCode.OK, Responses);
    }

    [Fact]
    public async Task ChangedFile_CountsAtTheNextLook()
    {
        await StartAsync("""{"alice":{"requests_per_minute":1}}""");
        await HasStatusAsync(HttpStatusCode.OK, Responses);
        await HasStatusAsync(HttpStatusCode.TooManyRequests, Responses);
        await WriteAsync("""{"alice":{"requests_per_minute":600}}""");
        _time.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 20; i++) await HasStatusAsync(HttpStatusCode.OK, Responses);
        await WriteAsync("""{"alice":{"requests_per_minute":"many"}}"""); // broken: the former stays
        _time.Advance(TimeSpan.FromSeconds(2));
        await HasStatusAsync(HttpStatusCode.OK, Responses);
        await WriteAsync("""{"bob":{"requests_per_minute":1}}""");
        _time.Advance(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 3; i++) await HasStatusAsync(HttpStatusCode.OK, Responses);
        await HasStatusAsync(HttpStatusCode.OK, Responses, "sk-b");
        await HasStatusAsync(HttpStatusCode.TooManyRequests, Responses, "sk-b");
    }

    [Fact]
    public async Task WhatIsLeft_StandsInHeaders_OnRefusalsToo()
    {
        await StartAsync("""{"alice":{"requests_per_minute":2,"tokens_per_minute":1000000}}""");
        using var first = await AskAsync(Responses, "sk-a");
        Assert.Equal(("2", "1", "30s"), (Header(first, "x-ratelimit-limit-requests"), Header(first, "x-ratelimit-remaining-requests"),
            Header(first, "x-ratelimit-reset-requests")));
        Assert.Equal("1000000", Header(first, "x-ratelimit-limit-tokens"));
        using var second = await AskAsync(Messages, "sk-a");
        Assert.Equal(("2", "0"),
            (Header(second, "anthropic-ratelimit-requests-limit"), Header(second, "anthropic-ratelimit-requests-remaining")));
        using var refused = await AskAsync(Chat, "sk-a");
        Assert.Equal((HttpStatusCode.TooManyRequests, "0", "1m0s"),
            (refused.StatusCode, Header(refused, "x-ratelimit-remaining-requests"), Header(refused, "x-ratelimit-reset-requests")));
        using var bob = await AskAsync(Chat, "sk-b");
        Assert.Null(Header(bob, "x-ratelimit-limit-requests"));
    }

    [Fact]
    public async Task RefusalOnASocket_LeavesItUsable_AndIsCalledWhatClientsTryAgain()
    {
        await StartAsync("""{"alice":{"requests_per_minute":1}}""");
        await using var socket = await _server!.ConnectAsync(options => options.SetRequestHeader("Authorization", "Bearer sk-a"));
        const string create = """{"type":"response.create","model":"scripted","input":"one","store":false}""";
        Assert.Equal("response.completed", (await socket.AskAsync(create))[^1].GetProperty("type").GetString());
        var refused = Assert.Single(await socket.AskAsync(create));
        Assert.Equal(("error", 503, "rate_limit_exceeded"), (refused.GetProperty("type").GetString(),
            refused.GetProperty("status").GetInt32(), refused.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal("60", refused.GetProperty("headers").GetProperty("retry-after").GetString());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("response.completed", (await socket.AskAsync(create))[^1].GetProperty("type").GetString());
    }

    [Fact]
    public async Task BackgroundTurn_WaitsForItsQuota()
    {
        await WriteAsync("""{"alice":{"requests_per_minute":1}}""");
        await using var house = await new BackgroundServer().StartAsync(("Auth:KeyFile", _keys));
        house.Server.Http.DefaultRequestHeaders.Add("Authorization", "Bearer sk-a");
        Assert.Equal("completed", BackgroundServer.StatusOf(await house.EndedAsync(await house.BeginAsync())));
        var id = await house.BeginAsync();
        for (var waited = 0; waited < 59; waited++)
        {
            house.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal("queued", await StateAsync());
        }
        using var late = new CancellationTokenSource(Soon.Patience);
        while (await StateAsync() != "completed") // now and then it asks again
        {
            late.Token.ThrowIfCancellationRequested();
            house.Time.Advance(TimeSpan.FromSeconds(1));
        }

        async Task<string?> StateAsync() => BackgroundServer.StatusOf((await house.GetAsync(id)).Body);
    }

    /// <summary>One tenant asks without pause and without waiting; another one's turns go on as if it were alone.</summary>
    [Fact]
    public async Task Flood_IsItsTenantsOwn()
    {
        await StartAsync("""{"alice":{"requests_per_minute":5,"turns_at_once":2}}""", isReal: true, ("Turns:RefusalHoldMax", "00:00:00"));
        using var over = new CancellationTokenSource();
        var flood = Enumerable.Range(0, 16).Select(async _ =>
        {
            var (answered, refused) = (0, 0);
            while (!over.IsCancellationRequested)
            {
                using var answer = await AskAsync(Responses, "sk-a");
                if (answer.StatusCode == HttpStatusCode.OK) answered++;
                else if (answer.StatusCode == HttpStatusCode.TooManyRequests) refused++;
                else Assert.Fail($"{answer.StatusCode}");
            }
            return (answered, refused);
        }).ToList();
        for (var i = 0; i < 50; i++) await HasStatusAsync(HttpStatusCode.OK, Responses, "sk-b");
        over.Cancel();
        var counts = await Task.WhenAll(flood);
        Assert.InRange(counts.Sum(static count => count.answered), 1, 12); // five, and what came back
        Assert.True(counts.Sum(static count => count.refused) > 50);
        Assert.Matches("samovar_quota_refused_total\\{.*samovar_quota=\"requests_per_minute\".*\\} \\d+", await MetricsAsync());
    }

    private async Task<string> MetricsAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Add("Authorization", "Bearer sk-b");
        using var answer = await _server!.Http.SendAsync(request, Soon.Token);
        return await answer.Content.ReadAsStringAsync(Soon.Token);
    }

    private async Task StartAsync(string quotas, bool isReal = false, params (string Name, string Value)[] settings)
    {
        await WriteAsync(quotas);
        var all = settings.ToDictionary(static one => one.Name, static one => (string?)one.Value);
        all["Auth:KeyFile"] = _keys;
        _server = await RunningServer.StartAsync(_backend, all, services =>
        {
            if (!isReal) services.AddSingleton<TimeProvider>(_time);
        });
    }

    private Task WriteAsync(string quotas) => File.WriteAllTextAsync(
        _keys, $$"""{"tenants":{"alice":["sk-a"],"bob":["sk-b"]},"operators":["bob"],"quotas":{{quotas}}}""", Soon.Token);

    private async Task HasStatusAsync(HttpStatusCode status, string path, string key = "sk-a")
    {
        using var answer = await AskAsync(path, key);
        Assert.Equal((status, key), (answer.StatusCode, key));
    }

    private async Task<HttpResponseMessage> AskAsync(string path, string key)
    {
        var input = path == Responses ? "\"input\":\"one\"" : "\"max_tokens\":99,\"messages\":[{\"role\":\"user\",\"content\":\"one\"}]";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent($$"""{"model":"scripted",{{input}}}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Authorization", $"Bearer {key}");
        return await _server!.Http.SendAsync(request, Soon.Token);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
