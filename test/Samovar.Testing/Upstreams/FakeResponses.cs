using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Samovar.Testing.Upstreams;

/// <summary>
/// The Responses API of a fake: stored responses by id, unstored ones on their socket only (the newest), nothing shared with other
/// accounts.
/// </summary>
internal sealed class FakeResponses(FakeUpstream upstream) : IDisposable
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _stored = new(StringComparer.Ordinal);
    private CancellationTokenSource _allSockets = new();
    private static readonly string Arguments = JsonSerializer.Serialize(FakeMind.ToolArguments);
    private int _ids;
    private int _connections;

    public int Connections => _connections;

    /// <summary>What was in its context at each request, whether it was sent whole or continued.</summary>
    public ConcurrentQueue<IReadOnlyList<string>> Contexts { get; } = new();

    /// <summary>Output items without ids and states, as small servers send them.</summary>
    public bool IsBare { get; set; }

    /// <summary>
    /// The type of an item that follows its answer and that only it can open: <c>reasoning</c>, <c>compaction</c>. It refuses others' ones.
    /// </summary>
    public string? Seals { get; set; }

    /// <summary>
    /// What it makes of a <c>compaction_trigger</c>: one sealed item, an answer as if it had not been there, or (null) 400 for an item that
    /// it does not know.
    /// </summary>
    public bool? Compacts { get; set; }

    /// <summary>What it answers over HTTP to requests that go on from a response; null: it goes on.</summary>
    public (int Status, string Json)? ChainRefusal { get; set; }

    /// <summary>What it says of frames that name a lane; null: it takes no notice of that.</summary>
    public string? LaneRefusal { get; set; }

    /// <summary>Whether it answers how long an input is, as not all do.</summary>
    public bool Counts { get; set; } = true;

    public async Task CountAsync(HttpContext context)
    {
        var request = await upstream.ReadAsync(context);
        if (!Counts)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var tokens = FakeMind.Texts(request.Json.GetProperty("input")).Sum(text => text.Length);
        await context.Response.WriteAsync($$"""{"object":"response.input_tokens","input_tokens":{{tokens}}}""");
    }

    /// <summary>Ends every open socket, as a restart would.</summary>
    public async Task DropSocketsAsync()
    {
        using var before = Interlocked.Exchange(ref _allSockets, new CancellationTokenSource());
        await before.CancelAsync();
    }

    public void Dispose() => _allSockets.Dispose();

    public Task HandleAsync(HttpContext context) =>
        context.WebSockets.IsWebSocketRequest ? HandleSocketAsync(context) : HandleHttpAsync(context);

    private async Task HandleHttpAsync(HttpContext context)
    {
        var request = await upstream.ReadAsync(context);
        var fault = upstream.TakeFault();
        if (await FakeRefusal.WriteAsync(context, fault)) return;
        if (IsSealedElsewhere(request) || !KnowsItems(request))
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync(KnowsItems(request) ? NotOurs : NoSuchItem);
            return;
        }
        var parent = request.PreviousResponseId;
        if (parent is not null && ChainRefusal is var (status, refusal))
        {
            upstream.UpgradesRefused++;
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(refusal.Replace("{id}", parent, StringComparison.Ordinal));
            return;
        }
        if (parent is not null && (fault == FakeFault.ParentForgotten || !_stored.ContainsKey(parent)))
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync(NotFound(parent));
            return;
        }
        var seen = (parent is null ? [] : _stored[parent]).Concat(FakeMind.Texts(request.Json.GetProperty("input")));
        if (await FakeRefusal.WriteAsync(context, HistoryRules.OfResponses(seen))) return;
        context.Response.ContentType = "text/event-stream";
        var (id, context2, phases) = Answer(request, parent is null ? [] : _stored[parent]);
        if (await new FakeStream.Sse(context, namesEvents: true).PlayAsync(upstream, fault, phases) && IsStored(request)) _stored[id] =
            context2;
    }

    private async Task HandleSocketAsync(HttpContext context)
    {
        if (upstream.RefuseUpgrade is { } status)
        {
            upstream.UpgradesRefused++;
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(upstream.RefusedWith);
            return;
        }
        if (upstream.IsSamovar) context.Response.Headers["x-samovar"] = "1";
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var connection = Interlocked.Increment(ref _connections);
        var newest = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        using var drop = _allSockets.Token.Register(context.Abort);
        try
        {
            while (await ReceiveAsync(socket) is { } body
                && await AnswerFrameAsync(upstream.Seen(body, context, connection), context, socket, newest))
            {
                // the next frame
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            // the client has gone
        }
    }

    private async Task<bool> AnswerFrameAsync(FakeRequest request, HttpContext context, WebSocket socket, Dictionary<string,
        IReadOnlyList<string>> newest)
    {
        var fault = upstream.TakeFault();
        var stream = new FakeStream.Socket(context, socket);
        if (FakeRefusal.Of(fault) is var (_, refusal))
        {
            await stream.WriteAsync(refusal);
            return true;
        }
        if (LaneRefusal is { } noLane && request.Json.TryGetProperty("stream_id", out _))
        {
            await stream.WriteAsync(noLane);
            return true;
        }
        if (IsSealedElsewhere(request) || !KnowsItems(request))
        {
            await stream.WriteAsync(KnowsItems(request) ? NotOurs : NoSuchItem);
            return true;
        }
        IReadOnlyList<string> before = [];
        if (request.PreviousResponseId is { } parent)
        {
            var found = newest.TryGetValue(parent, out var own) ? own : _stored.GetValueOrDefault(parent);
            if (found is null || fault == FakeFault.ParentForgotten)
            {
                newest.Clear();
                await stream.WriteAsync(NotFound(parent));
                return true;
            }
            before = found;
        }
        newest.Clear();
        var (id, after, phases) = Answer(request, before);
        if (!await stream.PlayAsync(upstream, fault, phases)) return !context.RequestAborted.IsCancellationRequested;
        newest[id] = after;
        if (IsStored(request)) _stored[id] = after;
        return true;
    }

    private (string Id, IReadOnlyList<string> Context, FakePhases Phases) Answer(FakeRequest request, IReadOnlyList<string> before)
    {
        List<string> seen = [.. before, .. FakeMind.Texts(request.Json.GetProperty("input"))];
        Contexts.Enqueue(seen);
        var isWarmUp = request.Json.TryGetProperty("generate", out var generate) && !generate.GetBoolean();
        var number = Interlocked.Increment(ref _ids);
        var (id, itemId) = ($"resp_{upstream.Name}_{number}", $"_{upstream.Name}_{number}");
        var thought = FakeMind.Think(seen, FirstTool(request.Json));
        var model = request.Json.GetProperty("model").GetString();
        var compacts = Compacts == true && IsTriggered(request);
        var item = isWarmUp || compacts ? null : Item(thought, itemId);
        var seal = compacts ? Sealed("compaction", number) : Seals is null || isWarmUp ? null : Sealed(Seals, number);
        var output = string.Join(',', new[] { item, seal }.OfType<string>());
        var cached = upstream.Cache.CachedCharacters(seen);
        var usage = $$$"""{"input_tokens":{{{seen.Sum(text => text.Length)}}},"input_tokens_details":{"cached_tokens":{{{cached}}}}""" +
            $$$""","output_tokens":5,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":0}""";
        var phases = new FakePhases(
            [$$$"""{"type":"response.created","sequence_number":0,"response":""" +
                $$$"""{"id":"{{{id}}}","object":"response","status":"in_progress","model":"{{{model}}}","output":[]}}"""],
            item is null ? [] : Begin(thought, item, itemId),
            [
                .. Done(item, 0),
                .. Done(seal, item is null ? 0 : 1),
            ],
            [$$$"""{"type":"response.completed","sequence_number":6,"response":""" +
                $$$"""{"id":"{{{id}}}","status":"completed","model":"{{{model}}}","output":[{{{output}}}],"usage":{{{usage}}}}}"""],
            $$$$"""{"type":"response.failed","sequence_number":7,"response":{"id":"{{{{id}}}}","status":"failed","error":""" +
                $$$$"""{"code":"server_error","message":"It broke."}}}""");
        return (id, [.. seen, .. new[] { item, seal }.OfType<string>()], phases);
    }

    private static IEnumerable<string> Done(string? item, int index) => item is null ? []
        : [$$$"""{"type":"response.output_item.done","sequence_number":5,"output_index":{{{index}}},"item":{{{item}}}}"""];

    private string Sealed(string type, int number) =>
        $$"""{"id":"sl_{{number}}","type":"{{type}}","summary":[],"encrypted_content":"sealed by {{upstream.Name}} {{number}}"}""";

    private static bool IsTriggered(FakeRequest request) =>
        FakeMind.Texts(request.Json.GetProperty("input")) is [.., var last]
            && last.Contains("\"compaction_trigger\"", StringComparison.Ordinal);

    private bool KnowsItems(FakeRequest request) =>
        Compacts is not null || !(IsTriggered(request) || request.Json.TryGetProperty("context_management", out _));

    private bool IsSealedElsewhere(FakeRequest request) => request.Json.GetProperty("input").EnumerateArray().Any(item =>
        item.TryGetProperty("encrypted_content", out var text)
        && !text.GetString()!.StartsWith($"sealed by {upstream.Name} ", StringComparison.Ordinal));

    private string Item(FakeMind.Answer thought, string itemId)
    {
        var prefix = thought.Text is null ? "fc" : "msg";
        var extra = IsBare ? "" : $"\"id\":\"{prefix}{itemId}\",\"status\":\"completed\",";
        return thought.Text is { } text
            ? "{" + extra + $$""" "type":"message","role":"assistant","content":""" +
                $$"""[{"type":"output_text","text":"{{text}}","annotations":[]}]}"""
            : "{" + extra + $$""" "type":"function_call","call_id":"call{{itemId}}","name":"{{thought.ToolName}}", """
                + $$""" "arguments":{{Arguments}}}""";
    }

    private static List<string> Begin(FakeMind.Answer thought, string item, string itemId) => thought.Text is { } text
        ?
        [
            $$$"""{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":""" +
                $$$"""{"id":"msg{{{itemId}}}","type":"message","role":"assistant","status":"in_progress","content":[]}}""",
            $$$"""{"type":"response.output_text.delta","sequence_number":2,"item_id":"msg{{{itemId}}}","output_index":0""" +
                $$$""","content_index":0,"delta":"{{{text}}}","logprobs":[]}""",
        ]
        :
        [
            $$$"""{"type":"response.output_item.added","sequence_number":1,"output_index":0""" +
                $$$""","item":{{{item.Replace(Arguments, "\"\"", StringComparison.Ordinal)}}}}""",
            $$$"""{"type":"response.function_call_arguments.delta","sequence_number":2,"item_id":"fc{{{itemId}}}","output_index":0""" +
                $$$""","delta":{{{Arguments}}}}""",
        ];

    private static string? FirstTool(JsonElement request) =>
        request.TryGetProperty("tools", out var tools) && tools.GetArrayLength() > 0 && tools[0].TryGetProperty("name", out var name)
            ? name.GetString() : null;

    private static bool IsStored(FakeRequest request) => !request.Json.TryGetProperty("store", out var store) || store.GetBoolean();

    private const string NoSuchItem = """{"type":"error","status":400,"error":{"type":"invalid_request_error",""" +
        """ "code":"invalid_value","message":"Neither 'compaction_trigger' nor 'context_management' is known."}}""";

    private const string NotOurs = """{"type":"error","status":400,"error":{"type":"invalid_request_error",""" +
        """ "code":"invalid_encrypted_content","message":"The encrypted content could not be verified."}}""";

    private static string NotFound(string id) =>
        $$$"""{"type":"error","status":400,"error":""" +
            $$$"""{"type":"invalid_request_error","code":"previous_response_not_found",""" +
            $$$""" "message":"Previous response '{{{id}}}' not found.","param":"x"}}""";

    private static async Task<byte[]?> ReceiveAsync(WebSocket socket)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close) return null;
            message.Write(buffer, 0, received.Count);
            if (received.EndOfMessage) return message.ToArray();
        }
    }
}
