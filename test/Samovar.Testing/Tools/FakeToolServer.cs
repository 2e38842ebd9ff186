using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Samovar.Testing.Tools;

/// <summary>What a tool of a fake server answers.</summary>
public delegate Task<CallToolResult> FakeAnswer(JsonElement arguments, CancellationToken cancelled);

/// <summary>A tool of a fake server.</summary>
public sealed record FakeTool(string Name, FakeAnswer Answer)
{
    public string? Description { get; init; } = "A tool.";
    public string Schema { get; init; } = """{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}""";
    public bool? IsReadOnly { get; init; }

    /// <summary>One that says its argument again.</summary>
    public static FakeTool Echo(string name = "echo") =>
        new(name, static (arguments, _) => Task.FromResult(Text("echo " + TextOf(arguments))));

    /// <summary>One that says always the same.</summary>
    public static FakeTool Saying(string name, string text, bool isError = false) =>
        new(name, (_, _) => Task.FromResult(Text(text, isError)));

    public static CallToolResult Text(string text, bool isError = false) =>
        new() { Content = [new TextContentBlock { Text = text }], IsError = isError };

    private static string TextOf(JsonElement arguments) =>
        arguments.ValueKind == JsonValueKind.Object && arguments.TryGetProperty("text", out var text) ? text.ToString() : "nothing";
}

/// <summary>What a fake server is beside its tools.</summary>
public sealed record FakeServerKind
{
    /// <summary>Whether it knows sessions, as servers of the older protocol do; then it says when its list has changed.</summary>
    public bool HasSessions { get; init; }

    /// <summary>Whether it says on a stream that is asked for (<c>subscriptions/listen</c>) when its list has changed.</summary>
    public bool HasSubscriptions { get; init; }

    /// <summary>For how long it says that its list is fresh.</summary>
    public TimeSpan? FreshFor { get; init; }

    /// <summary>Whether it calls a request in a session that it does not know a bad one, and not a lost one.</summary>
    public bool CallsUnknownBad { get; init; }

    /// <summary>Whether it never answers a good-bye.</summary>
    public bool HoldsGoodbyes { get; init; }
}

/// <summary>An MCP server on a free loopback port, as the library makes one.</summary>
public sealed class FakeToolServer : IAsyncDisposable
{
    private const string SessionHeader = "Mcp-Session-Id", MethodHeader = "Mcp-Method";
    private readonly WebApplication _app;
    private readonly FakeServerKind _kind;
    private readonly ConcurrentDictionary<string, bool> _sessions = new(StringComparer.Ordinal); // by id, whether it is forgotten
    private readonly CancellationTokenSource _ends = new();
    private readonly Channel<string> _news = Channel.CreateUnbounded<string>();
    private volatile McpServer? _listener;
    private volatile HttpContext? _newest;
    private int _lists, _hellos, _goodbyes, _unknown;

    private FakeToolServer(WebApplication app, FakeServerKind kind) => (_app, _kind) = (app, kind);

    public string Url => _app.Urls.First() + "/mcp";

    /// <summary>What it offers.</summary>
    public FakeTool[] Tools { get; set; } = [];

    /// <summary>How often its tools were asked for.</summary>
    public int Lists => Volatile.Read(ref _lists);

    /// <summary>How often a client has introduced itself.</summary>
    public int Hellos => Volatile.Read(ref _hellos);

    /// <summary>Sessions that their clients have left.</summary>
    public int Goodbyes => Volatile.Read(ref _goodbyes);

    /// <summary>Calls that came, as <c>name arguments</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>The headers of all requests, as <c>name: value</c>.</summary>
    public ConcurrentBag<string> Headers { get; } = [];

    /// <summary>What the first, the second … question in a forgotten session waits for.</summary>
    public Func<int, Task>? HoldUnknown { get; set; }

