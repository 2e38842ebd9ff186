using System.Net;
using System.Text;
using System.Text.Json;
using Samovar.Testing.Servers;
using Samovar.Tests.Backends.Embedded;

namespace Samovar.Tests.Http;

/// <summary>A refusal speaks of the client's own fields, wherever it is raised: here by the embedded backend, behind all reading.</summary>
public sealed class ClientWordsTests : IAsyncLifetime
{
    private const string Image = "data:image/png;base64,AA";
    private readonly Talk _talk = new Talk(Families.ChatMl).Holding(contextTokens: 4000);
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(_talk.Backend);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private const string Said = """ "messages":[{"role":"user","content":"x"}] """;

    [Theory]
    [InlineData("/v1/responses", """
        "input":"x","text":{"format":{"type":"json_schema","name":"n","schema":{"$ref":"#/nowhere"}}}
        """, "text.format.schema")]
    [InlineData("/v1/chat/completions", Said + """
        ,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"$ref":"#/nowhere"}}}
        """, "response_format.json_schema.schema")]
    [InlineData("/v1/messages", Said + """
        ,"output_config":{"format":{"type":"json_schema","schema":{"$ref":"#/nowhere"}}}
        """, "output_config.format.schema")]
    [InlineData("/v1/messages", Said + """
        ,"output_format":{"type":"json_schema","schema":{"$ref":"#/nowhere"}}
        """, "output_format.schema")]
    [InlineData("/v1/chat/completions", Said + """
        ,"tools":[{"type":"custom","custom":{"name":"f","format":{"type":"grammar","grammar":{"syntax":"regex",
        "definition":"("}}}}],"tool_choice":"required"
        """, "tools[0].custom.format.grammar.definition")]
    [InlineData("/v1/messages", Said + """
        ,"tools":[{"name":"f","strict":true,"input_schema":{"type":"object","properties":{"a":{"$ref":"#/nowhere"}}}}],
        "tool_choice":{"type":"any"}
        """, "tools.0.input_schema")]
    [InlineData("/v1/responses", """
        "input":[{"role":"user","content":[{"type":"input_image","image_url":"IMAGE"}]}]
        """, "input[0].content[0]", "input_image")]
    [InlineData("/v1/chat/completions", """
        "messages":[{"role":"system","content":"x"},{"role":"user","content":[{"type":"text","text":"x"},
        {"type":"image_url","image_url":{"url":"IMAGE"}}]}]
        """, "messages[1].content[1]", "image_url")]
    [InlineData("/v1/messages", """
        "system":"x","messages":[{"role":"user","content":[{"type":"text","text":"x"},
        {"type":"image","source":{"type":"url","url":"IMAGE"}}]}]
        """, "messages.0.content.1", "'image'")]
    [InlineData("/v1/chat/completions", Said + """
        ,"tools":[],"tool_choice":{"type":"function","function":{"name":"f"}}
        """, "tool_choice")]
    [InlineData("/v1/chat/completions", """ "messages":[{"role":"tool","tool_call_id":"c","content":"x"}] """, "messages")]
    [InlineData("/v1/messages", """
        "messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"x"}]}]
        """, "messages")]
    [InlineData("/v1/chat/completions", Said + ""","logit_bias":{"99999":1}""", "logit_bias")]
    [InlineData("/v1/chat/completions", Said + ""","logit_bias":{"x":1}""", "logit_bias")]
    [InlineData("/v1/chat/completions", Said + ""","logit_bias":{"5":101}""", "logit_bias.5")]
    [InlineData("/v1/chat/completions", """ "messages":[{"role":"user","content":"LONG"}] """, "messages")]
    [InlineData("/v1/chat/completions", Said + ""","prediction":{"type":"content","content":"x"}""", "prediction")]
    public async Task Refusal_NamesTheClientsField(string path, string fields, string param, string? inMessage = null)
    {
        var json = "{" + fields.Replace("IMAGE", Image, StringComparison.Ordinal)
            .Replace("LONG", new string('x', 9000), StringComparison.Ordinal) + "}";
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await _server.Http.PostAsync(new Uri(path, UriKind.Relative), body, TestContext.Current.CancellationToken);
        using var read = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, read.RootElement.GetRawText());
        var error = read.RootElement.GetProperty("error");
        Assert.StartsWith(param, error.GetProperty("param").GetString(), StringComparison.Ordinal);
        var message = error.GetProperty("message").GetString()!;
        if (inMessage is not null) Assert.Contains(inMessage, message, StringComparison.Ordinal);
        if (path == "/v1/messages") Assert.Contains(param, message, StringComparison.Ordinal);
        if (path != "/v1/responses")
            foreach (var ours in new[] { "text.format", "input[", "max_output_tokens", "input_image" })
                Assert.DoesNotContain(ours, message, StringComparison.Ordinal);
    }

    /// <summary>Clients of this API know no code: they compact when they read these words.</summary>
    [Theory, InlineData(""), InlineData(",\"stream\":true")]
    public async Task PromptThatIsTooLong_IsSaidAsMessagesClientsKnowIt(string more)
    {
        var json = "{\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"" + new string('x', 9000) + "\"}]" + more + "}";
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await _server.Http.PostAsync(
            new Uri("/v1/messages", UriKind.Relative), body, TestContext.Current.CancellationToken);
        using var read = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var error = read.RootElement.GetProperty("error");
        Assert.Matches(@"^prompt is too long: \d{4,} tokens > 4000 maximum$", error.GetProperty("message").GetString());
        Assert.Equal(("invalid_request_error", "context_length_exceeded", "messages"), (error.GetProperty("type").GetString(),
            error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
    }
}
