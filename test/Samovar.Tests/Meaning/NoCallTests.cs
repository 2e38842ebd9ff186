using System.Text;
using System.Text.Json;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Meaning;

/// <summary>
/// The shipped model, asked for what it would use a tool for, says something where it has none: no API shows how it writes calls.
/// </summary>
public sealed class NoCallTests : IAsyncLifetime
{
    private const string Question = "What is in notes.txt?";
    private static readonly string[] Marks = ["tool_call", "\"arguments\""];

    private static readonly object Schema = new
    {
        type = "object", properties = new { answer = new { type = "string" } }, required = new[] { "answer" }, additionalProperties = false,
    };

    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await PocketServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Responses_ShowNoCall(bool stream)
    {
        object[] history =
        [
            Dialogue.User(Question), new { type = "function_call", call_id = "c1", name = "read", arguments = "{\"path\":\"notes.txt\"}" },
            new { type = "function_call_output", call_id = "c1", output = "milk" }, Dialogue.User("And in todo.txt?"),
        ];
        await SaysSomethingElseAsync("/v1/responses", new { model = "x", input = Question, stream, max_output_tokens = 60 });
        await SaysSomethingElseAsync("/v1/responses", new { model = "x", input = history, stream, max_output_tokens = 60 });
        var format = new { type = "json_schema", name = "a", strict = true, schema = Schema };
        await SaysSomethingElseAsync(
            "/v1/responses", new { model = "x", input = Question, stream, max_output_tokens = 60, text = new { format } });
        var json = new { format = new { type = "json_object" } };
        await SaysSomethingElseAsync(
            "/v1/responses", new { model = "x", input = "Read notes.txt", stream, max_output_tokens = 60, text = json });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task ChatCompletions_ShowNoCall(bool stream) => SaysSomethingElseAsync("/v1/chat/completions",
        new { model = "x", messages = new[] { new { role = "user", content = Question } }, stream, max_completion_tokens = 60 });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Messages_ShowNoCall(bool stream) => SaysSomethingElseAsync("/v1/messages",
        new { model = "x", max_tokens = 60, messages = new[] { new { role = "user", content = Question } }, stream });

    [Fact]
    public async Task Socket_ShowsNoCall()
    {
        await using var socket = await _server.ConnectAsync();
        var reply = await new Dialogue(socket).SendAsync([Dialogue.User(Question)]);
        Assert.Empty(reply.Calls);
        ShowsNoCall(reply.Said);
    }

    private async Task SaysSomethingElseAsync(string path, object body)
    {
        using var content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var answer = await _server.Http.PostAsync(path, content, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        ShowsNoCall(text.StartsWith('{') ? Said(JsonDocument.Parse(text).RootElement)
            : string.Concat(text.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
                .Select(line => Streamed(JsonDocument.Parse(line["data: ".Length..]).RootElement))));
    }

    private static void ShowsNoCall(string said)
    {
        Assert.False(string.IsNullOrWhiteSpace(said));
        foreach (var mark in Marks) Assert.DoesNotContain(mark, said, StringComparison.Ordinal);
    }

    /// <summary>The text of a whole answer of any of the APIs.</summary>
    private static string Said(JsonElement answer) =>
        answer.TryGetProperty("choices", out var choices) ? choices[0].GetProperty("message").GetProperty("content").GetString()!
        : answer.TryGetProperty("output", out var output)
            ? string.Concat(output.EnumerateArray().Select(item => item.GetProperty("content")[0].GetProperty("text").GetString()))
        : string.Concat(answer.GetProperty("content").EnumerateArray().Select(block => block.GetProperty("text").GetString()));

    /// <summary>The text of one event of any of the APIs.</summary>
    private static string Streamed(JsonElement seen)
    {
        if (seen.TryGetProperty("choices", out var choices))
            return choices.GetArrayLength() > 0 && choices[0].GetProperty("delta").TryGetProperty("content", out var content)
                ? content.GetString() ?? "" : "";
        return seen.GetProperty("type").GetString() switch
        {
            "response.output_text.delta" => seen.GetProperty("delta").GetString()!,
            "content_block_delta" => seen.GetProperty("delta").GetProperty("text").GetString()!,
            _ => "",
        };
    }
}
