using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Testing;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Http;

/// <summary>What answers say of the limits that count for their client.</summary>
public sealed class RateLimitHeadersTests : IDisposable
{
    private const string Responses = "/v1/responses", Chat = "/v1/chat/completions", Messages = "/v1/messages";
    private readonly string _keys = Path.GetTempFileName();
    private readonly ManualTime _time = new();

    public void Dispose() => File.Delete(_keys);

    [Theory]
    [InlineData(Responses, false)]
    [InlineData(Responses, true)]
    [InlineData(Chat, false)]
    [InlineData(Chat, true)]
    public async Task Limits_AreNamed_InOpenAisShape(string path, bool streams)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await StartAsync(upstream, requests: 10, tokens: 50_000);
        using var first = await AskAsync(server, path, streams);
        Assert.Equal(("10", "9", "1m0s"), OpenAi(first, "requests"));
        Assert.Null(Header(first, "anthropic-ratelimit-requests-limit"));
        _time.Advance(TimeSpan.FromSeconds(20));
        using var second = await AskAsync(server, path, streams);
        Assert.Equal(("10", "8", "1m0s"), OpenAi(second, "requests"));
        var (limit, remaining, _) = OpenAi(second, "tokens");
        Assert.Equal("50000", limit);
        Assert.InRange(int.Parse(remaining!, CultureInfo.InvariantCulture), 1, 49_999); // the first turn's are gone
        _time.Advance(TimeSpan.FromSeconds(61));
        using var third = await AskAsync(server, path, streams);
        Assert.Equal(("10", "9", "1m0s"), OpenAi(third, "requests"));
    }

    [Fact]
    public async Task Limits_AreNamed_InAnthropicsShape_OnMessages()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await StartAsync(upstream, requests: 10);
        using var answer = await AskAsync(server, Messages, streams: true);
        Assert.Equal("10", Header(answer, "anthropic-ratelimit-requests-limit"));
        Assert.Equal("9", Header(answer, "anthropic-ratelimit-requests-remaining"));
        Assert.Equal("2026-01-01T00:01:00Z", Header(answer, "anthropic-ratelimit-requests-reset"));
        Assert.Null(Header(answer, "anthropic-ratelimit-tokens-limit")); // not limited
        Assert.Null(Header(answer, "x-ratelimit-limit-requests"));
    }

    [Fact]
    public async Task Use_OfOtherTenants_IsNotShown()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await StartAsync(upstream, requests: 10, needsKeys: true);
        for (var i = 0; i < 3; i++) using (await AskAsync(server, Chat, streams: false, "sk-a")) { }
        using var bob = await AskAsync(server, Chat, streams: false, "sk-b");
        Assert.Equal(("10", "9", "1m0s"), OpenAi(bob, "requests"));
        using var alice = await AskAsync(server, Chat, streams: false, "sk-a");
        Assert.Equal(("10", "6", "1m0s"), OpenAi(alice, "requests"));
    }

    [Fact]
    public async Task Refusal_NamesThem_Too()
    {
        await using var upstream = await FakeUpstream.StartAsync("a", FakeFault.Invalid);
        await using var server = await StartAsync(upstream, requests: 10);
        using var answer = await AskAsync(server, Chat, streams: true);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(("10", "9", "1m0s"), OpenAi(answer, "requests"));
    }

    [Theory]
    [InlineData(false, 1, "100", "42", "6m0s")]
    [InlineData(true, 1, null, null, null)]
    [InlineData(false, 2, null, null, null)]
    public async Task WhatAnUpstreamStates_IsShown_WhereItsAccountIsTheClientsAlone(
        bool needsKeys, int destinations, string? limit, string? remaining, string? reset)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Headers =
        [
            ("x-ratelimit-limit-requests", "100"), ("x-ratelimit-remaining-requests", "42"), ("x-ratelimit-reset-requests", "6m0s"),
            ("x-ratelimit-limit-tokens", "-1"), ("x-ratelimit-remaining-tokens", "-1"),
        ];
        await using var server = await StartAsync(upstream, needsKeys: needsKeys, destinations: destinations);
        using var answer = await AskAsync(server, Chat, streams: true, needsKeys ? "sk-a" : null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal((limit, remaining, reset), OpenAi(answer, "requests"));
        Assert.Equal((null, null, null), OpenAi(answer, "tokens"));
    }

    [Fact]
    public async Task WhatAnUpstreamStatesToOneKey_IsShownToThatOneAlone()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var settings = upstream.Settings("chat");
        (settings["Auth:PassKeysOn"], settings["Upstream:Pools:0:Destinations:0:PassesKeys"]) = ("true", "true");
        await using var server = await RunningServer.StartAsync(
            null, settings, services => services.AddSingleton<TimeProvider>(_time));
        upstream.Headers = [("x-ratelimit-limit-requests", "100"), ("x-ratelimit-remaining-requests", "42"),
            ("x-ratelimit-reset-requests", "6m0s")];
        using var alice = await AskAsync(server, Chat, streams: false, "sk-a");
        Assert.Equal(("100", "42", "6m0s"), OpenAi(alice, "requests"));
        upstream.Headers = [];
        using var bob = await AskAsync(server, Chat, streams: false, "sk-b");
        Assert.Equal((null, null, null), OpenAi(bob, "requests"));
    }

    [Fact]
    public async Task NothingIsShown_WhereNothingIsLimited()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await StartAsync(upstream);
        foreach (var path in new[] { Responses, Chat, Messages })
        {
            using var answer = await AskAsync(server, path, streams: false);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.DoesNotContain(answer.Headers, header => header.Key.Contains("ratelimit", StringComparison.OrdinalIgnoreCase));
        }
    }

    private async Task<RunningServer> StartAsync(
        FakeUpstream upstream, int requests = 0, int tokens = 0, bool needsKeys = false, int destinations = 1)
    {
        var settings = upstream.Settings("chat");
        for (var i = 1; i < destinations; i++)
            foreach (var (name, value) in upstream.Settings("chat").Where(one => one.Key.Contains(":0:Dest", StringComparison.Ordinal)))
                settings[name.Replace("Destinations:0", $"Destinations:{i}", StringComparison.Ordinal)] =
                    name.EndsWith(":Name", StringComparison.Ordinal) ? $"b{i}" : value;
        settings["Upstream:Pools:0:Destinations:0:RequestsPerMinute"] = $"{requests}";
        settings["Upstream:Pools:0:Destinations:0:TokensPerMinute"] = $"{tokens}";
        if (needsKeys)
        {
            await File.WriteAllTextAsync(_keys, """{"tenants":{"alice":["sk-a"],"bob":["sk-b"]}}""", Soon.Token);
            settings["Auth:KeyFile"] = _keys;
        }
        return await RunningServer.StartAsync(null, settings, services => services.AddSingleton<TimeProvider>(_time));
    }

    private static async Task<HttpResponseMessage> AskAsync(RunningServer server, string path, bool streams, string? key = null)
    {
        var input = path == Responses ? "\"input\":\"one\"" : "\"max_tokens\":99,\"messages\":[{\"role\":\"user\",\"content\":\"one\"}]";
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent($$"""{"model":"m","stream":{{(streams ? "true" : "false")}},{{input}}}""", Encoding.UTF8,
                "application/json"),
        };
        if (key is not null) request.Headers.Add("Authorization", $"Bearer {key}");
        return await server.Http.SendAsync(request, Soon.Token);
    }

    private static (string? Limit, string? Remaining, string? Reset) OpenAi(HttpResponseMessage answer, string of) => (
        Header(answer, $"x-ratelimit-limit-{of}"), Header(answer, $"x-ratelimit-remaining-{of}"),
        Header(answer, $"x-ratelimit-reset-{of}"));

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
