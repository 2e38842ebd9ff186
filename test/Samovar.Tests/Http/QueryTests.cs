using System.Net;
using System.Text;
using System.Text.Json;
using Samovar.Backends;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Testing;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;
using Samovar.Tests.Protocol.Fields;
using Samovar.Tests.Running;

namespace Samovar.Tests.Http;

/// <summary>What queries may ask for, and how those of both protocols are answered.</summary>
public sealed class QueryTests : IAsyncLifetime
{
    private readonly BackgroundServer _house = new();
    private string _id = "", _conversation = "", _item = "", _completion = "";

    public async ValueTask InitializeAsync()
    {
        await _house.StartAsync();
        _id = await _house.BeginStreamAsync(); // its events can be read again
        await _house.EndedAsync(_id);
        var conversation = await MakeAsync("/v1/conversations", """{"items":[{"id":"msg_one","role":"user","content":"x"}]}""");
        var completion = await MakeAsync(
            "/v1/chat/completions", """{"model":"m","store":true,"messages":[{"role":"user","content":"x"}]}""");
        (_conversation, _item, _completion) = (conversation, "msg_one", completion);
    }

    public ValueTask DisposeAsync() => _house.DisposeAsync();

    [Fact]
    public async Task EveryQuery_RefusesWrongValues_AndTakesRightOnes()
    {
        foreach (var row in FieldRows.Of(FieldApi.Queries).Where(static row => row.Note!.Contains("`GET ", StringComparison.Ordinal)))
        {
            var isAnthropic = row.Note!.Contains(QueryRoutes.Models, StringComparison.Ordinal);
            foreach (var value in Wrong(row.Form))
            {
                var (status, body) = await GetAsync($"{PathOf(row)}?{row.Path}={Uri.EscapeDataString(value)}", isAnthropic);
                Assert.True(status == HttpStatusCode.BadRequest, $"{row.Path}={value}: {status}");
                Assert.Equal(row.Path, body.GetProperty("error").GetProperty("param").GetString());
            }
            foreach (var value in Right(row.Form))
            {
                var (status, _) = await GetAsync($"{PathOf(row)}?{row.Path}={value}", isAnthropic);
                Assert.True(status == HttpStatusCode.OK, $"{row.Path}={value}: {status}");
            }
        }
    }

