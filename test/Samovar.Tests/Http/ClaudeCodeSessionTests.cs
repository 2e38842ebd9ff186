using System.Text;
using System.Text.Json;
using Samovar.Testing;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary>
/// Two sessions of requests in the shape of Claude Code's, on the real engine: what it writes otherwise in each request or session keeps
/// nothing from the cache.
/// </summary>
public sealed class ClaudeCodeSessionTests : IDisposable
{
    private const int Steps = 10;
    private const double CachedShareMin = 0.95;
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-claude-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Requests_ReadNearlyAllFromTheCache_AndSoDoesTheNextSessionsFirst()
    {
        var model = Path.Combine(_folder, "obedient.gguf");
        ObedientModel.WriteShellLoop(model, "Bash", "command", "ls", "never", "DONE", hasToolsBehind: true);
        var settings = new Dictionary<string, string?> { ["Engine:ModelPath"] = model, ["Engine:ContextTokens"] = "32768" };
        await using var server = await RunningServer.StartAsync(null, settings);
        var shares = new List<double>();
        foreach (var (session, task) in ((string, string)[])[("a", "Count with the shell."), ("b", "Count once more, another way.")])
            await WorkAsync(server, session, task, shares);
        Assert.Equal(2 * Steps, shares.Count);
        Assert.All(shares.Skip(1), share => Assert.InRange(share, CachedShareMin, 1));
    }

    private static async Task WorkAsync(RunningServer server, string session, string task, List<double> shares)
    {
        var said = $$"""
            {"role":"user","content":[{"type":"text","text":"<system-reminder>{{Words("note", 30)}}</system-reminder>"},
            {"type":"text","text":"{{task}}"}]},{"role":"system","content":[{"type":"text","text":"# Environment {{Words("place", 300)}}"}]}
            """;
        for (var step = 0; step < Steps; step++)
        {
            using var content = new StringContent(Body(session, step, said), Encoding.UTF8, "application/json");
            using var answer = await server.Http.PostAsync("/v1/messages?beta=true", content, Soon.Token);
            var message = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Soon.Token)).RootElement;
            var usage = message.GetProperty("usage");
            var cached = usage.GetProperty("cache_read_input_tokens").GetInt32();
            shares.Add((double)cached / (cached + usage.GetProperty("input_tokens").GetInt32()));
            var call = message.GetProperty("content").EnumerateArray().Single();
            said += $$"""
                ,{"role":"assistant","content":[{{call}}]},{"role":"user","content":[{"type":"tool_result",
                "tool_use_id":"{{call.GetProperty("id").GetString()}}","content":"step {{step}}"}]}
                """;
        }
    }

    /// <summary>The billing mark changes with each session and each request, the ids with each session.</summary>
    private static string Body(string session, int step, string said) => $$$"""
        {"model":"obedient","max_tokens":64,"thinking":{"type":"adaptive","display":"omitted"},
        "system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.{{{session}}}; cc_entrypoint=cli; cch={{{step}}}ab;"},
        {"type":"text","text":"You are an agent.","cache_control":{"type":"ephemeral"}},
        {"type":"text","text":"{{{Words("rule", 400)}}}","cache_control":{"type":"ephemeral"}}],
        "messages":[{{{said}}}],"metadata":{"user_id":"{\"session_id\":\"{{{session}}}\"}"},
        "tools":[{"name":"Bash","description":"{{{Words("use", 300)}}}",
        "input_schema":{"type":"object","properties":{"command":{"type":"string"} },"required":["command"] } }],
        "context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},"output_config":{"effort":"high"} }
        """;

    private static string Words(string word, int count) => string.Join(' ', Enumerable.Range(0, count).Select(n => $"{word}{n}"));
}
