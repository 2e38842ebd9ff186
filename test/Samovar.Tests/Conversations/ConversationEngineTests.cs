using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Testing;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Conversations;

/// <summary>Conversations on the embedded engine: what their turns cost, and what a restart leaves of them.</summary>
public sealed class ConversationEngineTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-conversations-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The tokens that a turn has, and those of them that were there already, as where it names its parent.</summary>
    [Fact]
    public async Task Turn_CostsWhatIsNew_AsAContinuationDoes()
    {
        await using var server = await StartAsync("memory");
        var id = Text(await PostAsync(server, "/v1/conversations", new { }), "id");
        string? parent = null;
        var before = 0;
        for (var turn = 0; turn < 4; turn++)
        {
            var input = string.Create(CultureInfo.InvariantCulture, $"question {turn}");
            var counted = Number(await PostAsync(
                server, "/v1/responses/input_tokens", new { model = "m", input, conversation = id }), "input_tokens");
            var inConversation = await PostAsync(server, "/v1/responses", Ask(input, conversation: id));
            var continued = await PostAsync(server, "/v1/responses", Ask(input, previous: parent));
            parent = Text(continued, "id");
            Assert.Equal(Used(continued), Used(inConversation));
            Assert.Equal(Used(continued), counted);
            Assert.True(Cached(inConversation) >= before, $"{Cached(inConversation)} of {before}"); // all that was said before
            before = Used(inConversation) + Number(inConversation.GetProperty("usage"), "output_tokens") - 1; // the last was only chosen
        }
    }

    [Fact]
    public async Task Conversation_OutlivesTheServer_WithItsItems_AndGoesOn()
    {
        string id, before;
        await using (var first = await StartAsync("sqlite"))
        {
            id = Text(await PostAsync(first, "/v1/conversations", new
            {
                metadata = new { topic = "tea" }, items = new[] { new { role = "user", content = "I like tea." } },
            }), "id");
            await PostAsync(first, "/v1/responses", Ask("one", conversation: id));
            await PostAsync(first, "/v1/responses", Ask("two", conversation: id));
            await PostAsync(first, $"/v1/conversations/{id}/items", new { items = new[] { new { role = "user", content = "And cake." } } });
            before = await first.Http.GetStringAsync($"/v1/conversations/{id}/items?order=asc", Soon.Token);
        }
        await using var second = await StartAsync("sqlite");
        Assert.Equal(before, await second.Http.GetStringAsync($"/v1/conversations/{id}/items?order=asc", Soon.Token));
        var read = await second.Http.GetFromJsonAsync<JsonElement>($"/v1/conversations/{id}", Soon.Token);
        Assert.Equal("tea", read.GetProperty("metadata").GetProperty("topic").GetString());
        await PostAsync(second, "/v1/responses", Ask("three", conversation: id));
        var items = await second.Http.GetFromJsonAsync<JsonElement>($"/v1/conversations/{id}/items?order=asc", Soon.Token);
        Assert.Equal(8, items.GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task BackgroundTurn_TakesItsConversation_UntilItIsOver()
    {
        await using var server = await StartAsync("sqlite");
        var id = Text(await PostAsync(server, "/v1/conversations", new { }), "id");
        var body = Ask("one", conversation: id);
        body["background"] = true;
        body["max_output_tokens"] = 2000;
        var begun = await PostAsync(server, "/v1/responses", body);
        Assert.Equal(id, Text(begun.GetProperty("conversation"), "id"));
        using var second = await server.Http.PostAsJsonAsync("/v1/responses", Ask("two", conversation: id), Soon.Token);
        var error = (await second.Content.ReadFromJsonAsync<JsonElement>(Soon.Token)).GetProperty("error");
        Assert.Equal(("conversation_locked", "conversation"), (Text(error, "code"), Text(error, "param")));
        await PostAsync(server, $"/v1/responses/{Text(begun, "id")}/cancel", new { });
        await PostAsync(server, "/v1/responses", Ask("three", conversation: id)); // cancelled turns add nothing, and lock nothing
        var items = await server.Http.GetFromJsonAsync<JsonElement>($"/v1/conversations/{id}/items", Soon.Token);
        Assert.Equal(2, items.GetProperty("data").GetArrayLength());
    }

    /// <summary>A client's request has no item of that place: <c>input[-1]</c> would name nothing.</summary>
    [Fact]
    public async Task ItemOfAConversation_ThatAModelCannotRead_IsNamedByTheConversation()
    {
        await using var server = await StartAsync("memory");
        var window = (await PostAsync(server, "/v1/responses/compact", new { model = "m", input = "one" })).GetProperty("output");
        var sealedText = Text(window[window.GetArrayLength() - 1], "encrypted_content");
        var broken = new { type = "compaction", encrypted_content = sealedText[..^8] + "AAAAAAA=" };
        var image = new { role = "user", content = new[] { new { type = "input_image", image_url = "data:image/png;base64,AAAA" } } };
        foreach (var (item, path) in new (object, string)[] { (broken, "encrypted_content"), (image, "content[0]") })
        {
            var id = Text(await PostAsync(server, "/v1/conversations", new { items = new[] { item } }), "id");
            Assert.Equal("conversation", await ParamAsync(server, new { model = "m", input = "x", conversation = id }));
            var own = new object[] { new { role = "user", content = "x" }, item };
            Assert.Equal("input[1]." + path, await ParamAsync(server, new { model = "m", input = own }));
        }
    }

    private static async Task<string?> ParamAsync(RunningServer server, object body)
    {
        using var reply = await server.Http.PostAsJsonAsync("/v1/responses", body, Soon.Token);
        var error = (await reply.Content.ReadFromJsonAsync<JsonElement>(Soon.Token)).GetProperty("error");
        return error.GetProperty("param").GetString();
    }

    private Task<RunningServer> StartAsync(string store) => RunningServer.StartAsync(null, new Dictionary<string, string?>
    {
        ["Engine:ModelPath"] =
            RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.F32),
        ["Engine:ContextTokens"] = "4096", ["Engine:Streams"] = "2", ["Engine:Threads"] = "1", ["Engine:KvType"] = "f32",
        ["Store:Kind"] = store, ["Server:DataPath"] = _folder.FullName,
    });

    private static Dictionary<string, object?> Ask(string input, string? previous = null, string? conversation = null) =>
        new(StringComparer.Ordinal)
        {
            ["model"] = "m", ["input"] = input, ["previous_response_id"] = previous, ["conversation"] = conversation,
            ["max_output_tokens"] = 16, ["temperature"] = 0,
        };

    private static async Task<JsonElement> PostAsync(RunningServer server, string path, object body)
    {
        using var reply = await server.Http.PostAsJsonAsync(path, body, Soon.Token);
        var text = await reply.Content.ReadAsStringAsync(Soon.Token);
        Assert.True(reply.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
    private static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();
    private static int Used(JsonElement response) => Number(response.GetProperty("usage"), "input_tokens");

    private static int Cached(JsonElement response) =>
        Number(response.GetProperty("usage").GetProperty("input_tokens_details"), "cached_tokens");
}