    [Theory]
    [InlineData("order=asc&limit=2", "0 1", true)]
    [InlineData("order=asc&limit=2&after=item_1", "2 3", true)]
    [InlineData("order=asc&limit=9&after=item_3", "4", false)]
    [InlineData("order=asc&limit=2&before=item_3", "1 2", true)]
    [InlineData("order=asc&limit=2&before=item_2", "0 1", false)]
    [InlineData("order=asc&before=item_0", "", false)]
    [InlineData("limit=2&before=item_1", "3 2", true)]
    [InlineData("after=item_4&before=item_1", "3 2", false)]
    public async Task PageOfItems_ReachesToTheItemThatItIsAskedFrom(string query, string items, bool hasMore)
    {
        var input = string.Join(',', Enumerable.Range(0, 5).Select(at => $$"""{"id":"item_{{at}}","role":"user","content":"{{at}}"}"""));
        using var body = new StringContent($$"""{"model":"m","input":[{{input}}]}""", Encoding.UTF8, "application/json");
        using var answer = await _house.Server.Http.PostAsync(new Uri("/v1/responses", UriKind.Relative), body, Soon.Token);
        using var response = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Soon.Token));
        var (_, page) = await GetAsync($"/v1/responses/{response.RootElement.GetProperty("id").GetString()}/input_items?{query}");
        var said = page.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal((items, hasMore), (string.Join(' ', said), page.GetProperty("has_more").GetBoolean()));
    }

    [Fact]
    public async Task ValuesThatMayStandThere_AreAllNamed_HoweverMany()
    {
        var (_, body) = await GetAsync($"/v1/responses/{_id}?include={new string('x', 400)}");
        var message = body.GetProperty("error").GetProperty("message").GetString();
        Assert.Contains("…", message, StringComparison.Ordinal); // what the client said is not repeated in full
        Assert.EndsWith("'message.output_text.logprobs'.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/responses/{id}/input_items?before=nobody", "before")]
    [InlineData("/v1/responses/{id}/input_items?include[]=nonsense", "include")]
    [InlineData("/v1/responses/{id}/input_items?include=reasoning.encrypted_content&include=nonsense", "include")]
    [InlineData("/v1/responses/{id}/input_items?limit=1&limit=2", "limit")]
    [InlineData("/v1/responses/{id}/input_items?after=", "after")]
    [InlineData("/v1/chat/completions?metadata=tea", "metadata")]
    public async Task Query_InItsOtherForms_IsChecked(string path, string param)
    {
        var (status, body) = await GetAsync(path.Replace("{id}", _id, StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.BadRequest, param), (status, body.GetProperty("error").GetProperty("param").GetString()));
    }

    [Theory]
    [InlineData("GET", "/v1/messages/nothing", false, HttpStatusCode.NotFound, true)]
    [InlineData("GET", "/v1/messages", false, HttpStatusCode.MethodNotAllowed, true)]
    [InlineData("PUT", "/v1/messages/count_tokens", false, HttpStatusCode.MethodNotAllowed, true)]
    [InlineData("GET", "/v1/models/nothing", true, HttpStatusCode.NotFound, true)]
    [InlineData("DELETE", "/v1/models", true, HttpStatusCode.MethodNotAllowed, true)]
    [InlineData("GET", "/v1/models/nothing", false, HttpStatusCode.NotFound, false)]
    [InlineData("GET", "/v1/messagesnothing", false, HttpStatusCode.NotFound, false)]
    [InlineData("GET", "/v1/nothing", true, HttpStatusCode.NotFound, false)]
    public async Task UnknownPathOrMethod_AnswersInTheShapeOfItsProtocol(
        string method, string path, bool isAnthropic, HttpStatusCode expected, bool isAnthropicShape)
    {
        var (status, body) = await GetAsync(path, isAnthropic, method);
        Assert.Equal(expected, status);
        Assert.Equal(isAnthropicShape, body.TryGetProperty("type", out var type) && type.GetString() == "error");
        Assert.Equal(isAnthropicShape, body.TryGetProperty("request_id", out _));
        var kind = body.GetProperty("error").GetProperty("type").GetString();
        if (isAnthropicShape) Assert.Equal(expected == HttpStatusCode.NotFound ? "not_found_error" : "invalid_request_error", kind);
    }

    [Fact]
    public async Task Models_AreListedInAnthropicsForm_WhereItsVersionIsSent()
    {
        var (_, page) = await GetAsync("/v1/models?limit=1000", isAnthropic: true);
        Assert.False(page.TryGetProperty("object", out _));
        Assert.False(page.GetProperty("has_more").GetBoolean());
        var model = page.GetProperty("data")[0];
        Assert.Equal("model", model.GetProperty("type").GetString());
        Assert.Equal(model.GetProperty("id").GetString(), page.GetProperty("first_id").GetString());
        Assert.True(DateTimeOffset.TryParse(model.GetProperty("created_at").GetString(), out _));
        Assert.NotEqual("", model.GetProperty("display_name").GetString());
        var one = (await GetAsync("/v1/models/" + model.GetProperty("id").GetString(), isAnthropic: true)).Body;
        Assert.Equal("model", one.GetProperty("type").GetString());
        Assert.Equal("list", (await GetAsync("/v1/models")).Body.GetProperty("object").GetString());
    }

    [Theory]
    [InlineData("limit=2", "lab/a lab/b", true)]
    [InlineData("limit=2&after_id=lab/b", "lab/c lab/d", false)]
    [InlineData("limit=2&before_id=lab/d", "lab/b lab/c", true)]
    [InlineData("limit=2&before_id=lab/c", "lab/a lab/b", false)]
    public async Task PageOfModels_ReachesToTheNameThatItIsAskedFrom(string query, string names, bool hasMore)
    {
        await using var server = await RunningServer.StartAsync(Lab());
        var (_, page) = await GetAsync("/v1/models?" + query, isAnthropic: true, server: server);
        var listed = page.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString());
        Assert.Equal(names, string.Join(' ', listed));
        Assert.Equal(hasMore, page.GetProperty("has_more").GetBoolean());
    }

    [Theory]
    [InlineData("/v1/models/lab/b")]
    [InlineData("/v1/models/lab%2Fb")]
    [InlineData("/v1/models/lab%2fb")]
    public async Task ModelWithASlashInItsName_IsFound_HoweverAClientWritesIt(string path)
    {
        await using var server = await RunningServer.StartAsync(Lab());
        var (status, model) = await GetAsync(path, server: server);
        Assert.Equal((HttpStatusCode.OK, "lab/b"), (status, model.GetProperty("id").GetString()));
    }

    /// <summary>Clients follow a list page by page, and would go round for ever where two places have one id.</summary>
    [Fact]
    public async Task ItemsWithOneId_AreListedOnceEach_PageByPage()
    {
        using var body = new StringContent("""
            {"model":"m","input":[{"id":"a","role":"user","content":"0"},{"role":"user","content":"1"},
            {"id":"a","role":"user","content":"2"},{"id":"item_1","role":"user","content":"3"}]}
            """, Encoding.UTF8, "application/json");
        using var answer = await _house.Server.Http.PostAsync(
            new Uri("/v1/responses", UriKind.Relative), body, TestContext.Current.CancellationToken);
        using var response = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        var id = response.RootElement.GetProperty("id").GetString()!;
        var path = $"/v1/responses/{id}/input_items?order=asc&limit=1";
        var place = "msg_" + id[ResponseId.Prefix.Length..];

        var seen = new List<string>();
        for (var after = ""; seen.Count < 9;)
        {
            var (_, page) = await GetAsync(path + after);
            var item = page.GetProperty("data")[0];
            seen.Add($"{item.GetProperty("id").GetString()}={item.GetProperty("content")[0].GetProperty("text").GetString()}");
            if (!page.GetProperty("has_more").GetBoolean()) break;
            after = "&after=" + page.GetProperty("last_id").GetString();
        }
        Assert.Equal(["a=0", $"{place}_1=1", $"{place}_2=2", "item_1=3"], seen);
    }

    private static ScriptedBackend Lab() => new(new IdSource())
    {
        Models = [.. new[] { "a", "b", "c", "d" }.Select(name => new BackendModel("lab/" + name, "lab", null))],
    };

    private static IEnumerable<string> Wrong(FieldForm form) => form switch
    {
        TextForm => ["nonsense"], // an id of nothing
        RefusedForm => ["1"],
        AnyForm => [],
        WordForm => ["nonsense", "", "DESC"],
        ListForm => ["nonsense", ""],
        IntegerForm whole => ["x", "", "1.5", $"{whole.Bounds.Min - 1}", $"{whole.Max + 1}", "-1"],
        FlagForm { IsOffered: true } => ["1", "", "nonsense"],
        _ => ["1", "", "nonsense", "true"], // what is not offered
    };

    private static IEnumerable<string> Right(FieldForm form) => form switch
    {
        ListForm list => Right(list.Element),
        WordForm or IntegerForm or FlagForm => FieldValues.Right(form, ProtocolLimits.Default).Select(value => value.Trim('"')),
        _ => [],
    };

    private string PathOf(FieldRow row) => row.Note!.Split('`')[1].Replace("GET ", "", StringComparison.Ordinal)
        .Replace("conversations/{id}", "conversations/" + _conversation, StringComparison.Ordinal)
        .Replace("completions/{id}", "completions/" + _completion, StringComparison.Ordinal)
        .Replace("{item_id}", _item, StringComparison.Ordinal).Replace("{id}", _id, StringComparison.Ordinal);

    /// <returns>The id of what was made.</returns>
    private async Task<string> MakeAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _house.Server.Http.PostAsync(new Uri(path, UriKind.Relative), content, Soon.Token);
        using var made = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(Soon.Token));
        return made.RootElement.GetProperty("id").GetString()!;
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(
        string path, bool isAnthropic = false, string method = "GET", RunningServer? server = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (isAnthropic) request.Headers.Add("anthropic-version", "2023-06-01");
        using var answer = await (server ?? _house.Server).Http.SendAsync(request, TestContext.Current.CancellationToken);
        if (answer.Content.Headers.ContentType?.MediaType == "text/event-stream") return (answer.StatusCode, default);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        return (answer.StatusCode, body.RootElement.Clone());
    }
}
