using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends.Embedded;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Testing.Core;
using Samovar.Testing.Models;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>A client that resends everything, on libllama itself: it pays for what is new, and hears what it would hear cold.</summary>
public sealed class StatelessEngineTests : IAsyncLifetime
{
    private const int Steps = 6;

    private const string Settings = """
        {"store":false,"temperature":0,
        "tools":[{"type":"function","name":"look","parameters":{"type":"object","properties":{"at":{"type":"string"}}}}]}
        """;

    private string _folder = "";
    private LlamaEngine _engine = null!;
    private EmbeddedBackend _backend = null!;

    public ValueTask InitializeAsync()
    {
        _folder = Directory.CreateTempSubdirectory("samovar-stateless-").FullName;
        var path = Path.Combine(_folder, "obedient.gguf");
        ObedientModel.WriteShellLoop(path, "look", "at", "the next one", "step-6", "ALL SEEN", areFound: true);
        _engine = LlamaEngine.Load(
            new EngineOptions { ModelPath = path, ContextTokens = 4096, Streams = 2, Threads = 1, KvType = "f32" }, TimeProvider.System);
        _backend = new EmbeddedBackend(_engine, new EmbeddedOptions(), TimeProvider.System, new IdSource(),
            NullLogger<EmbeddedBackend>.Instance);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task AgentLoop_PrefillsWhatIsNew_AndSaysWhatItWouldSayCold()
    {
        using var house = new CoreHouse(backends: _ => [_backend]);
        var talk = new StatelessTalk(Rewriting.Bare)
        {
            Settings = (JsonObject)JsonNode.Parse(Settings)!,
        };
        var request = talk.Ask("Look at everything.");
        var had = 0;
        for (var turn = 0; turn <= Steps; turn++)
        {
            var warm = await TurnAsync(house, request, TenantId.Local);
            var cold = await TurnAsync(house, request, new TenantId($"cold-{turn}")); // nobody's state is another's
            Assert.Equal(Words(cold), Words(warm));
            var (input, cached, output) = Usage(warm);
            Assert.Equal((input, 0), (Usage(cold).Input, Usage(cold).Cached));
            // of what the chain had, only the newest token was never computed
            if (turn > 0) Assert.Equal(had - 1, cached);
            had = input + output;
            talk.Learn(warm);
            if (turn < Steps) request = talk.Answer($"step-{turn + 1}");
        }
        Assert.Equal("ALL SEEN", talk.Items[^1]["content"]![0]!["text"]!.GetValue<string>());
        Assert.Equal(Steps, house.Requests.Records.Count(record => record.Matched == "content"));
        // and none of the history was rendered, but for the last output: the template looks for it, as nobody's proof foresaw
        Assert.Equal(Steps - 1, _backend.Model.Planner.Counts.Incremental);
    }

    /// <summary>What was computed is what the model wrote: a client's own way to write the call does not take it away.</summary>
    [Fact]
    public async Task CallsWrittenInAnotherWay_KeepWhatWasComputed()
    {
        using var house = new CoreHouse(backends: _ => [_backend]);
        var talk = new StatelessTalk(Rewriting.Respelled) { Settings = (JsonObject)JsonNode.Parse(Settings)! };
        var request = talk.Ask("Look at everything.");
        var had = 0;
        for (var turn = 0; turn <= Steps; turn++)
        {
            var seen = await TurnAsync(house, request, TenantId.Local);
            var (input, cached, output) = Usage(seen);
            if (turn > 0) Assert.Equal(had - 1, cached);
            had = input + output;
            talk.Learn(seen);
            if (turn < Steps) request = talk.Answer($"step-{turn + 1}");
        }
        Assert.Equal(Steps, house.Requests.Records.Count(record => record.Matched == "content"));
    }

    private static async Task<SeenEvents> TurnAsync(CoreHouse house, CreateRequest request, TenantId tenant)
    {
        var turn = house.Begin(request, tenant, CancellationToken.None);
        var seen = await SeenEvents.ReadAsync(await turn.Began, TestContext.Current.CancellationToken);
        await turn.Ended;
        return seen;
    }

    private static string Words(SeenEvents seen) => string.Join('\n', seen.Output.Select(item =>
        item.TryGetProperty("arguments", out var arguments) ? arguments.GetString() : item.GetProperty("content").GetRawText()));

    private static (int Input, int Cached, int Output) Usage(SeenEvents seen)
    {
        var usage = seen.Last.GetProperty("usage");
        return (Number(usage, "input_tokens"), Number(usage.GetProperty("input_tokens_details"), "cached_tokens"),
            Number(usage, "output_tokens"));
    }

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();
}
