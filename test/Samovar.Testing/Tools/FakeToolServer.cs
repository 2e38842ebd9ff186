using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;

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

/// <summary>An MCP server on a free loopback port, as the library makes one.</summary>
public sealed class FakeToolServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _lists;

    private FakeToolServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.First() + "/mcp";

    /// <summary>How often its tools were asked for.</summary>
    public int Lists => Volatile.Read(ref _lists);

    /// <summary>Calls that came, as <c>name arguments</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>The headers of all requests, as <c>name: value</c>.</summary>
    public ConcurrentBag<string> Headers { get; } = [];

    /// <summary>Ends when a call was cancelled.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a call has come.</summary>
    public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static async Task<FakeToolServer> StartAsync(params FakeTool[] tools)
    {
        FakeToolServer? server = null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMcpServer().WithHttpTransport()
            .WithListToolsHandler((_, _) => new(server!.List(tools)))
            .WithCallToolHandler(async (context, cancelled) => await server!.CallAsync(tools, context.Params!, cancelled));
        var app = builder.Build();
        server = new FakeToolServer(app);
        app.Use((HttpContext context, RequestDelegate next) =>
        {
            foreach (var (name, value) in context.Request.Headers) server.Headers.Add($"{name}: {value}");
            return next(context);
        });
        app.MapMcp("/mcp");
        await app.StartAsync();
        return server;
    }

    private ListToolsResult List(FakeTool[] tools)
    {
        Interlocked.Increment(ref _lists);
        return new ListToolsResult
        {
            Tools =
            [
                .. tools.Select(static tool => new Tool
                {
                    Name = tool.Name, Description = tool.Description, InputSchema = JsonDocument.Parse(tool.Schema).RootElement,
                    Annotations = tool.IsReadOnly is { } isReadOnly ? new ToolAnnotations { ReadOnlyHint = isReadOnly } : null,
                }),
            ],
        };
    }

    private async Task<CallToolResult> CallAsync(FakeTool[] tools, CallToolRequestParams call, CancellationToken cancelled)
    {
        var arguments = JsonSerializer.SerializeToElement(call.Arguments);
        Calls.Enqueue($"{call.Name} {arguments.GetRawText()}");
        Called.TrySetResult();
        try
        {
            return await tools.Single(tool => tool.Name == call.Name).Answer(arguments, cancelled);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            Cancelled.TrySetResult();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
