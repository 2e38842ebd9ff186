using System.Text;
using System.Text.Json;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Requests;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>What only upstreams of the Messages API know of a request goes there as it came; elsewhere it is named, or refused where it
/// asks for what would silently not happen.</summary>
public sealed class PassedFieldsTests
{
    private static readonly (string Name, string Value)[] Wishes =
    [
        ("speed", "\"fast\""), ("fallbacks", """[{"model":"b"}]"""), ("billing_policy", """{"a":1}"""), ("later", """[{"b":[1,null]}]"""),
    ];

    private static readonly (string Name, string Value)[] Needs =
    [
        ("container", """{"id":"c_1","skills":[]}"""), ("container", "\"c_1\""), ("inference_geo", "\"us\""),
        ("mcp_servers", """[{"type":"url","url":"https://x","name":"x"}]"""),
    ];

    public static TheoryData<string, string> All => [.. Wishes.Concat(Needs).Select(one => (one.Name, one.Value))];

    public static TheoryData<string, string, string> Elsewhere => [.. from kind in new[] { "chat", "responses-http" }
        from one in Wishes.Concat(Needs) select (kind, one.Name, one.Value)];

    [Theory]
    [MemberData(nameof(All))]
    public async Task UpstreamOfTheSameApi_GetsIt_AsItCame(string name, string value)
    {
        var (sent, headers, result) = await AskAsync("messages", $"\"{name}\":{value}");
        Assert.Null(result.Error);
        Assert.Equal(value, JsonSerializer.Serialize(sent!.Value.GetProperty(name)));
        Assert.Equal("later-2026-01-01,other-2", headers!["anthropic-beta"]);
        Assert.Empty(result.Report.Dropped);
    }

    /// <summary>Servers that read names whatever their case would take them for the gateway's own, and the last one would count.</summary>
    [Fact]
    public async Task NamesOfOtherLetters_GoNowhere()
    {
        var (sent, _, result) = await AskAsync("messages", """ "Model":"b","STREAM":false,"\u017ftream":false """);
        Assert.Null(result.Error);
        Assert.DoesNotContain(sent!.Value.EnumerateObject(), static field => field.Name is not "stream" and not "model"
            && field.Name.ToUpperInvariant() is "MODEL" or "STREAM");
        Assert.True(sent.Value.GetProperty("stream").GetBoolean());
        Assert.DoesNotContain("\"b\"", sent.Value.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Elsewhere))]
    public async Task OthersDoNot_AndItIsNamedOrRefused(string kind, string name, string value)
    {
        var (sent, _, result) = await AskAsync(kind, $"\"{name}\":{value}");
        if (Wishes.Any(wish => wish.Name == name))
        {
            Assert.Null(result.Error);
            Assert.False(sent!.Value.TryGetProperty(name, out _));
            Assert.Contains(name, result.Report.Dropped);
            return;
        }
        Assert.Equal(("unsupported_parameter", name), (result.Error?.Kind.Code, result.Error?.Param));
        Assert.Null(sent);
    }

    [Fact]
    public async Task WhatAsksForNothing_IsRefusedNowhere()
    {
        var (_, _, result) = await AskAsync("chat", """ "inference_geo":"global","container":null """);
        Assert.Null(result.Error);
    }

    [Fact]
    public async Task RequestWithoutSuchFields_NamesNoBetaOfItsClient()
    {
        var (_, headers, _) = await AskAsync("messages", "\"max_tokens\":9");
        Assert.False(headers!.ContainsKey("anthropic-beta"));
    }

    /// <summary>A field of another API's client is that API's, whatever it is called.</summary>
    [Theory]
    [InlineData("messages", false)]
    [InlineData("chat", true)]
    public async Task ClientOfAnotherApi_SpeaksOfItsOwnUpstreams(string kind, bool isSent)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var result = await gateway.TurnAsync(null, TestGateway.User("x"), ",\"fallbacks\":[\"b\"]");
        Assert.Equal(isSent, upstream.Requests.Last().Json.TryGetProperty("fallbacks", out _));
        Assert.Equal(isSent ? [] : ["fallbacks"], result.Report.Dropped);
    }

    [Theory]
    [InlineData("anthropic", false)]
    [InlineData("vllm", true)]
    public async Task FieldsOfEngines_GoToEngines(string dialect, bool isSent)
    {
        var (sent, _, result) = await AskAsync("messages", """ "min_p":0.1,"seed":4 """, dialect);
        Assert.Equal(isSent, sent!.Value.TryGetProperty("min_p", out _) && sent.Value.TryGetProperty("seed", out _));
        Assert.Equal(isSent ? [] : ["min_p", "seed"], result.Report.Dropped);
    }

    private static async Task<(JsonElement? Sent, IReadOnlyDictionary<string, string>? Headers, TurnResult Result)> AskAsync(
        string kind, string fields, string? dialect = null)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options(kind, upstream);
        if (dialect is not null) options.Pools[0].Destinations[0].Dialect = dialect;
        using var gateway = new TestGateway(options);
        var request = MessagesRequestReader.Read(Encoding.UTF8.GetBytes(
            "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]," + fields + "}"), ProtocolLimits.Default).Request;
        var hints = SessionHints.Read(name => name == "anthropic-beta" ? "later-2026-01-01, oauth-2025-04-20,other-2" : null);
        var result = await gateway.TurnAsync(request with { Hints = hints });
        var sent = upstream.Requests.LastOrDefault();
        return (sent?.Json, sent?.Headers, result);
    }
}
