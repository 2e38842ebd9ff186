using System.Net;
using System.Text;
using System.Text.Json;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Hosting;

/// <summary>
/// A gateway in front of Samovar itself with the embedded engine, reached as any chat or Messages upstream is: what the model says must not
/// depend on the way there.
/// </summary>
public sealed class TwoSamovarsTests : IAsyncLifetime
{
    private const int Steps = 3;
    private const string Tools = """
        [{"type":"function","name":"exec","parameters":{"type":"object","properties":{"cmd":{"type":"string"}}}}]
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-two-").FullName;
    private RunningServer _engine = null!;

    public async ValueTask InitializeAsync()
    {
        var model = Path.Combine(_folder, "obedient.gguf");
        ObedientModel.WriteShellLoop(model, "exec", "cmd", "next", $"step-{Steps}", "LOOP AT ITS END");
        _engine = await RunningServer.StartAsync(null, new Dictionary<string, string?>
        {
            ["Engine:ModelPath"] = model, ["Engine:ContextTokens"] = "8192", ["Engine:Streams"] = "2", ["Engine:Threads"] = "1",
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task ToolLoop_IsTheSame_DirectAndThroughTheGateway(string kind)
    {
        await using var gateway = await RunningServer.StartAsync(null, Pool(kind));
        var direct = await LoopAsync(_engine);
        var through = await LoopAsync(gateway);
        Assert.Equal(2 * (Steps + 1), direct.Count); // two questions, each with its calls and an answer
        Assert.Equal(direct.Select(turn => turn.Said), through.Select(turn => turn.Said));
        Assert.Equal(direct[0].InputTokens, through[0].InputTokens); // the first prompt is the same to the token
        foreach (var (before, now) in through.Zip(through.Skip(1)))
        {
            Assert.True(now.Deltas > 1, "The answer came in one piece.");
            Assert.True(now.CachedTokens >= before.InputTokens, $"cached {now.CachedTokens} of the {before.InputTokens} before");
        }
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("responses-http")]
    [InlineData("responses-ws")]
    public async Task StopText_EndsTheAnswer_AndTheConversationGoesOn(string kind)
    {
        await using var gateway = await RunningServer.StartAsync(null, Pool(kind));
        foreach (var server in new[] { _engine, gateway })
        {
            await using var client = await server.ConnectAsync();
            object[] input =
            [
                new { role = "user", content = "do it" },
                new { type = "function_call", call_id = "c", name = "exec", arguments = "{}" },
                new { type = "function_call_output", call_id = "c", output = $"step-{Steps}" },
            ];
            var events = await AskAsync(client, null, input, stop: ["never", " ITS"]);
            Assert.Equal("LOOP AT", Turn.Of(events).Said);
            Assert.Equal(" ITS", events[^1].GetProperty("response").GetProperty("stop_sequence").GetString());
            var next = Turn.Of(await AskAsync(client, Turn.Of(events).Id, [new { role = "user", content = "and once more" }]));
            Assert.Single(next.Calls);
        }
    }

    [Fact]
    public async Task WrongPart_IsNamedWhereTheClientSentIt_AlsoBehindAMatchedHistory()
    {
        object[] history = [new { role = "user", content = "do it" }];
        object[] tools = [new { type = "function", function = new { name = "exec", parameters = new { type = "object" } } }];
        var (_, first) = await PostAsync("chat/completions", new { model = "m", temperature = 0, tools, messages = history });
        var said = first.GetProperty("choices")[0].GetProperty("message");
        var call = said.GetProperty("tool_calls")[0].GetProperty("id").GetString();
        var image = new { type = "image_url", image_url = new { url = "data:image/png;base64,AA" } };
        history = [.. history, said, new { role = "tool", tool_call_id = call, content = "1" },
            new { role = "user", content = new object[] { new { type = "text", text = "see" }, image } }];
        var (status, refused) = await PostAsync("chat/completions", new { model = "m", temperature = 0, tools, messages = history });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("messages[3].content[1]", refused.GetProperty("error").GetProperty("param").GetString());
    }

    [Fact]
    public async Task CountTokens_CountsWhatTheTurnWillHave()
    {
        var request = new { model = "m", max_tokens = 1, system = "Obey.", messages = new[] { new { role = "user", content = "do it" } } };
        var (_, counted) = await PostAsync("messages/count_tokens", request);
        var usage = (await PostAsync("messages", request)).Body.GetProperty("usage");
        Assert.Equal(usage.GetProperty("input_tokens").GetInt32() + usage.GetProperty("cache_read_input_tokens").GetInt32(),
            counted.GetProperty("input_tokens").GetInt32());
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, object body)
    {
        using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var reply = await _engine.Http.PostAsync($"/v1/{path}", content);
        return (reply.StatusCode, JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);
    }

    private static async Task<List<Turn>> LoopAsync(RunningServer server)
    {
        await using var client = await server.ConnectAsync();
        var turns = new List<Turn>();
        string? previous = null;
        foreach (var question in new[] { "do it", "and once more" })
        {
            object[] input = [new { role = "user", content = question }];
            for (var step = 1; input.Length > 0; step++)
            {
                var turn = Turn.Of(await AskAsync(client, previous, input));
                turns.Add(turn);
                previous = turn.Id;
                input = [.. turn.Calls.Select(id => new { type = "function_call_output", call_id = id, output = $"step-{step}" })];
            }
        }
        return turns;
    }

    private Dictionary<string, string?> Pool(string kind) => new()
    {
        ["Upstream:Pools:0:Name"] = "engine",
        ["Upstream:Pools:0:Destinations:0:Name"] = "engine",
        ["Upstream:Pools:0:Destinations:0:Kind"] = kind,
        ["Upstream:Pools:0:Destinations:0:Dialect"] = kind.StartsWith("responses", StringComparison.Ordinal) ? "samovar" : null,
        ["Upstream:Pools:0:Destinations:0:BaseUrl"] = $"{_engine.Address}v1",
        ["Upstream:Pools:0:Destinations:0:Models:0"] = "*",
    };

    private static Task<IReadOnlyList<JsonElement>> AskAsync(
        ClientSocket client, string? previous, object[] input, string[]? stop = null) =>
        client.AskAsync(JsonSerializer.Serialize(new
        {
            type = "response.create", model = "m", store = false, instructions = "Obey.", temperature = 0, previous_response_id = previous,
            input, stop, tools = JsonDocument.Parse(Tools).RootElement,
        }));

    /// <summary>What one turn said and cost.</summary>
    private sealed record Turn(string Id, string Said, IReadOnlyList<string> Calls, int Deltas, int InputTokens, int CachedTokens)
    {
        public static Turn Of(IReadOnlyList<JsonElement> events)
        {
            Assert.Equal("response.completed", events[^1].GetProperty("type").GetString());
            var response = events[^1].GetProperty("response");
            var items = response.GetProperty("output").EnumerateArray().ToList();
            var usage = response.GetProperty("usage");
            return new Turn(
                response.GetProperty("id").GetString()!,
                string.Join('|', items.Select(item => item.TryGetProperty("arguments", out var arguments) ? arguments.GetString()
                    : item.GetProperty("content")[0].GetProperty("text").GetString())),
                [.. items.Where(item => item.TryGetProperty("call_id", out _)).Select(item => item.GetProperty("call_id").GetString()!)],
                events.Count(e => e.GetProperty("type").GetString()!.EndsWith(".delta", StringComparison.Ordinal)),
                usage.GetProperty("input_tokens").GetInt32(),
                usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32());
        }
    }
}
