using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
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
    /// <summary>Serves until its standard input ends, so that it does not outlive the bench.</summary>
    public static async Task RunAsync(StubSpeed speed)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        builder.Services.AddRoutingCore();
        await using var app = builder.Build();
        app.UseWebSockets();
        Map(app, new StubAccount(speed));
        await app.StartAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"PORT={new Uri(app.Urls.First()).Port}"));
        while (await Console.In.ReadLineAsync() is not null) { }
        await app.StopAsync(new CancellationToken(canceled: true));
    }

    private static void Map(IEndpointRouteBuilder app, StubAccount account)
    {
        app.MapGet("/v1/responses", http => new StubSocket(account).RunAsync(http));
        app.MapPost("/v1/responses", http => new StubAnswers(account).ResponsesAsync(http));
        app.MapPost("/v1/chat/completions", http => new StubAnswers(account).ChatAsync(http));
        app.MapGet("/counts", http => http.Response.WriteAsJsonAsync(account.Tally.Read()));
    }
}
