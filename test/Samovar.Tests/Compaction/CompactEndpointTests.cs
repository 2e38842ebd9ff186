using System.Net;
using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Compaction;

public sealed class CompactEndpointTests : IAsyncLifetime
{
    private const string Path = "/v1/responses/compact";
    private readonly NotingBackend _backend = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-compact-").FullName;
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Window_IsTheUsersMessagesAndOneCompaction_AndTheNextInputBeginsWithIt()
    {
        var body = $$"""{"model":"m","input":[{{TalkingServer.Basket}}],"prompt_cache_key":"k"}""";
        var (status, window) = await _server.PostAsync(body, Path);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["id", "object", "created_at", "output", "usage"], window.EnumerateObject().Select(field => field.Name));
        Assert.Equal("response.compaction", window.Text("object"));
        Assert.Equal(55, window.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        var output = window.GetProperty("output").EnumerateArray().ToList();
        Assert.Equal(["message", "compaction"], output.Select(TalkingServer.Type));
        Assert.Equal(("user", "completed"), (output[0].Text("role"), output[0].Text("status")));
        Assert.Matches("^msg_[0-9a-f]+_0$", output[0].Text("id")); // as in every list
        Assert.Equal(["id", "type", "encrypted_content"], output[1].EnumerateObject().Select(field => field.Name));

        var items = string.Join(',', output.Select(item => item.GetRawText())) + ""","""
            + """{"role":"user","content":"And the pears?"}""";
        var (_, next) = await _server.PostAsync(TalkingServer.Body(items));
        Assert.Equal("completed", next.Text("status"));
        var seen = _backend.Seen[^1];
        Assert.Single(seen, item => ItemText(item).Contains("count the apples in basket.txt and then", StringComparison.Ordinal));
        Assert.Single(seen, item => ItemText(item).Contains(NotingBackend.GoodSummary, StringComparison.Ordinal));
        Assert.DoesNotContain(seen, item => item is IToolOutput);
    }

    [Fact]
    public async Task StoredResponse_IsCompactedById_AndTheWindowIsStoredNowhere()
    {
        var (_, first) = await _server.PostAsync(TalkingServer.Body(TalkingServer.Basket, "\"store\":true"));
        var (status, window) = await _server.PostAsync($$"""{"model":"m","previous_response_id":"{{first.Text("id")}}"}""", Path);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["message", "compaction"], window.GetProperty("output").EnumerateArray().Select(TalkingServer.Type));
        using var got = await _server.Http.GetAsync($"/v1/responses/{window.Text("id")}");
        Assert.Equal(HttpStatusCode.NotFound, got.StatusCode);
    }

    [Theory]
    [InlineData("""{"input":"x"}""", "missing_required_parameter", "model")]
    [InlineData("""{"model":"m"}""", "missing_required_parameter", "input")]
    [InlineData("""{"model":"m","input":[]}""", "empty_array", "input")]
    [InlineData("""{"model":"m","previous_response_id":"resp_x"}""", "previous_response_not_found", "previous_response_id")]
    [InlineData("""{"model":"m","input":"x","prompt_cache_key":"0123456789012345678901234567890123456789012345678901234567890123x"}""",
        "string_above_max_length", "prompt_cache_key")]
    public async Task WrongRequest_IsRefused_ByItsField(string body, string code, string param)
    {
        var (status, answer) = await _server.PostAsync(body, Path);
        var error = answer.GetProperty("error");
        Assert.Equal((HttpStatusCode.BadRequest, code, param), (status, error.Text("code"), error.Text("param")));
    }

    [Fact]
    public async Task Trigger_Works_OverSseAndOverASocket()
    {
        var body = TalkingServer.Body($"{TalkingServer.Basket},{TalkingServer.Trigger}", "\"stream\":true,\"store\":false");
        using var reply = await _server.Http.PostAsync("/v1/responses", new StringContent(body));
        var text = await reply.Content.ReadAsStringAsync();
        Assert.Contains("event: response.compaction.compacting", text, StringComparison.Ordinal);
        Assert.Single(text.Split('\n'), line => line == "event: response.output_item.done");

        await using var socket = await _server.ConnectAsync();
        await socket.SendAsync($$"""{"type":"response.create","model":"m","store":false,"input":[{{TalkingServer.Basket}}]}""");
        var first = await LastAsync(socket);
        await socket.SendAsync($$"""
            {"type":"response.create","model":"m","store":false,"previous_response_id":"{{first.Text("id")}}",
             "input":[{{TalkingServer.Trigger}}]}
            """);
        var compacted = await LastAsync(socket);
        Assert.Equal("compaction", Assert.Single(compacted.GetProperty("output").EnumerateArray()).Type());
        await socket.SendAsync($$"""
            {"type":"response.create","model":"m","store":false,"previous_response_id":"{{compacted.Text("id")}}","input":"And the pears?"}
            """);
        Assert.Equal("completed", (await LastAsync(socket)).Text("status"));
        Assert.Contains(NotingBackend.GoodSummary, string.Join('\n', _backend.Seen[^1].Select(ItemText)), StringComparison.Ordinal);
        Assert.DoesNotContain(_backend.Seen[^1], item => item is IToolOutput);
    }

    [Fact]
    public async Task Seal_OpensAfterARestart_WithTheKeyFileOfTheDataFolder_AndNothingOfItStandsInPlainSight()
    {
        var (_, compacted) = await _server.PostAsync(TalkingServer.Body($"{TalkingServer.Basket},{TalkingServer.Trigger}"));
        var item = compacted.GetProperty("output")[0].GetRawText();
        await _server.DisposeAsync();
        _server = await StartAsync();
        var (status, _) = await _server.PostAsync(TalkingServer.Body($$"""{{item}},{"role":"user","content":"go on"}"""));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains(NotingBackend.GoodSummary, string.Join('\n', _backend.Seen[^1].Select(ItemText)), StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(_folder, "*", SearchOption.AllDirectories))
            Assert.DoesNotContain("apples", await File.ReadAllTextAsync(file), StringComparison.Ordinal);

        File.Delete(System.IO.Path.Combine(_folder, "compaction.keys"));
        await _server.DisposeAsync();
        _server = await StartAsync();
        _backend.Seen.Clear();
        var (refused, answer) = await _server.PostAsync(TalkingServer.Body($$"""{"role":"user","content":"a"},{{item}}"""));
        Assert.Equal(HttpStatusCode.BadRequest, refused);
        Assert.Equal(("invalid_encrypted_content", "input[1].encrypted_content"),
            (answer.GetProperty("error").Text("code"), answer.GetProperty("error").Text("param")));
        Assert.Empty(_backend.Seen);
    }

    private static string ItemText(Item item) => Samovar.Compaction.ItemText.Of(item);

    private static async Task<JsonElement> LastAsync(ClientSocket socket)
    {
        while (await socket.ReceiveTextAsync() is { } text)
        {
            var e = JsonDocument.Parse(text).RootElement;
            if (e.Type() is "response.completed" or "response.failed" or "response.incomplete") return e.GetProperty("response");
            Assert.NotEqual("error", e.Type());
        }
        throw new InvalidOperationException("The socket was closed.");
    }

    private Task<RunningServer> StartAsync() => RunningServer.StartAsync(_backend, new Dictionary<string, string?>
    {
        ["Server:DataPath"] = _folder, ["Compaction:KeyFile"] = "compaction.keys", ["Compaction:RecentBytesMax"] = "64",
    });
}
