using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary>A request near the bound of nesting is refused at once, or answered: it never runs to fail at its answer.</summary>
public sealed class DepthTests : IAsyncLifetime
{
    private const string Input = """{"model":"m","input":"x" """;
    private const string Messages = """{"model":"m","messages":[{"role":"user","content":"x"}""";
    private const string Function = """{"type":"function","name":"f","parameters":#}""";
    private static readonly string[] Branches =
        ["""{"type":"object","anyOf":[""", """{"type":"object","properties":{"a":""", "{\"x\":[{\"y\":"];

    private readonly ScriptedBackend _backend = new(new IdSource());
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(_backend);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Requests with a hole for what nests, and how deep the hole stands.</summary>
    public static TheoryData<string, string, int> Places => new()
    {
        { "responses", Input + ""","tools":[{"type":"function","name":"f","parameters":#}]}""", 3 },
        { "responses", Input + ""","tools":[{"type":"namespace","name":"n","description":"d","tools":[""" + Function + "]}]}", 5 },
        { "responses", Input + ""","tools":[{"type":"web_search","external_web_access":false,"filters":#}]}""", 3 },
        { "responses", Input + ""","text":{"format":{"type":"json_schema","name":"s","schema":#}}}""", 3 },
        { "responses", Input + ""","unheard_of":#}""", 1 },
        { "responses", """{"model":"m","input":[{"type":"message","role":"user","content":"x","more":#}]}""", 3 },
        { "responses", """{"model":"m","input":[{"type":"additional_tools","role":"developer","tools":[""" + Function + "]}]}", 5 },
        { "chat/completions", Messages + """],"tools":[{"type":"function","function":{"name":"f","parameters":#}}]}""", 4 },
        { "chat/completions", Messages + """],"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":#}}}""", 3 },
        { "chat/completions", Messages + """],"chat_template_kwargs":#}""", 1 },
        { "messages", Messages + """],"max_tokens":9,"tools":[{"name":"f","input_schema":#}]}""", 3 },
        { "messages", Messages + """],"max_tokens":9,"output_config":{"format":{"type":"json_schema","schema":#}}}""", 3 },
        {
            "messages",
            Messages + """,{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"f","input":#}]},"""
            + """{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"1"}]}],"max_tokens":9}""",
            5
        },
    };

    [Theory, MemberData(nameof(Places))]
    public async Task Request_NearTheBound_IsRefusedAtOnce_OrAnswered(string path, string request, int above)
    {
        for (var depth = ProtocolLimits.Default.DepthMax - 2; depth <= ProtocolLimits.Default.DepthMax + 2; depth++)
            foreach (var branch in Branches)
            {
                var body = request.Replace("#", Nested(branch, depth - above), StringComparison.Ordinal);
                Assert.Equal(depth, DepthOf(body));
                await AskAsync(path, body, depth);
                await AskAsync(path, body[..^1] + ",\"stream\":true}", depth);
            }
    }

    [Theory, MemberData(nameof(Places))]
    public async Task Frame_NearTheBound_IsRefusedAtOnce_OrAnswered_AndCanBeContinued(string path, string request, int above)
    {
        if (path != "responses") return; // a socket speaks this protocol alone
        for (var depth = ProtocolLimits.Default.DepthMax - 2; depth <= ProtocolLimits.Default.DepthMax + 2; depth++)
        {
            await using var socket = await _server.ConnectAsync();
            var frame = request.Replace("#", Nested(Branches[0], depth - above), StringComparison.Ordinal);
            var turns = _backend.Turns;
            var seen = await socket.AskAsync("{\"type\":\"response.create\"," + frame[1..]);
            if (seen[^1].GetProperty("type").GetString() == "error")
            {
                Assert.Equal("json_too_deep", seen[^1].GetProperty("error").GetProperty("code").GetString());
                Assert.Equal(turns, _backend.Turns);
                continue;
            }
            Assert.Equal("response.completed", seen[^1].GetProperty("type").GetString());
            Assert.Equal("response.completed", (await socket.AskAsync("""{"input":"and now"}"""))[^1].GetProperty("type").GetString());
        }
    }

    private async Task AskAsync(string path, string body, int depth)
    {
        var turns = _backend.Turns;
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var reply = await _server.Http.PostAsync("/v1/" + path, content);
        var text = await reply.Content.ReadAsStringAsync();
        if ((int)reply.StatusCode == 400)
        {
            Assert.Equal(turns, _backend.Turns);
            Assert.True(depth > ProtocolLimits.Default.DepthMax - 2, text);
            return;
        }
        Assert.True((int)reply.StatusCode == 200, $"{path} at depth {depth}: {(int)reply.StatusCode} {text[..Math.Min(300, text.Length)]}");
        Assert.DoesNotContain("response.failed", text, StringComparison.Ordinal);
        var lines = text.StartsWith('{') ? ["data: " + text] : text.Split('\n');
        foreach (var json in lines.Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => line[6..]))
        {
            using var read = JsonDocument.Parse(json); // with the depth that .NET clients read by default
            if (path != "responses" || !read.RootElement.TryGetProperty("id", out var id)) continue;
            await GetAsync($"/v1/responses/{id.GetString()}");
            await GetAsync($"/v1/responses/{id.GetString()}/input_items");
        }
    }

    private async Task GetAsync(string path)
    {
        using var reply = await _server.Http.GetAsync(path);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True((int)reply.StatusCode == 200, path + text);
        using var read = JsonDocument.Parse(text);
    }

    /// <summary>A value of exactly so many levels.</summary>
    private static string Nested(string branch, int levels)
    {
        var open = new StringBuilder();
        var closing = new Stack<char>();
        while (closing.Count < levels)
            foreach (var one in branch)
            {
                if (one is not ('{' or '['))
                {
                    open.Append(one);
                    continue;
                }
                if (closing.Count == levels) break;
                open.Append(one);
                closing.Push(one == '{' ? '}' : ']');
            }
        var text = open.ToString();
        if (text.EndsWith(':')) text += "null";
        else if (text.EndsWith("\"object\",", StringComparison.Ordinal)) text = text[..^1];
        return text + string.Concat(closing);
    }

    private static int DepthOf(string json)
    {
        var (depth, deepest) = (0, 0);
        foreach (var one in json)
        {
            if (one is '{' or '[') deepest = Math.Max(deepest, ++depth);
            if (one is '}' or ']') depth--;
        }
        using var valid = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 200 });
        return deepest;
    }
}
