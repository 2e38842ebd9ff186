using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Testing.Scripts;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Http;

public sealed class ResponsesTests : IAsyncLifetime
{
    private const string Hello = """{"model":"m","input":"[[final=hello there]]"}""";

    private readonly ScriptedBackend _backend = new(new IdSource());
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await RunningServer.StartAsync(_backend, new Dictionary<string, string?> { ["Http:BodyBytesMax"] = "65536" });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Create_AnswersTheWholeResponse()
    {
        var (status, body) = await PostAsync(Hello);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("response", body.GetProperty("object").GetString());
        Assert.Equal("completed", body.GetProperty("status").GetString());
        Assert.Equal("hello there", body.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Theory]
    [InlineData("/responses")]
    [InlineData("/codex/responses")]
    [InlineData("/v1/codex/responses")]
    public async Task Create_Answers_OnTheOtherPathsOfAgents(string path) =>
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(Hello, path)).Status);

    [Fact]
    public async Task Stream_IsNamedEvents_ThenTheEndMarker()
    {
        using var reply = await _server.Http
            .PostAsync("/v1/responses", Json("""{"model":"m","input":"[[final=hello there]]","stream":true}"""));
        Assert.Equal("text/event-stream", reply.Content.Headers.ContentType?.ToString());
        Assert.Equal("no", Assert.Single(reply.Headers.GetValues("X-Accel-Buffering")));
        var text = await reply.Content.ReadAsStringAsync();
        var blocks = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", blocks[^1]);
        var number = 0;
        foreach (var block in blocks[..^1])
        {
            var lines = block.Split('\n');
            Assert.Equal(2, lines.Length);
            using var json = JsonDocument.Parse(lines[1]["data: ".Length..]);
            Assert.Equal("event: " + json.RootElement.GetProperty("type").GetString(), lines[0]);
            Assert.Equal(number++, json.RootElement.GetProperty("sequence_number").GetInt32());
        }
        Assert.StartsWith("event: response.created", blocks[0], StringComparison.Ordinal);
        Assert.StartsWith("event: response.completed", blocks[^2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task StoredResponse_IsFound_Continued_AndDeleted()
    {
        var id = (await PostAsync(Hello)).Body.GetProperty("id").GetString();
        var again = await PostAsync($$"""{"model":"m","previous_response_id":"{{id}}","input":"[[final=again]]"}""");
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Equal(id, again.Body.GetProperty("previous_response_id").GetString());
        Assert.Equal(id, (await GetAsync($"/v1/responses/{id}")).Body.GetProperty("id").GetString());
        using var deleted = await _server.Http.DeleteAsync($"/v1/responses/{id}");
        Assert.Equal($$"""{"id":"{{id}}","object":"response.deleted","deleted":true}""", await deleted.Content.ReadAsStringAsync());
        AssertError(await GetAsync($"/v1/responses/{id}"), HttpStatusCode.NotFound, "response_not_found");
    }

    [Fact]
    public async Task UnstoredResponse_IsNotFound()
    {
        var id = (await PostAsync("""{"model":"m","input":"x","store":false}""")).Body.GetProperty("id").GetString();
        AssertError(await GetAsync($"/v1/responses/{id}"), HttpStatusCode.NotFound, "response_not_found");
        AssertError(await PostAsync($$"""{"model":"m","previous_response_id":"{{id}}","input":"y"}"""), HttpStatusCode.BadRequest,
            "previous_response_not_found", "previous_response_id");
    }

    [Fact]
    public async Task InputItems_ListTheWholeContext_InPages()
    {
        var first = (await PostAsync(Hello)).Body.GetProperty("id").GetString();
        var id = (await PostAsync($$"""{"model":"m","previous_response_id":"{{first}}","input":"second"}""")).Body.GetProperty("id")
            .GetString();
        var page = (await GetAsync($"/v1/responses/{id}/input_items?limit=2")).Body;
        Assert.Equal(2, page.GetProperty("data").GetArrayLength());
        Assert.True(page.GetProperty("has_more").GetBoolean());
        Assert.Contains("second", page.GetProperty("data")[0].GetRawText(), StringComparison.Ordinal);
        var rest = (await GetAsync($"/v1/responses/{id}/input_items?after={page.GetProperty("last_id").GetString()}")).Body;
        Assert.Equal(1, rest.GetProperty("data").GetArrayLength());
        Assert.False(rest.GetProperty("has_more").GetBoolean());
        Assert.Contains("[[final=hello there]]", rest.GetProperty("data")[0].GetRawText(), StringComparison.Ordinal);
        AssertError(await GetAsync($"/v1/responses/{id}/input_items?limit=0"), HttpStatusCode.BadRequest, "invalid_value", "limit");
    }

    [Fact]
    public async Task InputItem_CanBeReferredTo_ByTheIdThatItIsListedUnder()
    {
        var first = (await PostAsync("""{"model":"m","input":[{"role":"user","content":"[[final=tea]]"}]}""")).Body.GetProperty("id");
        var listed = (await GetAsync($"/v1/responses/{first}/input_items")).Body.GetProperty("data")[0].GetProperty("id").GetString()!;
        var second = (await PostAsync($$"""{"model":"m","input":[{"type":"item_reference","id":"{{listed}}"}]}""")).Body;
        Assert.Equal("tea", second.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString());
        var again = (await GetAsync($"/v1/responses/{second.GetProperty("id")}/input_items")).Body.GetProperty("data")[0];
        Assert.Equal(listed, again.GetProperty("id").GetString());
        AssertError(await PostAsync($$"""{"model":"m","input":[{"type":"item_reference","id":"{{listed[..^1]}}1"}]}"""),
            HttpStatusCode.NotFound, "item_not_found", "input[0].id");
    }

    /// <summary>However short a client writes its input: the list has it as the SDKs' types have it.</summary>
    [Fact]
    public async Task InputItems_HaveTheFormThatSdksExpect()
    {
        var id = (await PostAsync("""
            {"model":"m","input":[{"role":"developer","content":"Be brief."},{"role":"user","content":"[[final=x]]"},
            {"role":"assistant","content":"done"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},
            {"type":"function_call_output","call_id":"c","output":[{"type":"text","text":"ok"}]}]}
            """)).Body.GetProperty("id").GetString();
        var page = (await GetAsync($"/v1/responses/{id}/input_items?order=asc")).Body;
        Assert.Equal(
            ["message:input_text", "message:input_text", "message:output_text", "function_call:", "function_call_output:ok"],
            page.GetProperty("data").EnumerateArray().Select(item => $"{item.GetProperty("type")}:{Part(item)}"));
        Assert.All(page.GetProperty("data").EnumerateArray(), item => Assert.Equal("completed", item.GetProperty("status").GetString()));
        Assert.Equal(5, page.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("id").GetString()).Distinct().Count());

        static string? Part(JsonElement item) => item.TryGetProperty("content", out var parts) ? parts[0].GetProperty("type").GetString()
            : item.TryGetProperty("output", out var output) ? output.GetString() : null;
    }

    [Fact]
    public async Task Replay_IsRefused() // only background responses could be replayed
    {
        var id = (await PostAsync(Hello)).Body.GetProperty("id").GetString();
        AssertError(await GetAsync($"/v1/responses/{id}?stream=true"), HttpStatusCode.BadRequest, "invalid_request_error", "stream");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task CompressedBody_IsRead(string encoding) =>
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(Compressed(Hello, encoding))).Status);

    [Fact]
    public async Task BodyOfAnUnknownEncoding_Gets415() =>
        AssertError(await PostAsync(Encoded(Encoding.UTF8.GetBytes(Hello), "lz4")), HttpStatusCode.UnsupportedMediaType,
            "unsupported_media_type");

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    public async Task BrokenCompression_Gets400_AndIsCalledBroken(string encoding)
    {
        var whole = await Compressed(Hello, encoding).ReadAsByteArrayAsync();
        foreach (var broken in new[] { Encoding.UTF8.GetBytes(Hello), whole[..3] })
        {
            var reply = await PostAsync(Encoded(broken, encoding));
            AssertError(reply, HttpStatusCode.BadRequest, "invalid_json");
            Assert.Contains($"its {encoding} data is broken", reply.Body.GetProperty("error").GetProperty("message").GetString(),
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task TooLargeABody_Gets413_AlsoWhenItGrowsByDecompression()
    {
        var large = $$"""{"model":"m","input":"{{new string('x', 100_000)}}"}""";
        AssertError(await PostAsync(large), HttpStatusCode.RequestEntityTooLarge, "request_too_large");
        AssertError(await PostAsync(Compressed(large, "gzip")), HttpStatusCode.RequestEntityTooLarge, "request_too_large");
    }

    [Theory]
    [InlineData("""{"model":"m","input":5}""", "invalid_type", "input")]
    [InlineData("""{"model":"m","input":"x","temperature":9}""", "decimal_above_max_value", "temperature")]
    [InlineData("""{"model":"m","input":"x","background":true}""", "unsupported_parameter", "background")]
    [InlineData("""{"model":"m","input":""", "invalid_json", null)]
    [InlineData("", "invalid_json", null)]
    public async Task WrongRequest_Gets400_WithItsField(string body, string code, string? param) =>
        AssertError(await PostAsync(body), HttpStatusCode.BadRequest, code, param);

    [Fact]
    public async Task UnknownPathsAndMethods_AreErrorsOfTheSameShape()
    {
        AssertError(await GetAsync("/v1/nothing"), HttpStatusCode.NotFound, "unknown_url");
        AssertError(await GetAsync("/v1/models/m-none"), HttpStatusCode.NotFound, "model_not_found", "model");
        using var put = await _server.Http.PutAsync("/v1/responses", Json(Hello));
        AssertError(await ReadAsync(put), HttpStatusCode.MethodNotAllowed, "method_not_allowed");
        AssertError(await GetAsync("/v1/responses"), HttpStatusCode.UpgradeRequired, "upgrade_required");
    }

    [Fact]
    public async Task Models_AreListed_AndFound()
    {
        var list = (await GetAsync("/v1/models")).Body;
        Assert.Equal("scripted", list.GetProperty("data")[0].GetProperty("id").GetString());
        Assert.Equal("model", (await GetAsync("/v1/models/scripted")).Body.GetProperty("object").GetString());
    }

    [Fact]
    public async Task Health_ShowsWhatIsServed()
    {
        var health = (await GetAsync("/health")).Body;
        Assert.Equal("ok", health.GetProperty("status").GetString());
        Assert.Equal("scripted", health.GetProperty("models")[0].GetString());
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/v1/models")]
    [InlineData("/v1/models/scripted")]
    public async Task Head_IsThatOfTheAnswer(string path)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Head, path);
        using var head = await _server.Http.SendAsync(ask);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal("application/json", head.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task EveryReply_HasARequestId_OfItsOwn()
    {
        using var one = await _server.Http.GetAsync("/health");
        using var two = await _server.Http.GetAsync("/nothing");
        var ids = new[] { one, two }.Select(reply => Assert.Single(reply.Headers.GetValues("x-request-id"))).ToList();
        Assert.All(ids, id => Assert.StartsWith("req_", id, StringComparison.Ordinal));
        Assert.NotEqual(ids[0], ids[1]);
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string body, string path = "/v1/responses") =>
        PostAsync(Json(body), path);

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(HttpContent content, string path = "/v1/responses")
    {
        using var reply = await _server.Http.PostAsync(path, content);
        return await ReadAsync(reply);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path)
    {
        using var reply = await _server.Http.GetAsync(path);
        return await ReadAsync(reply);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> ReadAsync(HttpResponseMessage reply) =>
        (reply.StatusCode, JsonDocument.Parse(await reply.Content.ReadAsStringAsync()).RootElement);

    private static void AssertError((HttpStatusCode Status, JsonElement Body) reply, HttpStatusCode status, string code,
        string? param = null)
    {
        var error = reply.Body.GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Equal(param, error.GetProperty("param").GetString());
        Assert.Equal(status, reply.Status);
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.NotEmpty(error.GetProperty("type").GetString()!);
    }

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static ByteArrayContent Compressed(string text, string encoding)
    {
        using var bytes = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(bytes, CompressionLevel.Fastest),
            "br" => new BrotliStream(bytes, CompressionLevel.Fastest),
            _ => new ZLibStream(bytes, CompressionLevel.Fastest),
        })
            stream.Write(Encoding.UTF8.GetBytes(text));
        return Encoded(bytes.ToArray(), encoding);
    }

    private static ByteArrayContent Encoded(byte[] bytes, string encoding)
    {
        var content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        content.Headers.ContentEncoding.Add(encoding);
        return content;
    }
}
