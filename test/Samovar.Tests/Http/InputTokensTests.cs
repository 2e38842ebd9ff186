using System.Net;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing.Models;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Testing.Upstreams;

namespace Samovar.Tests.Http;

public sealed class InputTokensTests
{
    private const string Tools = """
        "instructions":"You help.","tools":[{"type":"function","name":"read","parameters":{"type":"object","properties":{"path":{}}}}]
        """;

    [Fact]
    public async Task Count_IsWhatTheTurnItselfHas_AlsoBehindItsParent()
    {
        var path = RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.F32);
        await using var server = await RunningServer.StartAsync(null, new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = path, ["Engine:ContextTokens"] = "4096", ["Engine:Streams"] = "1", ["Engine:Threads"] = "1",
        });
        string? parent = null;
        for (var turn = 0; turn < 3; turn++)
        {
            var previous = parent is null ? "" : $"\"previous_response_id\":\"{parent}\",";
            var body = $$"""{{{previous}}"model":"m","input":"question {{turn}}","max_output_tokens":16,{{Tools}}}""";
            var counted = await PostAsync(server, "/v1/responses/input_tokens", body);
            Assert.Equal("response.input_tokens", counted.Body.GetProperty("object").GetString());
            var (_, response) = await PostAsync(server, "/v1/responses", body);
            var used = response.GetProperty("usage").GetProperty("input_tokens").GetInt32();
            Assert.Equal(used, counted.Body.GetProperty("input_tokens").GetInt32());
            parent = response.GetProperty("id").GetString();
        }
    }

    [Theory]
    [InlineData("""{"model":"m","input":5}""", "invalid_type", "input")]
    [InlineData("""{"model":"m","input":"x","previous_response_id":"resp_x"}""", "previous_response_not_found", "previous_response_id")]
    public async Task WhatCannotRun_CannotBeCounted(string body, string code, string param)
    {
        await using var server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()));
        var (status, answer) = await PostAsync(server, "/v1/responses/input_tokens", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal((code, param), (Error(answer, "code"), Error(answer, "param")));
    }

    [Theory]
    [InlineData("responses-ws")]
    [InlineData("responses-http")]
    public async Task ResponsesUpstream_CountsTheWholeConversation(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, upstream.Settings(kind));
        var (_, first) = await PostAsync(server, "/v1/responses", """{"model":"m","input":"one"}""");
        var body = $$"""{"model":"m","input":"two","previous_response_id":"{{first.GetProperty("id").GetString()}}"}""";
        var (_, counted) = await PostAsync(server, "/v1/responses/input_tokens", body);
        var (_, second) = await PostAsync(server, "/v1/responses", body);
        Assert.Equal(second.GetProperty("usage").GetProperty("input_tokens").GetInt32(),
            counted.GetProperty("input_tokens").GetInt32());
        Assert.True(upstream.Requests.ElementAt(1).Json.TryGetProperty("input", out var whole));
        Assert.Equal(3, whole.GetArrayLength());
    }

    [Fact]
    public async Task MessagesUpstream_CountsItself()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var server = await RunningServer.StartAsync(null, upstream.Settings("messages"));
        const string body = """
            {"model":"m","max_tokens":9,"stream":true,"temperature":0.5,"metadata":{"user_id":"u"},"stop_sequences":["x"],"system":"S",
            "messages":[{"role":"user","content":"one"}],"tools":[{"name":"f","input_schema":{"type":"object"}}],
            "context_management":{"edits":[{"type":"clear_thinking_20251015"}]}}
            """;
        var (status, counted) = await PostAsync(server, "/v1/messages/count_tokens", body);
        Assert.True(status == HttpStatusCode.OK, counted.GetRawText());
        Assert.InRange(counted.GetProperty("input_tokens").GetInt32(), 1, 1000);
        Assert.Equal(["messages", "model", "system", "tool_choice", "tools"],
            upstream.Requests.Last().Json.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal)); // all of it
        Assert.True(upstream.Requests.First().Json.TryGetProperty("context_management", out _));
    }

    [Theory]
    [InlineData("KeyRefused", 502, "api_error")]
    [InlineData("TooMany", 429, "rate_limit_error")]
    [InlineData("Invalid", 400, "invalid_request_error")]
    public async Task MessagesUpstreamsFault_IsSaidAsThatOfATurn_AndPausesNobodysTurns(string fault, int status, string type)
    {
        const string asked = """{"model":"m","messages":[{"role":"user","content":"one"}]}""";
        await using var upstream = await FakeUpstream.StartAsync("a", Enum.Parse<FakeFault>(fault));
        var settings = new Dictionary<string, string?>(upstream.Settings("messages")) { ["Upstream:Pools:0:QueueMax"] = "0" };
        await using var server = await RunningServer.StartAsync(null, settings); // where nobody waits for the end of a pause
        var (said, answer) = await PostAsync(server, "/v1/messages/count_tokens", asked);
        Assert.Equal((status, "error", type), ((int)said, answer.GetProperty("type").GetString(), Error(answer, "type")));
        Assert.Single(upstream.Requests);
        (said, answer) = await PostAsync(server, "/v1/messages/count_tokens", asked);
        Assert.Equal((HttpStatusCode.OK, 2), (said, upstream.Requests.Count));
    }

    [Theory]
    [InlineData("chat", false)]
    [InlineData("responses-http", true)]
    public async Task UpstreamThatCannotCount_IsSaidSo(string kind, bool refuses)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Responses.Counts = !refuses;
        await using var server = await RunningServer.StartAsync(null, upstream.Settings(kind));
        var (status, answer) = await PostAsync(server, "/v1/responses/input_tokens", """{"model":"m","input":"one"}""");
        Assert.Equal(HttpStatusCode.NotImplemented, status);
        Assert.Equal(("not_supported_by_upstream", "model"), (Error(answer, "code"), Error(answer, "param")));
    }

    private static string? Error(JsonElement body, string field) => body.GetProperty("error").GetProperty(field).GetString();

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(RunningServer server, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var reply = await server.Http.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        var text = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (reply.StatusCode, JsonDocument.Parse(text).RootElement);
    }
}
