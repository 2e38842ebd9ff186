using System.Net;
using System.Text;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Messages;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary><c>thread</c> of <c>POST /v1/messages</c>: conversations that the server keeps, as clients of that API continue them.</summary>
public sealed class MessageThreadTests : IAsyncLifetime
{
    private const string Create = """ "thread":{"type":"create"} """;
    private readonly ScriptedBackend _backend = new(new IdSource());
    private RunningServer _server = null!;
    private BackendTurn? _ran;

    public async ValueTask InitializeAsync()
    {
        _backend.OnPhase = (turn, _, _) =>
        {
            _ran = turn;
            return default;
        };
        _server = await RunningServer.StartAsync(_backend);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Thread_GoesOnWithAllThatWasSaid_WithItsSystemPromptAndItsTools(bool isStreamed)
    {
        const string tools = """
            [{"name":"bash","input_schema":{"type":"object"},"allowed_callers":["direct"]}]
            """;
        var begins = $$"""{{Create}},"system":"Be brief.","tools":{{tools}},"messages":[{"role":"user","content":"[[steps=1]] run it"}]""";
        var first = await AskAsync(begins, isStreamed);
        var (call, id) = (first.Content[0].GetProperty("id").GetString(), first.Id);
        var result = $$"""{"type":"tool_result","tool_use_id":"{{call}}","content":"fine"}""";
        var second = await AskAsync(
            $$"""{{Continue(id)}},"tool_choice":{"type":"auto"},"messages":[{"role":"user","content":[{{result}}]}]""", isStreamed);
        Assert.Equal("DONE", second.Content[0].GetProperty("text").GetString());
        Assert.Equal(["message", "message", "function_call", "function_call_output"],
            _ran!.Context.AllItems().Select(static item => item.Type));
        Assert.Equal(Role.System, Assert.IsType<MessageItem>(_ran.Context.AllItems().First()).Role);
        Assert.Equal("bash", Assert.IsType<Tool.Function>(Assert.Single(_ran.Tools.Tools)).Name);
        Assert.Equal("""{"bash":{"allowed_callers":["direct"]}}""", _ran.Request.MessagesTools.ToString());

        await AskAsync(Continue(second.Id) + ""","messages":[{"role":"user","content":"thanks"}]""", isStreamed); // they are kept for good
        Assert.Single(_ran.Tools.Tools);
        Assert.Equal(6, _ran.Context.AllItems().Count());
        await AskAsync(Continue(second.Id) + ""","messages":[]""", isStreamed); // nothing new: the answer goes on
        Assert.Equal(5, _ran.Context.AllItems().Count());
    }

    [Fact]
    public async Task ThreadThatIsNotHere_IsSaidInTheWordsByWhichItsClientSendsEverythingAgain()
    {
        var (status, body) = await PostAsync(Continue("msg_nope") + ""","messages":[{"role":"user","content":"x"}]""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        var error = body.GetProperty("error");
        Assert.Equal("""{"error_code":"thread_not_found"}""", error.GetProperty("details").GetRawText());
        Assert.Equal("thread.previous_message_id", error.GetProperty("param").GetString());
        Assert.Contains("'msg_nope'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThreadThatCannotBeKept_IsSaidInTheWordsByWhichItsClientGoesOnWithoutOne()
    {
        var kind = Errors.StoreFull;
        var error = MessagesErrorBody.Bytes(new(kind, "No room."), requestId: null);
        using var body = JsonDocument.Parse(error);
        Assert.Equal("""{"error_code":"thread_unsupported_request","unsupported":["store"]}""",
            body.RootElement.GetProperty("error").GetProperty("details").GetRawText());
        Assert.False((await PostAsync(""" "messages":[] """)).Body.GetProperty("error").TryGetProperty("details", out _));
    }

    [Fact]
    public async Task MessageWithoutAThread_IsNotKept()
    {
        var first = await AskAsync(""" "messages":[{"role":"user","content":"x"}]""", isStreamed: false);
        var (_, body) = await PostAsync(Continue(first.Id) + ""","messages":[{"role":"user","content":"y"}]""");
        Assert.Equal("thread_not_found", body.GetProperty("error").GetProperty("details").GetProperty("error_code").GetString());
    }

    [Theory]
    [InlineData(""" "thread":5,"messages":[{"role":"user","content":"x"}]""", "thread")]
    [InlineData(""" "thread":{"type":"fork"},"messages":[{"role":"user","content":"x"}]""", "thread.type")]
    [InlineData(""" "thread":{},"messages":[{"role":"user","content":"x"}]""", "thread.type")]
    [InlineData(""" "thread":{"type":"continue"},"messages":[{"role":"user","content":"x"}]""", "thread.previous_message_id")]
    [InlineData(""" "thread":{"type":"create"},"messages":[]""", "messages")]
    [InlineData(""" "thread":{"type":"continue","previous_message_id":"msg_1"},"system":"S","messages":[]""", "system")]
    [InlineData(""" "thread":{"type":"continue","previous_message_id":"msg_1"},"tools":[],"messages":[]""", "tools")]
    public async Task WrongThread_IsRefused(string fields, string param)
    {
        var (status, body) = await PostAsync(fields);
        Assert.Equal((HttpStatusCode.BadRequest, param), (status, body.GetProperty("error").GetProperty("param").GetString()));
    }

    private static string Continue(string id) => $$""" "thread":{"type":"continue","previous_message_id":"{{id}}"}""";

    private async Task<(string Id, JsonElement[] Content)> AskAsync(string fields, bool isStreamed)
    {
        if (!isStreamed)
        {
            var (status, body) = await PostAsync(fields);
            Assert.True(status == HttpStatusCode.OK, body.GetRawText());
            return (body.GetProperty("id").GetString()!, [.. body.GetProperty("content").EnumerateArray()]);
        }
        using var reply = await SendAsync(fields + ",\"stream\":true");
        var events = (await reply.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(static text => JsonDocument.Parse(text.Split('\n')[1]["data: ".Length..]).RootElement).ToList();
        var blocks = events.Where(static e => e.GetProperty("type").GetString() == "content_block_start")
            .Select(e => JsonDocument.Parse(e.GetProperty("content_block").GetRawText().Replace("\"text\":\"\"",
                $"\"text\":\"{Said(events)}\"", StringComparison.Ordinal)).RootElement);
        return (events[0].GetProperty("message").GetProperty("id").GetString()!, [.. blocks]);
    }

    private static string Said(IEnumerable<JsonElement> events) => string.Concat(events.Select(static e =>
        e.TryGetProperty("delta", out var delta) && delta.TryGetProperty("text", out var text) ? text.GetString() : ""));

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string fields)
    {
        using var reply = await SendAsync(fields);
        return (reply.StatusCode, JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);
    }

    private async Task<HttpResponseMessage> SendAsync(string fields)
    {
        using var content = new StringContent("{\"model\":\"m\",\"max_tokens\":99," + fields + "}", Encoding.UTF8, "application/json");
        return await _server.Http.PostAsync("/v1/messages", content);
    }
}
