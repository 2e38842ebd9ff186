using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Samovar.Stores;

namespace Samovar.Tests.Peers;

/// <summary>A peer that answers as the test wants.</summary>
internal sealed class OddPeer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OddPeer(WebApplication app)
    {
        _app = app;
        Node = new ClusterNode(new NodeName("odd"), new Incarnation("node_odd"), new Uri(app.Urls.First()), NodeState.Active);
    }

    public ClusterNode Node { get; }

    public static async Task<OddPeer> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new OddPeer(app);
    }

    /// <summary>The first event of a turn.</summary>
    public static string Created { get; } = Event("response.created", 0,
        ",\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"in_progress\",\"error\":null,\"output\":[]}");

    /// <summary>Answers with a status, a type and a body.</summary>
    public static RequestDelegate Says(int status, string type, string body) => async http =>
    {
        await http.Request.Body.CopyToAsync(Stream.Null);
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        await http.Response.WriteAsync(body);
    };

    /// <summary>Answers with an event stream.</summary>
    public static RequestDelegate Streams(string body) => Says(200, "text/event-stream", body);

    /// <summary>An event stream that does not end before the client leaves.</summary>
    public static RequestDelegate Begins(string body) => async http =>
    {
        await Streams(body)(http);
        await http.Response.Body.FlushAsync();
        await GoneAsync(http);
    };

    public static async Task GoneAsync(HttpContext http)
    {
        var gone = new TaskCompletionSource();
        await using var registration = http.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    public static string Event(string type, int number, string fields = "") =>
        $"event: {type}\ndata: {{\"type\":\"{type}\",\"sequence_number\":{number}{fields}}}\n\n";

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
