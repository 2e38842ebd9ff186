using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Samovar.Bench.Tests;

/// <summary>
/// A gateway as simple ones are: it hands whole contexts on to its upstreams in turn, knows no WebSocket, and says of
/// <c>previous_response_id</c> that it does not have it, or drops it without a word.
/// </summary>
internal sealed class LimitedGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new();
    private readonly List<Uri> _upstreams = [];
    private readonly bool _forgets;
    private int _turns;

    private LimitedGateway(WebApplication app, bool forgets) => (_app, _forgets) = (app, forgets);

    public Uri Address => new(_app.Urls.First() + "/gateway/v1");

    public static async Task<LimitedGateway> StartAsync(bool forgets)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var gateway = new LimitedGateway(builder.Build(), forgets);
        gateway._app.MapPost("/gateway/v1/responses", gateway.ForwardAsync);
        await gateway._app.StartAsync();
        return gateway;
    }

    /// <summary>As its operator does when the upstreams' addresses are printed.</summary>
    public void Configure(string line)
    {
        const string Mark = "upstream for the target: ";
        if (line.StartsWith(Mark, StringComparison.Ordinal)) _upstreams.Add(new Uri(line[Mark.Length..].Split(' ')[0]));
    }

    private async Task ForwardAsync(HttpContext http)
    {
        var body = (await JsonSerializer.DeserializeAsync<JsonObject>(http.Request.Body))!;
        if (http.Request.Headers.Authorization != "Bearer its-key" || http.Request.Headers["x-config"] != """{"a":"b:c"}""")
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        if (body.Remove("previous_response_id") && !_forgets)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            await http.Response.WriteAsync("""{"error":{"message":"previous_response_id is not supported","code":null}}""");
            return;
        }
        var upstream = new Uri(_upstreams[_turns++ % _upstreams.Count] + "/responses");
        using var request = new HttpRequestMessage(HttpMethod.Post, upstream) { Content = new StringContent(body.ToJsonString()) };
        try
        {
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            http.Response.ContentType = "text/event-stream";
            await answer.Content.CopyToAsync(http.Response.Body);
        }
        catch (HttpRequestException)
        {
            if (http.Response.HasStarted) http.Abort();
            else http.Response.StatusCode = StatusCodes.Status502BadGateway;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }
}
