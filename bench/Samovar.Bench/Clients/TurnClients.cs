using System.Buffers;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Net.WebSockets;

namespace Samovar.Bench.Clients;

/// <summary>How a client speaks.</summary>
internal enum Wire
{
    /// <summary>A WebSocket for each conversation; responses are not stored.</summary>
    WebSocket,

    /// <summary>A POST for each turn, answered as an event stream; responses are stored.</summary>
    Sse,

    /// <summary>A POST for each turn, answered whole; responses are stored.</summary>
    Json,
}

/// <summary>A lean client of the Responses protocol, for one conversation at a time: it must cost little beside what it measures.</summary>
internal abstract class TurnClient : IAsyncDisposable
{
    /// <param name="server">What stands before <c>/responses</c>.</param>
    public static async Task<TurnClient> OpenAsync(Wire wire, Uri server) => wire switch
    {
        Wire.WebSocket => await SocketClient.OpenAsync(server),
        Wire.Sse => new PostClient(server, streams: true),
        _ => new PostClient(server, streams: false),
    };

    public abstract Task<TurnFigures> TurnAsync(TurnAsk ask, CancellationToken late = default);

    public abstract ValueTask DisposeAsync();
}

/// <summary>Over one WebSocket.</summary>
internal sealed class SocketClient : TurnClient
{
    private static readonly HttpMessageInvoker Http = new(new SocketsHttpHandler { UseCookies = false, ActivityHeadersPropagator = null });
    private readonly ClientWebSocket _socket;

    private SocketClient(ClientWebSocket socket) => _socket = socket;

    /// <param name="http">What opens the connection; null: as all of the bench's clients do.</param>
    /// <param name="deflates">Whether messages may be compressed.</param>
    public static async Task<SocketClient> OpenAsync(
        Uri server, HttpMessageInvoker? http = null, bool deflates = false, CancellationToken late = default) =>
        new(await ConnectAsync(server, http, deflates, late));

    /// <summary>The WebSocket alone.</summary>
    public static async Task<ClientWebSocket> ConnectAsync(
        Uri server, HttpMessageInvoker? http, bool deflates, CancellationToken late)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
            if (deflates) socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
            var target = new UriBuilder(server) { Scheme = server.Scheme == Uri.UriSchemeHttps ? "wss" : "ws", Path = "/v1/responses" };
            await socket.ConnectAsync(target.Uri, http ?? Http, late);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override async Task<TurnFigures> TurnAsync(TurnAsk ask, CancellationToken late = default)
    {
        var frame = ask.Frame();
        var figures = new TurnFigures(frame.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(16 << 10); // between turns no buffer is kept: there may be ten thousand clients
        try
        {
            await _socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, late);
            while (true)
            {
                (buffer, var length) = await ReceiveAsync(_socket, buffer, late);
                if (figures.Take(buffer.AsMemory(0, length))) return figures;
            }
        }
        catch (WebSocketException exception)
        {
            figures.Fail(exception.Message);
            return figures;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A whole message, in a larger buffer where it needs one.</summary>
    /// <exception cref="WebSocketException">The server closed.</exception>
    public static async Task<(byte[] Buffer, int Length)> ReceiveAsync(ClientWebSocket socket, byte[] buffer, CancellationToken late)
    {
        for (var length = 0; ;)
        {
            if (length == buffer.Length) Array.Resize(ref buffer, length * 2);
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), late);
            if (received.MessageType == WebSocketMessageType.Close)
                throw new WebSocketException($"closed: {socket.CloseStatus} {socket.CloseStatusDescription}");
            length += received.Count;
            if (received.EndOfMessage) return (buffer, length);
        }
    }

    public override ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>One POST for each turn; all clients of a server share its connections.</summary>
/// <param name="key">Whose turns they are; null where nobody has a key.</param>
/// <param name="http">What opens the connections; null: as all of the bench's clients do.</param>
internal sealed class PostClient(Uri server, bool streams, string? key = null, HttpMessageInvoker? http = null) : TurnClient
{
    private static readonly HttpMessageInvoker Http = new(new SocketsHttpHandler { UseCookies = false, ActivityHeadersPropagator = null });
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");
    private readonly Uri _target = new(server, "/v1/responses");

    public override async Task<TurnFigures> TurnAsync(TurnAsk ask, CancellationToken late = default)
    {
        var body = ask.Body(streams);
        var figures = new TurnFigures(body.Length);
        using var request = new HttpRequestMessage(HttpMethod.Post, _target) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = JsonType;
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        try
        {
            using var response = await (http ?? Http).SendAsync(request, late);
            await using var stream = await response.Content.ReadAsStreamAsync(late);
            if (streams && response.IsSuccessStatusCode) await ReadAsync(stream, figures, late);
            else await ReadWholeAsync(stream, figures);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            figures.Fail(exception.Message);
        }
        return figures;
    }

    private static async Task ReadAsync(Stream stream, TurnFigures figures, CancellationToken late)
    {
        var isEnded = false;
        var events = SseParser.Create(stream, (_, data) => isEnded || (data is not [(byte)'[', ..] && figures.Take(data.ToArray())));
        await foreach (var e in events.EnumerateAsync(late)) isEnded |= e.Data;
        if (!isEnded) figures.Fail("the stream ended before the response did");
    }

    private static async Task ReadWholeAsync(Stream stream, TurnFigures figures)
    {
        using var whole = new MemoryStream();
        await stream.CopyToAsync(whole);
        figures.TakeWhole(whole.ToArray());
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
