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

/// <summary>What a response left on its connection, for the one that continues it.</summary>
/// <param name="Seen">Its context and its output, one JSON text each.</param>
internal sealed record SeenResponse(string Id, List<string> Seen);

/// <summary>
/// Listens for WebSockets as a Responses upstream does and reads their frames; each connection knows its newest response alone. How one
/// speaks is what differs.
/// </summary>
internal abstract class SocketUpstream : IAsyncDisposable
{
    private readonly ConcurrentQueue<WebSocket> _sockets = new();
    private WebApplication? _application;

    public string BaseUrl { get; private set; } = "";
    public int Connections => _sockets.Count;

    /// <summary>Every frame that came.</summary>
    public ConcurrentQueue<JsonElement> Frames { get; } = new();

    protected async Task ListenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _application = builder.Build();
        _application.UseWebSockets();
        _application.Map("/v1/responses", ServeAsync);
        await _application.StartAsync();
        BaseUrl = _application.Urls.First() + "/v1";
    }

    /// <summary>Breaks all connections.</summary>
    public void Drop()
    {
        foreach (var socket in _sockets) socket.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        if (_application is null) return;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(deadline.Token);
        await _application.DisposeAsync();
    }

    /// <summary>Speaks a response to what it sees.</summary>
    /// <returns>What can be continued; null where nothing can.</returns>
    protected abstract Task<SeenResponse?> SpeakAsync(WebSocket socket, List<string> seen, CancellationToken ended);

    protected static Task SendAsync(WebSocket socket, string json) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>Null where the client has gone.</summary>
    protected async Task<JsonElement?> ReceiveAsync(WebSocket socket, CancellationToken ended)
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

    /// <summary>What it says of itself in its answer to an upgrade.</summary>
    protected virtual IReadOnlyList<(string Name, string Value)> Headers => [];

    private async Task ServeAsync(HttpContext context)
    {
        foreach (var (name, value) in Headers) context.Response.Headers[name] = value;
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
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

    /// <summary>Answers the frames of one connection.</summary>
    protected virtual async Task ServeAsync(WebSocket socket, CancellationToken ended)
    {
        SeenResponse? newest = null;
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
                seen = newest!.Seen;
            }
            newest = await SpeakAsync(socket, [.. seen, .. FakeMind.Texts(frame.GetProperty("input"))], ended);
        }
    }
}
