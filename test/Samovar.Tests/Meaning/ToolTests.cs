using System.Text.Json;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Meaning;

/// <summary>The shipped model calls the tool that was meant, answers from what it returned, and keeps to what a request demands.</summary>
public sealed class ToolTests : IAsyncLifetime
{
    private static readonly object[] Tools =
    [
        Dialogue.Function("send_letter", "Send a letter.", "recipient", "subject"),
        Dialogue.Function("book_table", "Book a table.", "restaurant"),
        Dialogue.Function("zuvek", "Water the garden.", "minutes"),
    ];

    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await PocketServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("Send a letter with recipient Emma and subject holiday.", "send_letter", """{"recipient":"Emma","subject":"holiday"}""")]
    [InlineData("Book a table, restaurant Falcon.", "book_table", """{"restaurant":"Falcon"}""")]
    [InlineData("Please water the garden with minutes 15.", "zuvek", """{"minutes":"15"}""")] // only its description says what it does
    public async Task Request_BecomesTheCall(string request, string name, string arguments)
    {
        await using var socket = await _server.ConnectAsync();
        var reply = await new Dialogue(socket) { Tools = Tools }.SendAsync([Dialogue.User(request)]);
        var call = Assert.Single(reply.Calls);
        Assert.Equal(name, call.GetProperty("name").GetString());
        Assert.Equal(arguments, Compact(call));
    }

    [Fact]
    public async Task Result_IsAnsweredFrom_AndAskedForLater()
    {
        await using var socket = await _server.ConnectAsync();
        var person = new Dialogue(socket) { Tools = [Dialogue.Function("read", "Read a text file.", "path")] };
        var call = Assert.Single((await person.SendAsync([Dialogue.User("What is the port in server.cfg?")])).Calls);
        Assert.Equal("""{"path":"server.cfg"}""", Compact(call));
        var reply = await person.SendAsync([Dialogue.Output(call, "host = localhost\nport = 8642\nlevel = debug")]);
        Assert.Contains("8642", reply.Said, StringComparison.Ordinal);
        var later = await person.SendAsync([Dialogue.User("And the level?")]);
        Assert.Empty(later.Calls);
        Assert.Contains("debug", later.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Question_IsAnsweredByATool_WhereOneIsOffered_AndNotMadeUpElse()
    {
        await using var socket = await _server.ConnectAsync();
        var person = new Dialogue(socket) { Tools = [Dialogue.Function("get_weather", "Weather for a city.", "city"), .. Tools] };
        var call = Assert.Single((await person.SendAsync([Dialogue.User("What's the weather like in Paris?")])).Calls);
        Assert.Equal(("get_weather", """{"city":"Paris"}"""), (call.GetProperty("name").GetString(), Compact(call)));
        var seen = await person.SendAsync([Dialogue.Output(call, "sunny, 21 degrees")]);
        Assert.Contains("sunny, 21 degrees", seen.Said, StringComparison.Ordinal);
        var bare = await new Dialogue(socket) { Tools = Tools }.SendAsync([Dialogue.User("What's the weather like in Paris?")]);
        Assert.Empty(bare.Calls);
        Assert.Contains("no tool", bare.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Choice_BindsWhatTheModelWouldRatherNotDo()
    {
        await using var socket = await _server.ConnectAsync();
        Dialogue Fresh() => new(socket) { Tools = Tools };
        object[] greeting = [Dialogue.User("Hello!")];
        object[] request = [Dialogue.User("Book a table, restaurant Falcon.")];
        Assert.Empty((await Fresh().SendAsync(greeting)).Calls);
        Assert.NotEmpty((await Fresh().SendAsync(greeting, "required")).Calls);
        Assert.Empty((await Fresh().SendAsync(request, "none")).Calls);
        var named = await Fresh().SendAsync(request, new { type = "function", name = "send_letter" });
        Assert.Equal("send_letter", Assert.Single(named.Calls).GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("/v1/responses", """{"input":"Book a table, restaurant Falcon.","tools":[TOOL],"tool_choice":"none" """)]
    [InlineData("/v1/chat/completions", """
        {"messages":[{"role":"user","content":"Book a table, restaurant Falcon."}],"tools":[{"type":"function","function":CHAT}],
        "tool_choice":"none"
        """)]
    [InlineData("/v1/messages", """
        {"messages":[{"role":"user","content":"Book a table, restaurant Falcon."}],"max_tokens":200,"tools":[CLAUDE],
        "tool_choice":{"type":"none"}
        """)]
    public async Task NothingThatLooksLikeACall_IsShown_WhereNothingMayBeCalled(string path, string body)
    {
        const string Parameters = """{"type":"object","properties":{"restaurant":{"type":"string"}},"required":["restaurant"]}""";
        const string Named = """{"name":"book_table","description":"Book a table.",""";
        body = body.Replace("CLAUDE", $"{Named}\"input_schema\":{Parameters}}}", StringComparison.Ordinal)
            .Replace("CHAT", $"{Named}\"parameters\":{Parameters}}}", StringComparison.Ordinal)
            .Replace("TOOL", $"{Named}\"type\":\"function\",\"parameters\":{Parameters}}}", StringComparison.Ordinal);
        foreach (var isStreamed in (string[])["false", "true"])
        {
            using var content = new StringContent($"{body},\"model\":\"pocket\",\"stream\":{isStreamed}}}", null, "application/json");
            using var answer = await _server.Http.PostAsync(new Uri(path, UriKind.Relative), content, Cancelled);
            var shown = await answer.Content.ReadAsStringAsync(Cancelled);
            Assert.True(answer.IsSuccessStatusCode, shown);
            foreach (var mark in (string[])["tool_call>", "function_call\"", "tool_calls\":[", "tool_use", "Falcon\\\"}"])
                Assert.DoesNotContain(mark, shown, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnswerIsTheSame_EachTime_WhereTheRequestNamesNoTemperature()
    {
        var said = new HashSet<string>();
        for (var time = 0; time < 4; time++)
        {
            const string Body = """{"model":"pocket","input":"Tell me about tea.","store":false}""";
            using var content = new StringContent(Body, null, "application/json");
            using var answer = await _server.Http.PostAsync(new Uri("/v1/responses", UriKind.Relative), content, Cancelled);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled));
            Assert.Equal(0, json.RootElement.GetProperty("temperature").GetDouble()); // what was used, not what the API would
            said.Add(json.RootElement.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString()!);
        }
        Assert.Single(said);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static string Compact(JsonElement call) =>
        JsonSerializer.Serialize(JsonDocument.Parse(call.GetProperty("arguments").GetString()!).RootElement);
}
