using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends;
using Samovar.Backends.Embedded;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>One turn as a test sees it.</summary>
internal sealed record BackendAnswer(IReadOnlyList<BackendEvent> Events, BackendEvent.Finished Finished, ChainNode Node)
{
    public IReadOnlyList<Item> Items => Node.Output;
    public EmbeddedState State => (EmbeddedState)Finished.State!;

    /// <summary>Deltas of the items of one kind, put together.</summary>
    public string Text<T>() where T : BackendEvent
    {
        var text = new System.Text.StringBuilder();
        var inside = false;
        foreach (var seen in Events)
        {
            if (seen is T) inside = true;
            if (seen is BackendEvent.ItemDone) inside = false;
            if (inside && seen is BackendEvent.Delta delta) text.Append(delta.Text);
        }
        return text.ToString();
    }
}

/// <summary>A backend on a fake engine, and chains as the core would build them.</summary>
internal sealed class Talk(Family family, EmbeddedOptions? options = null, TimeProvider? time = null)
{
    private int _turns;

    public FakeEngine Engine { get; } = family.Engine();

    /// <summary>Behind which event its turns shall end; null for none.</summary>
    public Func<BackendEvent, bool>? EndsEarlyAt { get; set; }
    public FakeTokenizer Tokenizer => (FakeTokenizer)Engine.Tokenizer;

    public EmbeddedBackend Backend => field ??= new EmbeddedBackend(
        Engine, options ?? new EmbeddedOptions(), time ?? TimeProvider.System, new IdSource(), NullLogger<EmbeddedBackend>.Instance);

    public static object User(string text) => new { role = "user", content = text };

    public static object Developer(string text) => new { role = "developer", content = text };

    public static object Output(string callId, string text) => new { type = "function_call_output", call_id = callId, output = text };

    /// <summary>The function whose calls may wait.</summary>
    public const string Asynchronous = "look_later";

    public static object Function(string name) => new
    {
        type = "function", name, description = "Does it.", async = name == Asynchronous,
            parameters = new { type = "object", properties = new { a = new { type = "number" } } },
    };

    public static CreateRequest Request(object body) =>
        CreateRequestReader.Read(JsonSerializer.SerializeToUtf8Bytes(body), CreateRequestOrigin.Http, ProtocolLimits.Default);

    /// <summary>On a model with so small a context.</summary>
    public Talk Holding(int contextTokens)
    {
        Engine.Model = Engine.Model with { ContextTokens = contextTokens };
        return this;
    }

    /// <summary>Says this next, as the family writes it.</summary>
    public Talk Says(string text, string? endsWith = null)
    {
        Engine.Says = _ => text;
        Engine.EndsWith = endsWith ?? family.EndsWith;
        return this;
    }

    public Talk SaysCalls(params (string Name, string Arguments)[] calls) => Says(family.Calls(calls), family.CallsEndWith);

    /// <param name="inputStart">Where the new items stood in a resent history; 0: the parent was named.</param>
    public BackendTurn Turn(ChainNode? parent, CreateRequest request, int inputStart = 0) => new()
    {
        Tenant = TenantId.Local, Id = new ResponseId($"resp_{++_turns}"), Request = request,
        Context = new TurnContext(parent, request.Input) { InputStart = inputStart },
        Instructions = request.Instructions, Tools = request.Tools ?? ToolList.Empty,
        Comparison = Chain(parent).FirstOrDefault(node => node.Id == request.CacheComparison),
    };

    private static IEnumerable<ChainNode> Chain(ChainNode? newest)
    {
        for (var node = newest; node is not null; node = node.Parent) yield return node;
    }

    public Task<BackendAnswer> AskAsync(ChainNode? parent, object body, int inputStart = 0) => AskAsync(parent, Request(body), inputStart);

    public async Task<BackendAnswer> AskAsync(
        ChainNode? parent, CreateRequest request, int inputStart = 0, ChainNode? comparison = null, CancellationToken cancelled = default)
    {
        var turn = Turn(parent, request, inputStart);
        if (comparison is not null) turn = turn with { Comparison = comparison };
        using var ends = new CancellationTokenSource();
        if (EndsEarlyAt is not null) turn = turn with { EndsEarly = ends.Token };
        var events = new List<BackendEvent>();
        await foreach (var seen in Backend.RunAsync(turn, cancelled))
        {
            events.Add(seen);
            if (EndsEarlyAt?.Invoke(seen) == true) ends.Cancel();
        }
        Assert.IsType<BackendEvent.Accepted>(events[0]);
        var finished = Assert.IsType<BackendEvent.Finished>(events[^1]);
        return new BackendAnswer(events, finished, Node(turn, Fold.Items(events), finished.State));
    }

    public static ChainNode Node(BackendTurn turn, IReadOnlyList<Item> output, BackendState? state) => new()
    {
        Tenant = turn.Tenant, Id = turn.Id, Parent = turn.Context.Parent, Input = turn.Context.Input, State = state, Bytes = 0,
        Response = new Response
        {
            Id = turn.Id, CreatedAt = default, Status = ResponseStatus.Completed, Model = "fake", Request = turn.Request, Output = output,
        },
    };

    /// <summary>The same chain as if the server had forgotten all but the items.</summary>
    public static ChainNode? Cold(ChainNode? node) => node is null ? null : new ChainNode
    {
        Tenant = node.Tenant, Id = node.Id, Parent = Cold(node.Parent), Input = node.Input, Response = node.Response, Bytes = node.Bytes,
    };

    public PromptPlan Plan(ChainNode? parent, object body) =>
        Backend.Model.Planner.Plan(Turn(parent, Request(body)), CancellationToken.None);

    public string Text(PromptPlan plan) => Tokenizer.Text(plan.Path.ToArray());
}

/// <summary>Items of a turn's events, as the core folds them.</summary>
internal static class Fold
{
    public static IReadOnlyList<Item> Items(IEnumerable<BackendEvent> events)
    {
        var items = new List<Item>();
        Func<string, object>? open = null;
        var text = new System.Text.StringBuilder();
        foreach (var seen in events)
        {
            switch (seen)
            {
                case BackendEvent.MessageStarted:
                    open = said => new { type = "message", role = "assistant",
                        content = new[] { new { type = "output_text", text = said } } };
                    break;
                case BackendEvent.ReasoningStarted:
                    open = said => new { type = "reasoning", summary = Array.Empty<object>(),
                        content = new[] { new { type = "reasoning_text", text = said } } };
                    break;
                case BackendEvent.FunctionCallStarted call:
                    open = said => new { type = "function_call", call_id = call.CallId, name = call.Name, @namespace = call.Namespace,
                        arguments = said, async = call.Name == Talk.Asynchronous ? true : (bool?)null };
                    break;
                case BackendEvent.CustomCallStarted call:
                    open = said => new { type = "custom_tool_call", call_id = call.CallId, name = call.Name, @namespace = call.Namespace,
                        input = said };
                    break;
                case BackendEvent.Delta delta:
                    Assert.NotNull(open);
                    text.Append(delta.Text);
                    break;
                case BackendEvent.ItemDone or BackendEvent.Finished when open is not null: // an item that is cut off ends with its turn
                    items.Add(ItemReader.Read(JsonSerializer.SerializeToUtf8Bytes(open!(text.ToString()), Plain), ProtocolLimits.Default));
                    (open, _) = (null, text.Clear());
                    break;
            }
        }
        Assert.Null(open);
        return items;
    }

    private static readonly JsonSerializerOptions Plain = new()
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };
}
