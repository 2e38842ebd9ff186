using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Samovar.Testing.Servers;

/// <summary>A plain WebSocket client of the Responses protocol.</summary>
public sealed class ClientSocket : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[64 << 10];

    private ClientSocket() { }

    public ClientWebSocket Raw => _socket;

    public static async Task<ClientSocket> ConnectAsync(Uri uri, Action<ClientWebSocketOptions>? options = null)
    {
        var client = new ClientSocket();
        client._socket.Options.CollectHttpResponseDetails = true;
        options?.Invoke(client._socket.Options);
        await client._socket.ConnectAsync(uri, CancellationToken.None);
        return client;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public Task SendAsync(byte[] bytes, WebSocketMessageType type) =>
        _socket.SendAsync(bytes, type, endOfMessage: true, CancellationToken.None);

    /// <summary>The next whole message; null when the server closed.</summary>
    public async Task<string?> ReceiveTextAsync()
    {
        using var late = new CancellationTokenSource(Soon.Patience); // missing evidence, never a proof
        using var text = new MemoryStream();
        while (true)
        {
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(), late.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await EndAsync(late.Token); // else the server waits for it
                return null;
            }
            if (received.MessageType != WebSocketMessageType.Text) throw new InvalidOperationException("The server sent a binary frame.");
            text.Write(_buffer, 0, received.Count);
            if (received.EndOfMessage) return Encoding.UTF8.GetString(text.ToArray());
        }
    }

    /// <summary>The next message as JSON.</summary>
    public async Task<JsonElement> ReceiveAsync() =>
        await ReceiveTextAsync() is { } text ? JsonDocument.Parse(text).RootElement
            : throw new InvalidOperationException($"The server closed: {_socket.CloseStatus} {_socket.CloseStatusDescription}.");

    /// <summary>Every event up to a terminal one.</summary>
    public async Task<IReadOnlyList<JsonElement>> ReceiveTurnAsync()
    {
        var events = new List<JsonElement>();
        do events.Add(await ReceiveAsync());
        while (!IsTerminal(events[^1]));
        return events;
    }

    /// <summary>Sends one frame and reads its turn.</summary>
    public async Task<IReadOnlyList<JsonElement>> AskAsync(string frame)
    {
        await SendAsync(frame);
        return await ReceiveTurnAsync();
    }

    public static bool IsTerminal(JsonElement e) =>
        e.GetProperty("type").GetString() is "response.completed" or "response.failed" or "response.incomplete" or "error";

    /// <summary>Drops the connection without a close frame, as agents do.</summary>
    public void Drop() => _socket.Abort();

    public async ValueTask DisposeAsync()
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await EndAsync(late.Token);
        _socket.Dispose();
    }

    /// <summary>Says that nothing follows, where it was not said.</summary>
    private async Task EndAsync(CancellationToken late)
    {
        if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived)) return;
        try { await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, late); }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException) { /* gone already */ }
    }
}
