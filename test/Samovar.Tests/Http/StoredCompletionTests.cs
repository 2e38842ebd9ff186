using System.Net;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary>Chat completions that were to be stored, in memory and in a file.</summary>
public sealed class StoredCompletionTests : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-completions-");
    private RunningServer _server = null!;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task Completion_IsRead_Changed_AndDeleted(string kind)
    {
        await StartAsync(kind);
        var made = await MakeAsync("[[final=fine]] hi", """{"a":"b"}""");
        var id = Id(made);
        var read = await OkAsync(HttpMethod.Get, $"/{id}");
        foreach (var field in made.EnumerateObject())
            Assert.Equal(field.Value.GetRawText(), read.GetProperty(field.Name).GetRawText());
        Assert.Equal("""{"a":"b"}""", read.GetProperty("metadata").GetRawText());
        var changed = await OkAsync(HttpMethod.Post, $"/{id}", """{"metadata":{"c":"d"}}""");
        Assert.Equal("""{"c":"d"}""", changed.GetProperty("metadata").GetRawText());
        Assert.Equal(changed.GetRawText(), (await OkAsync(HttpMethod.Get, $"/{id}")).GetRawText());
        Assert.Equal($$"""{"object":"chat.completion.deleted","id":"{{id}}","deleted":true}""",
            (await OkAsync(HttpMethod.Delete, $"/{id}")).GetRawText());
        (HttpMethod, string?)[] asked = [(HttpMethod.Get, null), (HttpMethod.Delete, null), (HttpMethod.Post, """{"metadata":{}}""")];
        foreach (var (method, body) in asked)
        {
            var (status, error) = await SendAsync(method, $"/{id}", body);
            Assert.Equal(HttpStatusCode.NotFound, status);
            Assert.Equal("completion_not_found", error.GetProperty("error").GetProperty("code").GetString());
        }
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task List_HasWhatWasAskedForAsAChatCompletion_InPages(string kind)
    {
        await StartAsync(kind);
        var ids = new List<string>();
        for (var i = 0; i < 5; i++) ids.Add(Id(await MakeAsync($"question {i}", $$"""{"n":"{{i % 2}}"}""")));
        await MakeAsync("not to be stored", null, store: "false");
        await MakeAsync("nothing said of it", null, store: null);
        using (var content = new StringContent("""{"model":"m","input":"x"}""", Encoding.UTF8, "application/json"))
        using (await _server.Http.PostAsync("/v1/responses", content)) { }

        Assert.Equal(ids, Ids(await OkAsync(HttpMethod.Get, "")));
        Assert.Equal(ids.AsEnumerable().Reverse(), Ids(await OkAsync(HttpMethod.Get, "?order=desc")));
        var page = await OkAsync(HttpMethod.Get, $"?limit=2&after={ids[1]}");
        Assert.Equal((ids[2], ids[3], true), (Ids(page)[0], Ids(page)[1], page.GetProperty("has_more").GetBoolean()));
        Assert.Equal((ids[2], ids[3]), (page.GetProperty("first_id").GetString()!, page.GetProperty("last_id").GetString()!));
        Assert.Equal([ids[4]], Ids(await OkAsync(HttpMethod.Get, $"?after={ids[3]}")));
        Assert.Equal([ids[1], ids[0]], Ids(await OkAsync(HttpMethod.Get, $"?order=desc&after={ids[2]}")));
        Assert.Equal([ids[1], ids[3]], Ids(await OkAsync(HttpMethod.Get, "?metadata[n]=1")));
        Assert.Empty(Ids(await OkAsync(HttpMethod.Get, "?metadata[N]=1")));
        Assert.Empty(Ids(await OkAsync(HttpMethod.Get, "?metadata[n]=1&metadata[n]=0")));
        Assert.Empty(Ids(await OkAsync(HttpMethod.Get, "?metadata[n]=1&metadata[N]=1")));
        Assert.Empty(Ids(await OkAsync(HttpMethod.Get, "?" + string.Concat(Enumerable.Range(0, 40).Select(at => $"metadata[{at}]=1&")))));
        Assert.Equal([ids[1]], Ids(await OkAsync(HttpMethod.Get, "?metadata%5Bn%5D=1&limit=1&model=scripted")));
        Assert.Equal(ids, Ids(await OkAsync(HttpMethod.Get, "?model=scripted")));
        Assert.Empty(Ids(await OkAsync(HttpMethod.Get, "?model=other")));
        var (status, error) = await SendAsync(HttpMethod.Get, "?after=chatcmpl-none");
        Assert.Equal((HttpStatusCode.BadRequest, "after"), (status, error.GetProperty("error").GetProperty("param").GetString()));
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task Page_EndsWhereItIsLarge_AndSaysThatMoreFollows(string kind)
    {
        await StartAsync(kind, ("Http:ListBytesMax", "500"));
        var ids = new List<string>();
        for (var i = 0; i < 4; i++) ids.Add(Id(await MakeAsync($"[[final={new string('x', i == 1 ? 10 : 500)}]] {i}", null)));
        var pages = new List<string[]>();
        for (var hasMore = true; hasMore;)
        {
            var page = await OkAsync(HttpMethod.Get, pages is [.., [.., var last]] ? $"?after={last}" : "");
            hasMore = page.GetProperty("has_more").GetBoolean();
            pages.Add(Ids(page));
            Assert.Equal(pages[^1][^1], page.GetProperty("last_id").GetString());
        }
        Assert.Equal(ids, pages.SelectMany(static page => page));
        Assert.Equal([1, 2, 1], pages.Select(static page => page.Length));
        Assert.True((await OkAsync(HttpMethod.Get, "?limit=1")).GetProperty("has_more").GetBoolean());
    }

    [Fact]
    public async Task ResponsesOfOtherProtocols_AreNoChatCompletions()
    {
        await StartAsync("memory");
        using var content = new StringContent("""{"model":"m","input":"x"}""", Encoding.UTF8, "application/json");
        using var reply = await _server.Http.PostAsync("/v1/responses", content);
        var id = Id(JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, "/chatcmpl-" + id["resp_".Length..])).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Get, "/" + id)).Status);
    }

    [Fact]
    public async Task Messages_AreThoseThatCame()
    {
        await StartAsync("memory");
        var made = await OkAsync(HttpMethod.Post, "", """
            {"model":"m","store":true,"messages":[{"role":"developer","content":"Obey."},
             {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
             {"role":"assistant","content":"I do.","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"c1","content":"done"},{"role":"user","content":"[[final=x]] and now?"}]}
            """);
        var list = await OkAsync(HttpMethod.Get, $"/{Id(made)}/messages");
        var messages = list.GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(
            ["developer", "user", "assistant", "tool", "user"], messages.Select(message => message.GetProperty("role").GetString()));
        Assert.Equal(2, messages[1].GetProperty("content_parts").GetArrayLength());
        Assert.Equal("f", messages[2].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString());
        Assert.Equal(("c1", "done"), (messages[3].GetProperty("tool_call_id").GetString(), messages[3].GetProperty("content").GetString()));
        var page = await OkAsync(HttpMethod.Get, $"/{Id(made)}/messages?order=desc&limit=1&after={Id(messages[4])}");
        Assert.Equal((Id(messages[3]), true), (Ids(page)[0], page.GetProperty("has_more").GetBoolean()));
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("sqlite")]
    public async Task Messages_KeepWhatTheyCameWith(string kind)
    {
        await StartAsync(kind);
        var made = await OkAsync(HttpMethod.Post, "", """
            {"model":"m","store":true,"messages":[{"role":"system","name":"rules","content":"Obey."},
             {"role":"user","name":"ann","content":"a"},{"role":"assistant","name":"bot","refusal":"No."},
             {"role":"user","content":[{"type":"text","text":"see"},
              {"type":"image_url","image_url":{"url":"data:image/png;base64,AA","detail":"low"}}]},
             {"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"one"},{"type":"text","text":"two"}]},
             {"role":"user","name":"bob","content":"[[final=x]] and now?"}]}
            """);
        var messages = (await OkAsync(HttpMethod.Get, $"/{Id(made)}/messages")).GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(["rules", "ann", "bot", null, null, null, "bob"],
            messages.Select(message => message.TryGetProperty("name", out var name) ? name.GetString() : null));
        Assert.Equal(("No.", JsonValueKind.Null),
            (messages[2].GetProperty("refusal").GetString(), messages[2].GetProperty("content").ValueKind));
        Assert.Equal("""{"url":"data:image/png;base64,AA","detail":"low"}""",
            messages[3].GetProperty("content_parts")[1].GetProperty("image_url").GetRawText());
        Assert.Equal("c1", messages[4].GetProperty("tool_calls")[0].GetProperty("id").GetString());
        Assert.Equal("c1", messages[5].GetProperty("tool_call_id").GetString());
        Assert.Equal("onetwo", messages[5].GetProperty("content").GetString());
        Assert.Equal(["one", "two"],
            messages[5].GetProperty("content_parts").EnumerateArray().Select(part => part.GetProperty("text").GetString()));
    }

    private async Task StartAsync(string kind, params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string?> { ["Store:Kind"] = kind, ["Server:DataPath"] = _folder.FullName };
        foreach (var (name, value) in settings) all[name] = value;
        _server = await RunningServer.StartAsync(new ScriptedBackend(new IdSource()), all);
    }

    private Task<JsonElement> MakeAsync(string text, string? metadata, string? store = "true") => OkAsync(HttpMethod.Post, "",
        $$"""
        {"model":"m","messages":[{"role":"user","content":"{{text}}"}],"metadata":{{metadata ?? "null"}},"store":{{store ?? "null"}}}
        """);

    private async Task<JsonElement> OkAsync(HttpMethod method, string path, string? body = null)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True(status == HttpStatusCode.OK, answer.GetRawText());
        return answer;
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, "/v1/chat/completions" + path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var reply = await _server.Http.SendAsync(request);
        return (reply.StatusCode, JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);
    }

    private static string Id(JsonElement one) => one.GetProperty("id").GetString()!;

    private static string[] Ids(JsonElement list) => [.. list.GetProperty("data").EnumerateArray().Select(Id)];
}