    /// <summary>Ends when a call was cancelled.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a call has come.</summary>
    public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when somebody listens for news.</summary>
    public TaskCompletionSource Listening { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static Task<FakeToolServer> StartAsync(params FakeTool[] tools) => StartAsync(new FakeServerKind(), tools);

    public static async Task<FakeToolServer> StartAsync(FakeServerKind kind, params FakeTool[] tools)
    {
        FakeToolServer? server = null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var services = builder.Services
            .AddMcpServer(options =>
                options.Capabilities = new() { Tools = new() { ListChanged = kind.HasSessions || kind.HasSubscriptions } })
            .WithHttpTransport(options => options.Stateless = !kind.HasSessions)
            .WithListToolsHandler((context, _) => new(server!.List(context.Server)))
            .WithCallToolHandler(async (context, cancelled) => await server!.CallAsync(context.Params!, cancelled));
        if (kind.HasSubscriptions)
            services.WithSubscriptionsListenHandler(async (context, cancelled) => await server!.ListenAsync(context, cancelled));
        var app = builder.Build();
        server = new FakeToolServer(app, kind) { Tools = tools };
        app.Use((HttpContext context, RequestDelegate next) => server.TakeAsync(context, next));
        app.MapMcp("/mcp");
        await app.StartAsync();
        return server;
    }

    /// <summary>Offers other tools, and says so.</summary>
    public async Task ChangeAsync(params FakeTool[] tools)
    {
        Tools = tools;
        if (_kind.HasSubscriptions) await _news.Writer.WriteAsync(NotificationMethods.ToolListChangedNotification);
        else await _listener!.SendNotificationAsync(NotificationMethods.ToolListChangedNotification, CancellationToken.None);
    }

    /// <summary>Knows none of its sessions any more, as after a restart.</summary>
    public void ForgetSessions()
    {
        foreach (var id in _sessions.Keys) _sessions[id] = true;
    }

    /// <summary>Breaks the connection of the newest request.</summary>
    public void Cut() => _newest!.Abort();

    private async Task TakeAsync(HttpContext context, RequestDelegate next)
    {
        foreach (var (name, value) in context.Request.Headers) Headers.Add($"{name}: {value}");
        var session = context.Request.Headers[SessionHeader].ToString();
        if (session.Length > 0 && _sessions.GetOrAdd(session, false))
        {
            if (HoldUnknown is { } hold && context.Request.Method == HttpMethods.Post)
                await hold(Interlocked.Increment(ref _unknown)).WaitAsync(context.RequestAborted);
            context.Response.StatusCode = _kind.CallsUnknownBad ? StatusCodes.Status400BadRequest : StatusCodes.Status404NotFound;
            if (_kind.CallsUnknownBad)
                await context.Response.WriteAsJsonAsync(new
                {
                    jsonrpc = "2.0", id = "server-error",
                    error = new { code = -32600, message = "Bad Request: No valid session ID provided" },
                });
            return;
        }
        if (context.Request.Method == HttpMethods.Delete) Interlocked.Increment(ref _goodbyes);
        if (context.Request.Method == HttpMethods.Delete && _kind.HoldsGoodbyes)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _ends.Token);
            await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
        if (context.Request.Method == HttpMethods.Get)
            context.Response.OnStarting(() =>
            {
                Listening.TrySetResult();
                return Task.CompletedTask;
            });
        var method = context.Request.Headers[MethodHeader].ToString();
        if (method == (_kind.HasSessions ? "initialize" : "server/discover")) Interlocked.Increment(ref _hellos);
        if (method == "tools/call") _newest = context;
        await next(context);
    }

    /// <summary>What the protocol asks of a server that owns the stream: first what it grants, then the news, each under the
    /// subscription's name.</summary>
    private async Task<EmptyResult> ListenAsync(RequestContext<SubscriptionsListenRequestParams> asked, CancellationToken cancelled)
    {
        var grants = new JsonObject { ["toolsListChanged"] = asked.Params?.Notifications?.ToolsListChanged == true };
        await SayAsync(NotificationMethods.SubscriptionsAcknowledgedNotification, new JsonObject { ["notifications"] = grants });
        Listening.TrySetResult();
        while (true) await SayAsync(await _news.Reader.ReadAsync(cancelled), []);

        Task SayAsync(string method, JsonObject words)
        {
            words["_meta"] = new JsonObject { [MetaKeys.SubscriptionId] = asked.JsonRpcRequest.Id.ToString() };
            return asked.Server.SendMessageAsync(new JsonRpcNotification { Method = method, Params = words }, cancelled);
        }
    }

    private ListToolsResult List(McpServer asked)
    {
        _listener = asked;
        Interlocked.Increment(ref _lists);
        return new ListToolsResult
        {
            TimeToLive = _kind.FreshFor,
            Tools =
            [
                .. Tools.Select(static tool => new Tool
                {
                    Name = tool.Name, Description = tool.Description, InputSchema = JsonDocument.Parse(tool.Schema).RootElement,
                    Annotations = tool.IsReadOnly is { } isReadOnly ? new ToolAnnotations { ReadOnlyHint = isReadOnly } : null,
                }),
            ],
        };
    }

    private async Task<CallToolResult> CallAsync(CallToolRequestParams call, CancellationToken cancelled)
    {
        var arguments = JsonSerializer.SerializeToElement(call.Arguments);
        Calls.Enqueue($"{call.Name} {arguments.GetRawText()}");
        Called.TrySetResult();
        try
        {
            return await Tools.Single(tool => tool.Name == call.Name).Answer(arguments, cancelled);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            Cancelled.TrySetResult();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(2)); // streams of news that nobody has left
        await _app.StopAsync(late.Token);
        await _app.DisposeAsync();
    }
}
