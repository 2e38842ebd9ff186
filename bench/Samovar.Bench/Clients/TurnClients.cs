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

    public abstract Task<TurnFigures> TurnAsync(TurnAsk ask);

    public abstract ValueTask DisposeAsync();
}

/// <summary>Over one WebSocket.</summary>
internal sealed class SocketClient : TurnClient
{
    private static readonly HttpMessageInvoker Http = new(new SocketsHttpHandler { UseCookies = false, ActivityHeadersPropagator = null });
    private readonly ClientWebSocket _socket = new();

    public static async Task<SocketClient> OpenAsync(Uri server)
    {
        var client = new SocketClient();
        client._socket.Options.KeepAliveInterval = Timeout.InfiniteTimeSpan;
        var target = new UriBuilder(server) { Scheme = "ws", Path = "/v1/responses" };
        await client._socket.ConnectAsync(target.Uri, Http, CancellationToken.None);
        return client;
    }

    public override async Task<TurnFigures> TurnAsync(TurnAsk ask)
    {
        var frame = ask.Frame();
        var figures = new TurnFigures(frame.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(16 << 10); // between turns no buffer is kept: there may be ten thousand clients
        try
        {
            await _socket.SendAsync(frame.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            while (true)
            {
                (buffer, var length) = await ReceiveAsync(buffer);
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

    private async Task<(byte[] Buffer, int Length)> ReceiveAsync(byte[] buffer)
    {
        for (var length = 0; ;)
        {
            if (length == buffer.Length) Array.Resize(ref buffer, length * 2);
            var received = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
                throw new WebSocketException($"closed: {_socket.CloseStatus} {_socket.CloseStatusDescription}");
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
internal sealed class PostClient(Uri server, bool streams, string? key = null) : TurnClient
{
    private static readonly HttpMessageInvoker Http = new(new SocketsHttpHandler { UseCookies = false, ActivityHeadersPropagator = null });
    private static readonly MediaTypeHeaderValue JsonType = new("application/json");
    private readonly Uri _target = new(server, "/v1/responses");

    public override async Task<TurnFigures> TurnAsync(TurnAsk ask)
    {
        var body = ask.Body(streams);
        var figures = new TurnFigures(body.Length);
        using var request = new HttpRequestMessage(HttpMethod.Post, _target) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = JsonType;
        if (key is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        try
        {
            using var response = await Http.SendAsync(request, CancellationToken.None);
            await using var stream = await response.Content.ReadAsStreamAsync();
            if (streams && response.IsSuccessStatusCode) await ReadAsync(stream, figures);
            else await ReadWholeAsync(stream, figures);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            figures.Fail(exception.Message);
        }
        return figures;
    }

    private static async Task ReadAsync(Stream stream, TurnFigures figures)
    {
        var isEnded = false;
        var events = SseParser.Create(stream, (_, data) => isEnded || (data is not [(byte)'[', ..] && figures.Take(data.ToArray())));
        await foreach (var e in events.EnumerateAsync()) isEnded |= e.Data;
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
