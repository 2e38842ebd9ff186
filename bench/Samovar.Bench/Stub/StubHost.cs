using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Samovar.Bench.Stub;

/// <summary>
/// The bench's own upstream in a process of its own: one account on bare Kestrel that answers a script at once. It is the second baseline
/// where the Node stub, on one thread, would be the bottleneck, and the one that simulates a prompt cache.
/// </summary>
internal static class StubHost
{
    private const string Counts = "/counts";
    private const string Models = """{"object":"list","data":[{"id":"bench","object":"model","created":0,"owned_by":"bench"}]}""";

    /// <summary>Serves until its standard input ends, so that it does not outlive the bench.</summary>
    /// <param name="port">0 takes a free one.</param>
    public static async Task RunAsync(StubSpeed speed, ReplicaPlan replicas, int port = 0)
    {
        var account = new StubAccount(speed, replicas);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.Services.AddRoutingCore();
        await using var app = builder.Build();
        app.UseWebSockets();
        app.Use((http, next) => CountAsync(http, next, account.Tally));
        Map(app, account);
        await app.StartAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"PORT={new Uri(app.Urls.First()).Port}"));
        while (await Console.In.ReadLineAsync() is not null) { }
        await app.StopAsync(new CancellationToken(canceled: true));
    }

    /// <summary>A connection counts once, with its first request.</summary>
    private static Task CountAsync(HttpContext http, RequestDelegate next, StubTally tally)
    {
        var items = http.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;
        if (http.Request.Path != Counts && items.TryAdd(nameof(StubTally), null)) tally.Connected();
        return next(http);
    }

    private static void Map(IEndpointRouteBuilder app, StubAccount account)
    {
        app.MapGet("/v1/responses", http => new StubSocket(account).RunAsync(http));
        app.MapPost("/v1/responses", http => new StubAnswers(account).ResponsesAsync(http));
        app.MapPost("/v1/chat/completions", http => new StubAnswers(account).ChatAsync(http));
        app.MapGet("/v1/models", http => http.Response.WriteAsync(Models));
        app.MapGet(Counts, http => http.Response.WriteAsJsonAsync(account.Tally.Read()));
    }
}
