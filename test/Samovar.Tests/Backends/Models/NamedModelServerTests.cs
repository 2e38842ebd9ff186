using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Samovar.Backends.Models;
using Samovar.Testing;
using Samovar.Testing.Models;
using Samovar.Testing.Servers;

namespace Samovar.Tests.Backends.Models;

/// <summary>The whole server with several small models on libllama itself.</summary>
public sealed class NamedModelServerTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "models");
    private static readonly string A = RandomModel.Ensure(Folder, RandomModelSize.Tiny, WeightType.F32, seed: 1);
    private static readonly string B = RandomModel.Ensure(Folder, RandomModelSize.Tiny, WeightType.F32, seed: 2);

    [Fact]
    public async Task Conversations_AreWarmAndCold_TheSame_WhereTheirModelWasUnloadedBetweenTurns()
    {
        await using var roomy = await StartAsync();
        await using var tight = await StartAsync(("Models:BytesMax", OneModel(roomy)));
        var (warm, cold) = (await TalkAsync(roomy), await TalkAsync(tight));
        Assert.Equal(warm.Select(static turn => turn.Text), cold.Select(static turn => turn.Text));
        Assert.Equal(warm.Select(static turn => turn.Input), cold.Select(static turn => turn.Input));
        Assert.All(warm.Skip(2), static turn => Assert.True(turn.Cached > 0)); // each model keeps its own conversation
        Assert.All(cold.Skip(2), static turn => Assert.Equal(0, turn.Cached)); // each turn found its model unloaded
        Assert.Equal((1, 0), Loads(roomy, "a"));
        Assert.Equal((3, 3), Loads(tight, "a"));
        var status = JsonDocument.Parse(await tight.Http.GetStringAsync(new Uri("/v1/samovar/status", UriKind.Relative), Soon.Token));
        Assert.Contains(status.RootElement.GetProperty("requests").EnumerateArray(),
            static one => one.TryGetProperty("miss", out var miss) && miss.GetString() == "model_unloaded");
    }

    [Fact]
    public async Task Conversation_MovesBetweenModels_AndIsWhatEachWouldSayAfresh()
    {
        await using var server = await StartAsync();
        var first = await SayAsync(server, "a", "one", null);
        var second = await SayAsync(server, "b", "two", first.Id);
        var third = await SayAsync(server, "a", "three", second.Id);
        Assert.Equal(0, second.Cached); // another model's tokens mean nothing to it
        await using var other = await StartAsync();
        string[] said = ["one", first.Text, "two", second.Text];
        var input = said.Select(static (text, at) => new { role = at % 2 == 0 ? "user" : "assistant", content = text })
            .Append(new { role = "user", content = "three" }).ToArray();
        var whole = await PostAsync(other, new { model = "a", input, store = false, temperature = 0, max_output_tokens = 16 });
        Assert.Equal(Turn.Of(whole).Text, third.Text);
        Assert.Equal(Turn.Of(whole).Input, third.Input);
    }

    [Fact]
    public async Task UnloadedModel_IsListed_AndItsFirstRequestLoadsIt()
    {
        await using var server = await StartAsync();
        var list = await server.Http.GetStringAsync(new Uri("/v1/models", UriKind.Relative), Soon.Token);
        Assert.Equal(["a", "b"], JsonDocument.Parse(list).RootElement.GetProperty("data").EnumerateArray()
            .Select(static one => one.GetProperty("id").GetString()));
        Assert.Equal("unloaded", await StateAsync(server, "a"));
        Assert.Equal(["unloaded", "unloaded"], await ListedStatesAsync(server));
        var answer = await PostRawAsync(server, new { model = "a", input = "x", store = false, max_output_tokens = 16 });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("\"model_loading\"", await answer.Content.ReadAsStringAsync(Soon.Token), StringComparison.Ordinal);
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        await Soon.UntilAsync(() => Of(server, "a").State == ModelState.Loaded);
        Assert.Equal("completed", (await PostAsync(server, new { model = "a", input = "x", store = false, max_output_tokens = 16 }))
            .GetProperty("status").GetString()!.Replace("incomplete", "completed", StringComparison.Ordinal));
        Assert.Equal("unloaded", await StateAsync(server, "b"));
        Assert.Equal(["loaded", "unloaded"], await ListedStatesAsync(server));
        var metrics = await server.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Soon.Token);
        Assert.Contains("samovar_models_loads_total{gen_ai_request_model=\"a\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("samovar_engine_turns_total{gen_ai_request_model=\"a\"} 1\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamingClient_IsHeldWithKeepAlives_UntilItsModelIsLoaded()
    {
        var gates = new GatedLoader();
        await using var server = await StartAsync(services => gates.Wrap(services), ("Http:KeepAliveInterval", "00:00:00.1"));
        using var request = Request(new { model = "a", input = "x", store = false, stream = true, max_output_tokens = 16 });
        using var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Soon.Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Soon.Token));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(": keep-alive", await lines.ReadLineAsync(Soon.Token));
            Assert.Equal("", await lines.ReadLineAsync(Soon.Token));
        }
        await using var socket = await server.ConnectAsync();
        await socket.SendAsync("""{"type":"response.create","model":"a","store":false,"input":"x","max_output_tokens":16}""");
        await Soon.UntilAsync(() => Of(server, "a").Waiting == 2);
        gates.Open();
        var rest = await lines.ReadToEndAsync(Soon.Token);
        Assert.Contains("event: response.created", rest, StringComparison.Ordinal);
        Assert.Matches("event: response.(completed|incomplete)", rest); // it says whatever its weights say
        Assert.Matches("^response.(completed|incomplete)$", (await socket.ReceiveTurnAsync())[^1].GetProperty("type").GetString()!);
        Assert.Equal((1, 0), Loads(server, "a"));
    }

    [Fact]
    public async Task ClientThatLeavesWhileItsModelIsLoaded_IsForgotten()
    {
        var gates = new GatedLoader();
        await using var server = await StartAsync(services => gates.Wrap(services));
        using var gone = new CancellationTokenSource();
        using var request = Request(new { model = "a", input = "x", store = false, stream = true });
        var sent = server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, gone.Token);
        await Soon.UntilAsync(() => Of(server, "a").Waiting == 1);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        await Soon.UntilAsync(() => Of(server, "a").Waiting == 0);
        gates.Open();
        await Soon.UntilAsync(() => Of(server, "a").State == ModelState.Loaded);
        Assert.Equal(0, Of(server, "a").Uses);
    }

    [Fact]
    public async Task Server_StopsWhileAModelIsLoaded()
    {
        var gates = new GatedLoader();
        var server = await StartAsync(services => gates.Wrap(services));
        await using var socket = await server.ConnectAsync();
        await socket.SendAsync("""{"type":"response.create","model":"a","store":false,"input":"x"}""");
        await Soon.UntilAsync(() => Of(server, "a").Waiting == 1);
        var stopping = server.StopAsync();
        await Soon.In(stopping); // the drain's time is over, whatever is loaded
        gates.Open();
        await Soon.In(server.DisposeAsync().AsTask());
    }

    [Fact]
    public async Task BrokenModel_IsAnsweredSo_WhileOthersWork()
    {
        var folder = Directory.CreateTempSubdirectory("samovar-broken-"); // 'up' of other tests takes the largest of their folder
        var broken = Path.Combine(folder.FullName, "cut-after-its-head.gguf");
        var bytes = await File.ReadAllBytesAsync(A, Soon.Token);
        await File.WriteAllBytesAsync(broken, bytes, Soon.Token);
        await using var server = await StartAsync(("Models:Served:c:Path", broken));
        await File.WriteAllBytesAsync(broken, bytes[..4096], Soon.Token); // behind the server's back
        var answer = await PostRawAsync(server, new { model = "c", input = "x", store = false, stream = true });
        var said = await answer.Content.ReadAsStringAsync(Soon.Token);
        Assert.Equal((HttpStatusCode)500, answer.StatusCode);
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        Assert.Contains("\"model_load_failed\"", said, StringComparison.Ordinal);
        Assert.DoesNotContain(broken, said, StringComparison.Ordinal);
        Assert.Equal("failed", await StateAsync(server, "c"));
        Assert.NotEqual("", (await SayAsync(server, "a", "x", null)).Id);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task UnknownModel_IsRefused_AndLoadsNothing()
    {
        await using var server = await StartAsync();
        var answer = await PostRawAsync(server, new { model = "z", input = "x", store = false });
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.All(Models(server).All, static model => Assert.Equal(ModelState.Unloaded, model.State));
    }

    [Fact]
    public async Task StoredConversation_IsReadAgain_BeforeItsModelIsLoaded()
    {
        var data = Directory.CreateTempSubdirectory("samovar-models");
        try
        {
            (string, string)[] stored = [("Store:Kind", "sqlite"), ("Server:DataPath", data.FullName)];
            Turn first, warm;
            await using (var server = await StartAsync(stored))
            {
                first = await SayAsync(server, "a", "one", null, store: true);
                warm = await SayAsync(server, "a", "two", first.Id, store: true);
            }
            await using var again = await StartAsync(stored);
            var cold = await SayAsync(again, "a", "two", first.Id, store: true);
            Assert.Equal((warm.Text, warm.Input, 0), (cold.Text, cold.Input, cold.Cached));
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    /// <summary>Turns of two conversations, each with its own model, in turn.</summary>
    private static async Task<List<Turn>> TalkAsync(RunningServer server)
    {
        var turns = new List<Turn>();
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in new[] { "one", "two", "three" })
            foreach (var model in new[] { "a", "b" })
            {
                turns.Add(await SayAsync(server, model, text, ids.GetValueOrDefault(model), store: true));
                ids[model] = turns[^1].Id;
            }
        return turns;
    }

    private static async Task<Turn> SayAsync(RunningServer server, string model, string text, string? previous, bool store = true)
    {
        using var request = Request(new
        {
            model, input = text, previous_response_id = previous, store, temperature = 0, max_output_tokens = 16, stream = true,
        });
        using var answer = await server.Http.SendAsync(request, Soon.Token);
        var said = await answer.Content.ReadAsStringAsync(Soon.Token);
        Assert.True(answer.IsSuccessStatusCode, said);
        var last = said.Split('\n').Last(static line => line.StartsWith("data: {", StringComparison.Ordinal));
        return Turn.Of(JsonDocument.Parse(last[6..]).RootElement.GetProperty("response"));
    }

    private static async Task<JsonElement> PostAsync(RunningServer server, object body)
    {
        for (var late = Soon.Token; ;)
        {
            using var answer = await PostRawAsync(server, body);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable && !late.IsCancellationRequested) continue;
            var said = await answer.Content.ReadAsStringAsync(Soon.Token);
            Assert.True(answer.IsSuccessStatusCode, said);
            return JsonDocument.Parse(said).RootElement;
        }
    }

    private static async Task<HttpResponseMessage> PostRawAsync(RunningServer server, object body)
    {
        using var request = Request(body);
        return await server.Http.SendAsync(request, Soon.Token);
    }

    private static HttpRequestMessage Request(object body) => new(HttpMethod.Post, new Uri("/v1/responses", UriKind.Relative))
    {
        Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
    };

    private static async Task<string?> StateAsync(RunningServer server, string name)
    {
        var health = JsonDocument.Parse(await server.Http.GetStringAsync(new Uri("/health", UriKind.Relative), Soon.Token));
        return health.RootElement.GetProperty("served_models").EnumerateArray()
            .Single(one => one.GetProperty("name").GetString() == name).GetProperty("state").GetString();
    }

    private static async Task<IReadOnlyList<string?>> ListedStatesAsync(RunningServer server)
    {
        var list = JsonDocument.Parse(await server.Http.GetStringAsync(new Uri("/v1/models", UriKind.Relative), Soon.Token));
        return [.. list.RootElement.GetProperty("data").EnumerateArray()
            .Select(static one => one.GetProperty("status").GetProperty("value").GetString())];
    }

    private static LocalModels Models(RunningServer server) => server.Services.GetRequiredService<LocalModels>();

    private static ModelCondition Of(RunningServer server, string name) => Models(server).All.Single(model => model.Name == name);

    private static (long, long) Loads(RunningServer server, string name) => (Of(server, name).Loads, Of(server, name).Unloads);

    /// <summary>Room for one of the two and not for both.</summary>
    private static string OneModel(RunningServer server)
    {
        var (options, loader) = (server.Services.GetRequiredService<ModelsOptions>(), server.Services.GetRequiredService<IModelLoader>());
        Assert.Equal(2, options.Served.Count);
        var bytes = Soon.In(loader.MeasureAsync("a")).GetAwaiter().GetResult();
        return (bytes.Total + (64 << 20)).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static Task<RunningServer> StartAsync(params (string Key, string Value)[] more) => StartAsync(null, more);

    private static Task<RunningServer> StartAsync(Action<IServiceCollection>? configure, params (string Key, string Value)[] more)
    {
        Dictionary<string, string?> settings = new(StringComparer.Ordinal)
        {
            ["Models:Served:a:Path"] = A, ["Models:Served:b:Path"] = B, ["Engine:ContextTokens"] = "2048", ["Engine:Streams"] = "1",
            ["Engine:Threads"] = "1", ["Engine:KvType"] = "f32", ["Models:Served:a:ParkedBytesMax"] = "67108864",
            ["Models:Served:b:ParkedBytesMax"] = "67108864",
        };
        foreach (var (key, value) in more) settings[key] = value;
        return RunningServer.StartAsync(null, settings, configure);
    }

    private sealed record Turn(string Id, string Text, int Input, int Cached)
    {
        public static Turn Of(JsonElement response)
        {
            var usage = response.GetProperty("usage");
            var text = string.Concat(response.GetProperty("output").EnumerateArray()
                .Where(static item => item.GetProperty("type").GetString() == "message")
                .SelectMany(static item => item.GetProperty("content").EnumerateArray())
                .Select(static part => part.GetProperty("text").GetString()));
            return new Turn(response.GetProperty("id").GetString()!, text, usage.GetProperty("input_tokens").GetInt32(),
                usage.GetProperty("input_tokens_details").GetProperty("cached_tokens").GetInt32());
        }
    }
}
