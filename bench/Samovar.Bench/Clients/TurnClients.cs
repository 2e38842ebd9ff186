using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Net.WebSockets;
using System.Text.Json;

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
    /// <param name="resumes">Whether it may go on reading from another socket.</param>
    public static async Task<SocketClient> OpenAsync(Uri server, HttpMessageInvoker? http = null, bool deflates = false,
        bool resumes = false, CancellationToken late = default) =>
        new(await ConnectAsync(server, http, deflates, resumes, key: null, [], late));

    /// <param name="key">Whose turns they are; null where nobody has a key.</param>
    /// <param name="headers">More of what the server wants.</param>
    public static async Task<SocketClient> OpenAsync(
        Uri server, string? key, IReadOnlyList<(string Name, string Value)> headers, CancellationToken late) =>
        new(await ConnectAsync(server, null, deflates: false, resumes: false, key, headers, late));

    /// <summary>The WebSocket alone.</summary>
    public static Task<ClientWebSocket> ConnectAsync(Uri server, HttpMessageInvoker? http, bool deflates, CancellationToken late) =>
        ConnectAsync(server, http, deflates, resumes: false, key: null, [], late);

    private static async Task<ClientWebSocket> ConnectAsync(Uri server, HttpMessageInvoker? http, bool deflates, bool resumes, string? key,
        IReadOnlyList<(string Name, string Value)> headers, CancellationToken late)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
            if (deflates) socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
            if (key is not null) socket.Options.SetRequestHeader("Authorization", "Bearer " + key);
            foreach (var (name, value) in headers) socket.Options.SetRequestHeader(name, value);
            var target = new UriBuilder(ResponsesAddress.Of(server)) { Scheme = server.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" };
            if (resumes) target.Query = "resume=true";
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
        var figures = new TurnFigures(frame.Length, ask.Seen) { Begun = ask.Begun };
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
        catch (Exception exception) when (exception is WebSocketException or JsonException)
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
    private readonly Uri _target = ResponsesAddress.Of(server);

    /// <summary>More of what the server wants with each request.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public override async Task<TurnFigures> TurnAsync(TurnAsk ask, CancellationToken late = default)
    {
        var body = ask.Resumes is null ? ask.Body(streams) : [];
        var figures = new TurnFigures(body.Length, ask.Seen) { Begun = ask.Begun };
        using var request = ask.Resumes is { } point
            ? new HttpRequestMessage(HttpMethod.Get, $"{_target}/{point.ResponseId}?stream=true&starting_after={point.Number}")
            : new HttpRequestMessage(HttpMethod.Post, _target) { Content = new ByteArrayContent(body) };
        if (request.Content is { } content) content.Headers.ContentType = JsonType;
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        foreach (var (name, value) in Headers) request.Headers.TryAddWithoutValidation(name, value);
        try
        {
            using var response = await (http ?? Http).SendAsync(request, late);
            await using var stream = await response.Content.ReadAsStreamAsync(late);
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream") await ReadAsync(stream, figures, late);
            else await ReadWholeAsync(stream, figures, response.StatusCode, late);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
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

    private static async Task ReadWholeAsync(Stream stream, TurnFigures figures, HttpStatusCode status, CancellationToken late)
    {
        using var whole = new MemoryStream();
        await stream.CopyToAsync(whole, late);
        if (whole.Length == 0) figures.Fail(string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)status} without a word"));
        else figures.TakeWhole(whole.ToArray());
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
