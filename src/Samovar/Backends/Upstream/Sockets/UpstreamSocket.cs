using System.Buffers;
using System.Net.WebSockets;
using Samovar.Backends.Upstream.Attempts;
using Samovar.Backends.Upstream.Bodies;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Upstream.Sockets;

/// <summary>
/// One WebSocket to a destination. It holds the newest response that ran on it; who continues that response claims the socket.
/// </summary>
/// <remarks>
/// While it is idle one receive without a buffer waits on it: it answers pings and notices the end, and costs no memory.
/// Anything that arrives while nobody asked makes the socket unfit. A socket that a turn has given up in the middle is aborted, never
/// reused.
/// </remarks>
internal sealed class UpstreamSocket : IDisposable
{
    private const int FirstBufferBytes = 16 * 1024;
    private readonly ClientWebSocket _socket;
    private readonly UpstreamSockets _pool;
    private Task<ValueWebSocketReceiveResult>? _waiting; // null while a turn reads: its receives need no task
    private byte[] _message = [];

    public UpstreamSocket(ClientWebSocket socket, UpstreamSockets pool, string model, DateTimeOffset openedAt)
    {
        (_socket, _pool, Model, OpenedAt, IdleSince) = (socket, pool, model, openedAt, openedAt);
        _waiting = WaitAsync();
    }

    /// <summary>Some upstreams take one model for each connection.</summary>
    public string Model { get; }
    public DateTimeOffset OpenedAt { get; }

    // The pool's own, under its lock.
    public DateTimeOffset IdleSince { get; set; }
    public bool IsIdle { get; set; }
    public UpstreamState? Owner { get; set; }
    public string? NewestResponse { get; set; }

    /// <summary>It was left because of its age, and not lost.</summary>
    public bool IsRotated { get; set; }

    /// <summary>Whether it is open and silent.</summary>
    public bool IsFit => _socket.State == WebSocketState.Open && _waiting is { IsCompleted: false };

    public bool Holds(string responseId) => NewestResponse == responseId && IsFit;

    public bool IsOf(UpstreamSockets pool) => ReferenceEquals(_pool, pool);

    public void LetGo(UpstreamState state) => _pool.LetGo(this, state);

    public async Task SendAsync(UpstreamBody body, UpstreamCall call, CancellationToken attemptEnded)
    {
        var frame = ArrayPool<byte>.Shared.Rent((int)body.Length);
        try
        {
            body.CopyTo(frame);
            call.Sent(body.Length);
            await _socket.SendAsync(frame.AsMemory(0, (int)body.Length), WebSocketMessageType.Text, endOfMessage: true, attemptEnded);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    /// <summary>The next message, valid until the next call.</summary>
    /// <exception cref="WebSocketException">The socket ended.</exception>
    public async ValueTask<RawJson> NextAsync(UpstreamCall call, int bytesMax, CancellationToken attemptEnded)
    {
        var waited = _waiting is { } waiting ? await waiting.WaitAsync(attemptEnded) : (ValueWebSocketReceiveResult?)null;
        _waiting = null;
        if (_message.Length == 0) _message = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        var received = waited ?? await _socket.ReceiveAsync(_message.AsMemory(), attemptEnded);
        var length = 0;
        while (true)
        {
            if (received.MessageType == WebSocketMessageType.Close)
                throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely,
                    $"The upstream closed the socket: {(int?)_socket.CloseStatus}.");
            length += received.Count;
            if (received.EndOfMessage) break;
            if (length == _message.Length) Grow(length, bytesMax);
            received = await _socket.ReceiveAsync(_message.AsMemory(length), attemptEnded);
        }
        call.Heard(length);
        return new RawJson(_message.AsMemory(0, length));
    }

    /// <summary>Between turns no buffer is kept, and whatever arrives is noticed.</summary>
    public void Rest()
    {
        FreeBuffer();
        _waiting = WaitAsync();
    }

    public void Dispose()
    {
        _socket.Abort();
        _socket.Dispose();
        FreeBuffer();
    }

    private void FreeBuffer()
    {
        if (_message.Length > 0) ArrayPool<byte>.Shared.Return(_message);
        _message = [];
    }

    private async Task<ValueWebSocketReceiveResult> WaitAsync() => await _socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);

    private void Grow(int length, int bytesMax)
    {
        if (length >= bytesMax)
            throw new UpstreamException(
                new UpstreamFault(FaultKind.Malformed, $"The upstream sent a frame of more than {bytesMax} bytes."));
        var larger = ArrayPool<byte>.Shared.Rent(length * 2);
        _message.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_message);
        _message = larger;
    }
}
