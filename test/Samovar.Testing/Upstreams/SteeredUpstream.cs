using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Samovar.Testing.Upstreams;

/// <summary>What an upstream does with <c>response.steer</c>.</summary>
internal enum SteerManners
{
    /// <summary>Accepts it, ends its response, and begins the one that follows.</summary>
    Takes,

    /// <summary>Accepts it, ends its response, and begins nothing.</summary>
    TakesAndForgets,

    /// <summary>Accepts it, and its connection breaks.</summary>
    TakesAndDies,

    /// <summary>Accepts it, ends its response, and its connection breaks.</summary>
    EndsAndDies,

    /// <summary>Its connection breaks before it answers.</summary>
    Dies,

    /// <summary>Says that it cannot, and goes on.</summary>
    Refuses,

    /// <summary>Says nothing, and goes on.</summary>
    Ignores,

    /// <summary>Does not know the frame, as older servers.</summary>
    KnowsNot,
}

/// <summary>
/// A Responses upstream over WebSocket whose responses speak until they are steered, where their input says <c>hold</c>, or wait behind a
/// call, where it says <c>telephone</c>. It holds frames to the letter: one that has too little or too much is answered with an error.
/// </summary>
internal sealed class SteeredUpstream : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly SteerManners _manners;
    private int _connections, _ids;

    private SteeredUpstream(WebApplication application, SteerManners manners) => (_application, _manners) = (application, manners);

    private readonly ConcurrentQueue<WebSocket> _sockets = new();

    public string BaseUrl { get; private set; } = "";
    public int Connections => _connections;

    /// <summary>Every frame that came.</summary>
    public ConcurrentQueue<JsonElement> Frames { get; } = new();

    public static async Task<SteeredUpstream> StartAsync(SteerManners manners)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        var upstream = new SteeredUpstream(application, manners);
        application.UseWebSockets();
        application.Map("/v1/responses", upstream.ServeAsync);
        await application.StartAsync();
        upstream.BaseUrl = application.Urls.First() + "/v1";
        return upstream;
    }

    /// <summary>Breaks all connections.</summary>
    public void Drop()
    {
        foreach (var socket in _sockets) socket.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(deadline.Token);
        await _application.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        Interlocked.Increment(ref _connections);
        _sockets.Enqueue(socket);
        try
        {
            await ServeAsync(socket, context.RequestAborted);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or IOException)
        {
            // the client has gone
        }
    }

    private async Task ServeAsync(WebSocket socket, CancellationToken ended)
    {
        (string Id, List<string> Seen)? newest = null;
        while (await ReceiveAsync(socket, ended) is { } frame)
        {
            List<string> seen = [];
            if (frame.TryGetProperty("previous_response_id", out var parent))
            {
                if (parent.GetString() != newest?.Id)
                {
                    await SendAsync(
                        socket, """{"type":"error","status":400,"error":{"code":"previous_response_not_found","message":"?"}}""");
                    continue;
                }
                seen = newest!.Value.Seen;
            }
            newest = await SpeakAsync(socket, [.. seen, .. FakeMind.Texts(frame.GetProperty("input"))], ended);
        }
    }

    private async Task<(string Id, List<string> Seen)?> SpeakAsync(WebSocket socket, List<string> seen, CancellationToken ended)
    {
        var number = Interlocked.Increment(ref _ids);
        var (id, item) = ($"resp_{number}", $"msg_{number}");
        await SendAsync(socket, $$$"""{"type":"response.created","response":{"id":"{{{id}}}","model":"m","status":"in_progress"}}""");
        await SendAsync(socket, $$$"""{"type":"response.output_item.added","output_index":0,"item":""" +
            $$$"""{"id":"{{{item}}}","type":"message","role":"assistant","status":"in_progress","content":[]}}""");
        var text = $"seen {seen.Count}";
        await SendAsync(socket, $$"""{"type":"response.output_text.delta","item_id":"{{item}}","output_index":0,"delta":"{{text}}"}""");
        JsonElement? steer = null;
        if (seen[^1].Contains("telephone", StringComparison.Ordinal))
        {
            await SendAsync(socket, """{"type":"response.output_item.done","output_index":0,"item":{"type":"message",""" +
                $$$""" "id":"{{{item}}}","role":"assistant","status":"completed","content":[{"type":"output_text","text":"{{{text}}}",""" +
                """ "annotations":[]}]}}""");
            await SendAsync(socket, $$$"""{"type":"response.output_item.done","output_index":1,"item":{"id":"fc_{{{number}}}",""" +
                """ "type":"function_call","call_id":"call_1","name":"look","arguments":"{}","status":"completed"}}""");
            await ReceiveAsync(socket, ended);
            return null;
        }
        if (seen[^1].Contains("hold", StringComparison.Ordinal))
        {
            steer = await SteerAsync(socket, id, ended);
            if (steer is null) return null;
        }
        var whole = $$"""{"id":"{{item}}","type":"message","role":"assistant","status":"completed","content":""" +
            $$"""[{"type":"output_text","text":"{{text}}","annotations":[]}]}""";
        await SendAsync(socket, $$"""{"type":"response.output_item.done","output_index":0,"item":{{whole}}}""");
        var (end, why) = steer is null ? ("completed", "null") : ("incomplete", """{"reason":"steered"}""");
        await SendAsync(socket, $$$"""{"type":"response.{{{end}}}","response":{"id":"{{{id}}}","model":"m","status":"{{{end}}}",""" +
            $$$"""  "incomplete_details":{{{why}}},"output":[{{{whole}}}],""" +
            """ "usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15}}}""");
        List<string> after = [.. seen, whole];
        if (steer is not { } said || _manners == SteerManners.TakesAndForgets) return (id, after);
        if (_manners == SteerManners.EndsAndDies)
        {
            socket.Abort();
            return null;
        }
        return await SpeakAsync(socket, [.. after, .. FakeMind.Texts(said.GetProperty("input"))], ended);
    }

    /// <summary>Waits for the frame; null where the response went on until its reader left.</summary>
    private async Task<JsonElement?> SteerAsync(WebSocket socket, string id, CancellationToken ended)
    {
        while (await ReceiveAsync(socket, ended) is { } frame)
        {
            var fields = frame.EnumerateObject().Select(field => field.Name).ToList();
            var isRight = fields is ["type", "previous_response_id", "input"]
                && frame.GetProperty("type").GetString() == "response.steer" && frame.GetProperty("previous_response_id").GetString() == id
                && frame.GetProperty("input").EnumerateArray().All(item => item.GetProperty("role").GetString() == "user");
            if (!isRight || _manners == SteerManners.KnowsNot)
                await SendAsync(socket, """{"type":"error","status":400,"error":{"code":"unknown_event_type","message":"?"}}""");
            else if (_manners == SteerManners.Refuses)
                await SendAsync(socket, $$$$"""{"type":"response.steer.failed","steer":{"previous_response_id":"{{{{id}}}}"},"error":""" +
                    """{"type":"invalid_request_error","code":"steering_not_supported","message":"?"}}""");
            else if (_manners == SteerManners.Dies)
            {
                socket.Abort();
                return null;
            }
            else if (_manners != SteerManners.Ignores)
            {
                await SendAsync(socket, $$$"""{"type":"response.steer.accepted","sequence_number":4,"steer":""" +
                    $$$"""{"id":"steer_1","previous_response_id":"{{{id}}}"}}""");
                if (_manners != SteerManners.TakesAndDies) return frame;
                socket.Abort();
                return null;
            }
        }
        return null;
    }

    private static Task SendAsync(WebSocket socket, string json) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private async Task<JsonElement?> ReceiveAsync(WebSocket socket, CancellationToken ended)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), ended);
            if (received.MessageType == WebSocketMessageType.Close) return null;
            message.Write(buffer, 0, received.Count);
            if (!received.EndOfMessage) continue;
            var frame = JsonDocument.Parse(message.ToArray()).RootElement;
            Frames.Enqueue(frame);
            return frame;
        }
    }
}
