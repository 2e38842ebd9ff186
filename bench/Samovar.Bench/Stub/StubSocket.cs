using System.Buffers;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Samovar.Bench.Stub;

/// <summary>One WebSocket to a replica of an account: it holds its newest response, as the documented service does.</summary>
internal sealed class StubSocket(StubAccount account)
{
    private const int FrameBytesMax = 64 << 20;
    private string? _newest;
    private StubContext? _held;
    private int? _replica;

    public async Task RunAsync(HttpContext http)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        account.Tally.SocketOpened();
        try
        {
            while (await ReceiveAsync(socket) is { } frame) await AnswerAsync(socket, frame);
        }
        catch (WebSocketException)
        {
            // the client is gone
        }
        finally
        {
            account.Tally.SocketClosed();
        }
    }

    private async Task AnswerAsync(WebSocket socket, byte[] frame)
    {
        if (account.Read(frame, id => id == _newest ? _held : null) is not { } request)
        {
            await SendAsync(socket, StubAnswers.UnknownFrame);
            return;
        }
        var id = account.NewId();
        var cached = account.CachedTokens(request, _replica);
        _replica ??= request.Context.Replica;
        var pace = account.Pace(request, cached);
        using var events = new StubEvents(request, id, cached);
        foreach (var (type, json) in events.All())
        {
            await pace.BeforeAsync(type);
            if (type == "response.completed") (_newest, _held) = (id, account.Keep(request, id));
            await SendAsync(socket, json);
        }
    }

    private static async Task SendAsync(WebSocket socket, ReadOnlyMemory<byte> json) =>
        await socket.SendAsync(json, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    /// <summary>A whole message; null at the socket's end. An idle socket holds no buffer.</summary>
    private static async Task<byte[]?> ReceiveAsync(WebSocket socket)
    {
        var first = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
        if (first.MessageType == WebSocketMessageType.Close) return null;
        var message = new ArrayBufferWriter<byte>(4096);
        while (true)
        {
            var received = await socket.ReceiveAsync(message.GetMemory(4096), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close || message.WrittenCount > FrameBytesMax) return null;
            message.Advance(received.Count);
            if (received.EndOfMessage) return message.WrittenSpan.ToArray();
        }
    }
}
