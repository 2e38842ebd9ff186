using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Samovar.Testing.Upstreams;

/// <summary>
/// A real server on a port of its own that plays one account of an upstream, in all protocols, and misbehaves on request.
/// </summary>
internal sealed class FakeUpstream : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<FakeFault> _faults = new();
    private readonly CancellationTokenSource _stopping = new();

    private FakeUpstream(WebApplication application, string name)
    {
        (_application, Name) = (application, name);
        Responses = new FakeResponses(this);
    }

    public string Name { get; }
    public string BaseUrl { get; private set; } = "";
    public ConcurrentQueue<FakeRequest> Requests { get; } = new();
    public FakeCache Cache { get; } = new();
    public FakeResponses Responses { get; }

    /// <summary>Ends every hang.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Answers upgrades with this status instead of 101.</summary>
    public int? RefuseUpgrade { get; set; }

    public int UpgradesRefused { get; set; }

    /// <summary>What it says then: a page, or nothing.</summary>
    public string RefusedWith { get; set; } = "";
    public bool IsHealthy { get; set; } = true;

    /// <summary>Says of itself that it takes bare frames.</summary>
    public bool IsSamovar { get; set; }

    /// <summary>What it answers to every turn, byte for byte; null lets it play its protocol.</summary>
    public RawAnswer? Raw { get; set; }

    /// <summary>A rule of its own for requests of the Messages API: what it says of one that breaks it, else null.</summary>
    public Func<FakeRequest, string?>? Rule { get; set; }

    /// <summary>How it answers the question for its models; null: it knows no such path.</summary>
    public RequestDelegate? Models { get; set; }

    /// <summary>Headers of its every answer.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; set; } = [];

    /// <summary>Reached while a turn waits in it; the test opens it.</summary>
    public SemaphoreSlim? Gate { get; set; }

    public static async Task<FakeUpstream> StartAsync(string name, params FakeFault[] faults)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        var upstream = new FakeUpstream(application, name);
        foreach (var fault in faults) upstream._faults.Enqueue(fault);
        application.UseWebSockets();
        application.Use((context, next) =>
        {
            foreach (var (name, value) in upstream.Headers) context.Response.Headers[name] = value;
            return next(context);
        });
        application.MapGet("/health", () => upstream.IsHealthy ? Results.Ok() : Results.StatusCode(503));
        application.MapGet("/v1/models", context => upstream.Models is { } models ? models(context)
            : Task.FromResult(context.Response.StatusCode = StatusCodes.Status404NotFound));
        application.Map("/v1/responses", upstream.Responses.HandleAsync);
        application.MapPost("/v1/responses/input_tokens", upstream.Responses.CountAsync);
        application.Use((context, next) => upstream.Raw is { } raw && HttpMethods.IsPost(context.Request.Method)
            ? raw.WriteAsync(upstream, context) : next(context));
        application.MapPost("/v1/chat/completions", context => new FakeChat(upstream).HandleAsync(context));
        application.MapPost("/v1/messages/count_tokens", context => new FakeMessages(upstream).CountAsync(context));
        application.MapPost("/v1/messages", context => new FakeMessages(upstream).HandleAsync(context));
        await application.StartAsync();
        upstream.BaseUrl = application.Urls.First() + "/v1";
        return upstream;
    }

    /// <summary>Settings of a server that has this one upstream.</summary>
    public Dictionary<string, string?> Settings(string kind) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["Upstream:Pools:0:Name"] = "p",
        ["Upstream:Pools:0:Destinations:0:Name"] = Name,
        ["Upstream:Pools:0:Destinations:0:Kind"] = kind,
        ["Upstream:Pools:0:Destinations:0:BaseUrl"] = BaseUrl,
        ["Upstream:Pools:0:Destinations:0:Models:0"] = "m=fake-model",
    };

    public void Next(FakeFault fault) => _faults.Enqueue(fault);

    public FakeFault TakeFault() => _faults.TryDequeue(out var fault) ? fault : FakeFault.None;

    public async Task<FakeRequest> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        return Seen(body.ToArray(), context, -1);
    }

    public FakeRequest Seen(byte[] body, HttpContext context, int connection)
    {
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(),
            StringComparer.OrdinalIgnoreCase);
        var request = new FakeRequest(body, headers, connection);
        Requests.Enqueue(request);
        return request;
    }

    public async Task PassGateAsync()
    {
        if (Gate is { } gate) await gate.WaitAsync(Stopping);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(deadline.Token);
        await _application.DisposeAsync();
        Responses.Dispose();
        _stopping.Dispose();
    }
}
