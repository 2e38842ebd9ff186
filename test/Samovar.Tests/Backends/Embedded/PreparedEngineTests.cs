using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends;
using Samovar.Backends.Embedded;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Testing;
using Samovar.Testing.Models;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Histories that are prepared on libllama itself, for a template that drops earlier thoughts.</summary>
public sealed class PreparedEngineTests : IAsyncLifetime
{
    private const int NewTokens = 60; // a question, and what the template writes around it
    private static readonly TimeSpan After = new EmbeddedOptions().PrepareAfter;
    private static readonly object[] Tools = [Talk.Function("find")];
    private static readonly object Format = new // a random model ends only where a grammar says so
    {
        format = new
        {
            type = "json_schema", name = "answer", strict = true,
            schema = new
            {
                type = "object", properties = new { ok = new { type = "boolean" } }, required = new[] { "ok" },
                additionalProperties = false,
            },
        },
    };

    // "<" has the token of its byte
    private static readonly Dictionary<string, int> NoThought = new() { ["60"] = -100 };

    private readonly ManualTime _time = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-prepared-");
    private LlamaEngine _engine = null!;
    private EmbeddedBackend _backend = null!;
    private int _turns;

    public ValueTask InitializeAsync()
    {
        var path = RandomModel.Ensure(Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.F32);
        var template = Path.Combine(_folder.FullName, "template.jinja");
        File.WriteAllText(template, Families.Reasoning.Template);
        _engine = LlamaEngine.Load(
            new EngineOptions { ModelPath = path, ContextTokens = 8192, Streams = 2, Threads = 1, KvType = "f32", BatchTokens = 32 },
            TimeProvider.System);
        _backend = new EmbeddedBackend(_engine, new EmbeddedOptions { TemplatePath = template, PreparationsMax = 3 }, _time, new IdSource(),
            NullLogger<EmbeddedBackend>.Instance);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();
        await _engine.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task NextQuestion_ComputesLittle_AndHasTheTokensOfAColdOne()
    {
        var (first, node) = await AskAsync(null, History("one"));
        State(node).Kept(node);
        await PreparedAsync(node);
        var computed = _engine.Counters.BackgroundTokens;
        Assert.InRange(computed, 100, first.Usage!.InputTokens);
        var (next, answered) = await AskAsync(node, [Talk.User("and now?")]);
        Assert.InRange(next.Usage!.InputTokens - next.Usage.CachedTokens, 1, NewTokens);
        AssertCold(answered);
        Assert.Equal(computed, _engine.Counters.BackgroundTokens);
    }

    [Fact]
    public async Task TurnInTheMiddle_HasTheEngine_AndThePreparationGoesOnBehindIt()
    {
        var (_, node) = await AskAsync(null, History("one", 8));
        State(node).Kept(node);
        await Until(() => _engine.Counters.BackgroundTokens > 0);
        await AskAsync(null, [Talk.User("somebody else's")]);
        await PreparedAsync(node);
        var (next, answered) = await AskAsync(node, [Talk.User("and now?")]);
        Assert.InRange(next.Usage!.InputTokens - next.Usage.CachedTokens, 1, NewTokens);
        AssertCold(answered);
    }

    [Fact]
    public async Task QuestionInTheMiddle_GoesOnFromWhatIsThere_AndNothingMoreIsPreparedForIt()
    {
        var (_, node) = await AskAsync(null, History("one", 8));
        State(node).Kept(node);
        await Until(() => _engine.Counters.BackgroundTokens > 0);
        var (next, answered) = await AskAsync(node, [Talk.User("and now?")]);
        AssertCold(answered);
        var done = _engine.Counters.BackgroundTokens;
        Assert.True(next.Usage!.CachedTokens >= done, "What was computed in the background was computed again.");
        var (_, other) = await AskAsync(null, History("other"));
        State(other).Kept(other);
        await PreparedAsync(other);
        Assert.Equal(0, State(node).PreparedTokens);
        Assert.InRange(_engine.Counters.BackgroundTokens - done, 1, State(other).PreparedTokens);
    }

    [Fact]
    public async Task SeveralConversations_ArePreparedWhileThereIsRoom_TheOldestLeftOut()
    {
        var nodes = new List<ChainNode>();
        for (var talk = 0; talk < 5; talk++)
        {
            var (_, node) = await AskAsync(null, History("talk" + talk));
            nodes.Add(node);
            State(node).Kept(node);
        }
        await PreparedAsync(nodes[2]);
        Assert.Equal([false, false, true, true, true], nodes.Select(node => State(node).PreparedTokens > 0));
        foreach (var node in nodes)
        {
            var (next, answered) = await AskAsync(node, [Talk.User("and now?")]);
            AssertCold(answered);
            if (nodes.IndexOf(node) >= 2) Assert.InRange(next.Usage!.InputTokens - next.Usage.CachedTokens, 1, NewTokens);
            State(answered).Release();
            State(node).Release();
        }
        Assert.InRange(_engine.Counters.ParkedBytes, 0, _engine.Counters.ParkedBytesMax);
    }

    private static EmbeddedState State(ChainNode node) => (EmbeddedState)node.State!;

    private Task PreparedAsync(ChainNode node) => Until(() => State(node).PreparedTokens > 0);

    private Task Until(Func<bool> isSo) => Soon.UntilAsync(() =>
    {
        if (_time.Armed > 0) _time.Advance(After); // not while it renders: a render has so much time
        return isSo();
    });

    /// <summary>The prompt's tokens are those of a server that never saw the conversation.</summary>
    private void AssertCold(ChainNode answered)
    {
        var turn = Turn(Talk.Cold(answered.Parent), answered.Response.Request);
        var cold = _backend.Model.Planner.Plan(turn, TestContext.Current.CancellationToken);
        Assert.Equal(cold.Path.ToArray(), State(answered).Path.ToArray().Take(State(answered).PromptTokens));
    }

    /// <summary>A question, calls with thoughts, and their outputs.</summary>
    private static object[] History(string name, int calls = 6) =>
    [
        Talk.User("go " + name),
        .. Enumerable.Range(0, calls).SelectMany(at => new object[]
        {
            new
            {
                type = "reasoning", summary = Array.Empty<object>(),
                content = new[] { new { type = "reasoning_text", text = $"thought {at} of {name}" } },
            },
            new { type = "function_call", call_id = $"call_{name}_{at}", name = "find", arguments = $"{{\"a\": {at}}}" },
            Talk.Output($"call_{name}_{at}", $"{name} {at} {new string('o', 60)}"),
        }),
    ];

    private BackendTurn Turn(ChainNode? parent, CreateRequest request) => new()
    {
        Tenant = TenantId.Local, Id = new ResponseId($"resp_{++_turns}"), Context = new TurnContext(parent, request.Input),
        Request = request, Instructions = request.Instructions, Tools = request.Tools ?? ToolList.Empty,
    };

    private async Task<(BackendEvent.Finished Finished, ChainNode Node)> AskAsync(ChainNode? parent, object[] input)
    {
        var turn = Turn(parent, Talk.Request(new
        {
            input, tools = Tools, tool_choice = "none", text = Format, seed = 5, logit_bias = NoThought,
        }));
        var events = new List<BackendEvent>();
        await foreach (var seen in _backend.RunAsync(turn, TestContext.Current.CancellationToken)) events.Add(seen);
        var finished = Assert.IsType<BackendEvent.Finished>(events[^1]);
        return (finished, Talk.Node(turn, Fold.Items(events), finished.State));
    }
}
