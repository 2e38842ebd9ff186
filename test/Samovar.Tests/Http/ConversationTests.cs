using System.Net;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

/// <summary><c>/v1/conversations</c> over HTTP: shapes, pages, errors.</summary>
public sealed class ConversationTests : IAsyncLifetime
{
    private readonly ScriptedBackend _backend = new(new IdSource());
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(_backend);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Conversation_IsMade_Read_Changed_AndDeleted()
    {
        var made = await OkAsync(PostAsync("", """{"metadata":{"topic":"tea"}}"""));
        var id = Id(made);
        Assert.StartsWith("conv_", id, StringComparison.Ordinal);
        Assert.Equal(["id", "object", "created_at", "metadata"], made.EnumerateObject().Select(field => field.Name));
        Assert.Equal("conversation", made.GetProperty("object").GetString());
        Assert.Equal(made.GetRawText(), (await OkAsync(GetAsync($"/{id}"))).GetRawText());
        var changed = await OkAsync(PostAsync($"/{id}", """{"metadata":{"topic":"coffee"}}"""));
        Assert.Equal("coffee", changed.GetProperty("metadata").GetProperty("topic").GetString());
        Assert.Equal(
            $$"""{"id":"{{id}}","object":"conversation.deleted","deleted":true}""", (await OkAsync(DeleteAsync($"/{id}"))).GetRawText());
        Refused(await GetAsync($"/{id}"), HttpStatusCode.NotFound, "conversation_not_found", null);
        Refused(await DeleteAsync($"/{id}"), HttpStatusCode.NotFound, "conversation_not_found", null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"items":null,"metadata":null}""")]
    public async Task Conversation_NeedsNothing(string body)
    {
        var id = Id(await OkAsync(PostAsync("", body)));
        Assert.Equal("""{"object":"list","data":[],"first_id":"","last_id":"","has_more":false}""",
            (await OkAsync(GetAsync($"/{id}/items"))).GetRawText());
    }

    [Fact]
    public async Task Items_AreAdded_Listed_Read_AndDeleted()
    {
        var id = Id(await OkAsync(PostAsync("", """{"items":[{"role":"user","content":"one"}]}""")));
        var added = await OkAsync(PostAsync($"/{id}/items", """
            {"items":[{"type":"message","role":"assistant","content":"two"},
             {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
             {"type":"function_call_output","call_id":"c","output":"done"}]}
            """));
        var data = added.GetProperty("data");
        Assert.Equal((3, Id(data[0]), Id(data[2])),
            (data.GetArrayLength(), added.GetProperty("first_id").GetString(), added.GetProperty("last_id").GetString()));
        Assert.Equal(["msg_", "fc_", "fco_"], data.EnumerateArray().Select(item => Id(item)[..(Id(item).IndexOf('_') + 1)]));
        Assert.Equal("output_text", data[0].GetProperty("content")[0].GetProperty("type").GetString());

        var newest = await OkAsync(GetAsync($"/{id}/items?limit=2"));
        Assert.Equal([Id(data[2]), Id(data[1])], Ids(newest));
        Assert.True(newest.GetProperty("has_more").GetBoolean());
        var older = await OkAsync(GetAsync($"/{id}/items?limit=2&after={Id(data[1])}"));
        Assert.Equal((Id(data[0]), false), (Ids(older)[0], older.GetProperty("has_more").GetBoolean()));
        Assert.Equal(Ids(older)[1], Ids(await OkAsync(GetAsync($"/{id}/items?order=asc")))[0]);

        Assert.Equal(data[0].GetRawText(), (await OkAsync(GetAsync($"/{id}/items/{Id(data[0])}"))).GetRawText());
        Assert.Equal(id, Id(await OkAsync(DeleteAsync($"/{id}/items/{Id(data[0])}"))));
        Refused(await GetAsync($"/{id}/items/{Id(data[0])}"), HttpStatusCode.NotFound, "item_not_found", null);
        Refused(await DeleteAsync($"/{id}/items/{Id(data[0])}"), HttpStatusCode.NotFound, "item_not_found", null);
        Assert.Equal(3, Ids(await OkAsync(GetAsync($"/{id}/items"))).Length);
    }

    [Theory]
    [InlineData("", """{"items":[{"role":"user"}]}""", "missing_required_parameter", "items[0].content")]
    [InlineData("", """{"items":7}""", "invalid_type", "items")]
    [InlineData("", """{"metadata":{"a":1}}""", "invalid_type", "metadata.a")]
    [InlineData("/X", """{}""", "missing_required_parameter", "metadata")]
    [InlineData("/X/items", """{}""", "missing_required_parameter", "items")]
    [InlineData("/X/items?include=everything", """{"items":[{"role":"user","content":"x"}]}""", "invalid_value", "include")]
    [InlineData("/X/items", """{"items":[]}""", "empty_array", "items")]
    [InlineData("/X/items", """{"items":[{"type":"item_reference","id":"msg_none"}]}""", "item_not_found", "items[0].id")]
    public async Task BadBody_IsRefused_WithItsField(string path, string body, string code, string param)
    {
        var id = Id(await OkAsync(PostAsync("", "{}")));
        var reply = await PostAsync(path.Replace("X", id, StringComparison.Ordinal), body);
        Refused(reply, reply.Status, code, param);
    }

    [Fact]
    public async Task MoreThanTwentyItems_AreRefused()
    {
        var items = string.Join(',', Enumerable.Repeat("""{"role":"user","content":"x"}""", 21));
        Refused(await PostAsync("", $$"""{"items":[{{items}}]}"""), HttpStatusCode.BadRequest, "array_above_max_length", "items");
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("order=up", "order")]
    [InlineData("after=msg_none", "after")]
    [InlineData("include=everything", "include")]
    public async Task BadQuery_IsRefused(string query, string param)
    {
        var id = Id(await OkAsync(PostAsync("", "{}")));
        Refused(await GetAsync($"/{id}/items?{query}"), HttpStatusCode.BadRequest, "invalid_value", param);
    }

    [Theory]
    [InlineData("\"ID\"")]
    [InlineData("""{"id":"ID"}""")]
    public async Task Response_IsMadeInAConversation_AndItsItemsAreThere(string named)
    {
        var id = Id(await OkAsync(PostAsync("", """{"items":[{"role":"user","content":"before"}]}""")));
        named = named.Replace("ID", id, StringComparison.Ordinal);
        var response = await OkAsync(CreateAsync($$"""{"model":"m","input":"[[final=fine]] hi","conversation":{{named}}}"""));
        Assert.Equal($$"""{"id":"{{id}}"}""", response.GetProperty("conversation").GetRawText());
        var again = await OkAsync(GetAsync("/v1/responses/", Id(response)));
        Assert.Equal(response.GetRawText(), again.GetRawText());
        Assert.Equal(3, Ids(await OkAsync(GetAsync($"/{id}/items"))).Length);
    }

    [Theory]
    [InlineData("""{"input":"x","conversation":"conv_none"}""", 404, "conversation_not_found", "conversation")]
    [InlineData("""{"input":"x","conversation":"c","previous_response_id":"r"}""", 400, "mutually_exclusive_parameters", "conversation")]
    [InlineData("""{"input":"x","conversation":"c","store":false}""", 400, "unsupported_value", "store")]
    public async Task ConversationThatCannotBeUsed_IsRefused(string body, int status, string code, string param) =>
        Refused(await CreateAsync(body), (HttpStatusCode)status, code, param);

    [Fact]
    public async Task Socket_MakesResponsesInAConversation()
    {
        var id = Id(await OkAsync(PostAsync("", "{}")));
        await using var socket = await _server.ConnectAsync();
        foreach (var text in new[] { "one", "two" })
        {
            var events = await socket.AskAsync(
                $$"""{"type":"response.create","model":"m","input":"[[final={{text}}]] hi","conversation":"{{id}}"}""");
            Assert.Equal("response.completed", events[^1].GetProperty("type").GetString());
            Assert.Equal(id, Id(events[0].GetProperty("response").GetProperty("conversation")));
        }
        Assert.Equal(4, Ids(await OkAsync(GetAsync($"/{id}/items"))).Length);
        var refused = await socket.AskAsync(
            $$"""{"type":"response.create","model":"m","input":"x","conversation":"{{id}}","generate":false}""");
        Assert.Equal("generate", refused[^1].GetProperty("error").GetProperty("param").GetString());
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> CreateAsync(string body) => PostAsync("/v1/responses", body, isWhole: true);

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string body, bool isWhole = false)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var reply = await _server.Http.PostAsync(isWhole ? path : "/v1/conversations" + path, content);
        return await ReadAsync(reply);
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path) => GetAsync("/v1/conversations", path);

    private async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string root, string path)
    {
        using var reply = await _server.Http.GetAsync(root + path);
        return await ReadAsync(reply);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> DeleteAsync(string path)
    {
        using var reply = await _server.Http.DeleteAsync("/v1/conversations" + path);
        return await ReadAsync(reply);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> ReadAsync(HttpResponseMessage reply) =>
        (reply.StatusCode, JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);

    private static async Task<JsonElement> OkAsync(Task<(HttpStatusCode Status, JsonElement Body)> asking)
    {
        var (status, body) = await asking;
        Assert.True(status == HttpStatusCode.OK, body.GetRawText());
        return body;
    }

    private static void Refused((HttpStatusCode Status, JsonElement Body) reply, HttpStatusCode status, string code, string? param)
    {
        var error = reply.Body.GetProperty("error");
        Assert.Equal((status, code, param), (reply.Status, error.GetProperty("code").GetString(), error.GetProperty("param").GetString()));
    }

    private static string Id(JsonElement one) => one.GetProperty("id").GetString()!;

    private static string[] Ids(JsonElement list) => [.. list.GetProperty("data").EnumerateArray().Select(Id)];
}
