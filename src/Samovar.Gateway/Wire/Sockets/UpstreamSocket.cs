using System.Net.WebSockets;
using Samovar.Chains;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;

namespace Samovar.Gateway.Wire.Sockets;

/// <summary>Where sockets are kept between turns.</summary>
internal interface ISocketHome
{
    /// <summary>The owner of a socket needs it no longer.</summary>
    void LetGo(UpstreamSocket socket, BackendState owner);
}

/// <summary>
/// One WebSocket to a destination. It holds the newest response that ran on it; who continues that response claims the socket.
/// </summary>
/// <remarks>
/// While it is idle one receive without a buffer waits on it: it answers pings and notices the end, and costs no memory.
/// Anything that arrives while nobody asked makes the socket unfit. A socket that a turn has given up in the middle is aborted, never
/// reused: the attempt's end aborts it by itself, since a receive that waits for a token as well costs more than one that does not.
/// </remarks>
internal sealed class UpstreamSocket : IHeldSocket, IDisposable
{
    private const int FirstBufferBytes = 4 * 1024;
    private readonly ClientWebSocket _socket;
    private readonly ISocketHome _home;
    private Task<ValueWebSocketReceiveResult>? _waiting; // null while a turn reads: its receives need no task
    private ClaimedBuffer? _message;
    private CancellationTokenRegistration _ends; // of the attempt that it is used by

    public UpstreamSocket(ClientWebSocket socket, ISocketHome home, string model, DateTimeOffset openedAt)
    {
        (_socket, _home, Model, OpenedAt, IdleSince) = (socket, home, model, openedAt, openedAt);
        (Place, FreePlace) = (new(this), new(this));
        _waiting = WaitAsync();
    }

    /// <summary>Some upstreams take one model for each connection.</summary>
    public string Model { get; }

    /// <summary>Whose turns run on it: what an upstream says late must not reach anybody else.</summary>
    public required TenantId Tenant { get; init; }
    public DateTimeOffset OpenedAt { get; }

    /// <summary>Whether the other side said that it is a Samovar: a frame may leave out what its parent had.</summary>
    public bool TakesBareFrames { get; init; }

    // The pool's own, under its lock.
    public LinkedListNode<UpstreamSocket> Place { get; }
    public LinkedListNode<UpstreamSocket> FreePlace { get; }
    public DateTimeOffset IdleSince { get; set; }
    public bool IsIdle { get; set; }

    /// <summary>Whose turn ran on it last.</summary>
    public FlowId Flow { get; set; }
    public UpstreamState? Owner { get; set; }
    public string? NewestResponse { get; set; }

    /// <summary>It was left because of its age, and not lost.</summary>
    public bool IsRotated { get; set; }

    /// <summary>The next response comes by itself: nobody else can use the socket.</summary>
    public bool AwaitsSuccessor { get; set; }

    /// <summary>Whether it is open and silent.</summary>
    public bool IsFit => !AwaitsSuccessor && _socket.State == WebSocketState.Open && _waiting is { IsCompleted: false };

    public bool Holds(string responseId) => NewestResponse == responseId
        && (IsFit || (AwaitsSuccessor && _socket.State == WebSocketState.Open));

    public bool IsOf(ISocketHome home) => ReferenceEquals(_home, home);

    public void LetGo(BackendState owner) => _home.LetGo(this, owner);

    public async Task SendAsync(UpstreamBody body, UpstreamCall call, CancellationToken attemptEnded)
    {
        _ends = attemptEnded.UnsafeRegister(static socket => ((UpstreamSocket)socket!)._socket.Abort(), this);
        if (body.Length > call.Events?.Share.BytesMax / 2) throw UpstreamCall.NoRoom(); // it might wait for ever
        using var claim = body.Length > ClaimedBuffer.UnclaimedBytesMax ? call.ClaimEvents() : null;
        if (claim is not null) await claim.TakeAsync(body.Length, attemptEnded); // it holds nothing else that others may wait for
        using var frame = new ClaimedBuffer(claim: null, (int)body.Length);
        frame.TryGrow((int)body.Length);
        body.CopyTo(frame.Free.Span);
        frame.Advance((int)body.Length);
        try
        {
            await SendAsync(frame, call);
        }
        catch (Exception exception) when (IsOfAbort(exception, attemptEnded))
        {
            throw new OperationCanceledException(exception.Message, exception, attemptEnded);
        }
    }

    /// <summary>Reads what comes by itself behind the response that ran here.</summary>
    public void Follow(UpstreamCall call, CancellationToken attemptEnded)
    {
        _ends = attemptEnded.UnsafeRegister(static socket => ((UpstreamSocket)socket!)._socket.Abort(), this);
        AwaitsSuccessor = false;
        call.Sent(0);
    }

    /// <summary>Sends a frame while a response is read. One at a time.</summary>
    public async Task SendBesideAsync(UpstreamBody body, UpstreamCall call)
    {
        using var frame = new ClaimedBuffer(claim: null, (int)body.Length);
        frame.TryGrow((int)body.Length);
        body.CopyTo(frame.Free.Span);
        frame.Advance((int)body.Length);
        await SendAsync(frame, call);
    }

    /// <summary>Ends what waits for it.</summary>
    public void Abort() => _socket.Abort();

    private async Task SendAsync(ClaimedBuffer frame, UpstreamCall call)
    {
        call.Sent(frame.Length);
        await _socket.SendAsync(frame.Written, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
    }

    /// <summary>The next message, valid until the next call.</summary>
    /// <exception cref="WebSocketException">The socket ended.</exception>
    public async ValueTask<RawJson> NextAsync(UpstreamCall call, int bytesMax, CancellationToken attemptEnded)
    {
        try
        {
            var waited = _waiting is { } waiting ? await waiting : (ValueWebSocketReceiveResult?)null;
            _waiting = null;
            var message = _message ??= new ClaimedBuffer(call.ClaimEvents(), (int)Math.Min(Array.MaxLength, bytesMax + 1L));
            message.Drop(message.Length);
            if (message.Free.IsEmpty && !message.TryGrow(FirstBufferBytes)) throw UpstreamCall.NoRoom();
            var received = waited ?? await _socket.ReceiveAsync(message.Free, CancellationToken.None);
            while (true)
            {
                if (received.MessageType == WebSocketMessageType.Close) throw Closed();
                message.Advance(received.Count);
                if (message.Length > bytesMax) throw TooLarge(bytesMax);
                if (received.EndOfMessage) break;
                if (message.Free.IsEmpty && !message.TryGrow(FirstBufferBytes)) throw UpstreamCall.NoRoom();
                received = await _socket.ReceiveAsync(message.Free, CancellationToken.None);
            }
            call.Heard(message.Length);
            return EventCheck.Checked(message.Written);
        }
        catch (Exception exception) when (IsOfAbort(exception, attemptEnded))
        {
            throw new OperationCanceledException(exception.Message, exception, attemptEnded);
        }
    }

    /// <summary>Between turns no buffer is kept, and whatever arrives is noticed.</summary>
    public void WatchIdle()
    {
        _ends.Dispose(); // not Unregister: an abort that has begun is waited for, or it would hit the turn that claims the socket next
        FreeBuffer();
        _waiting = WaitAsync();
    }

    public void Dispose()
    {
        _ends.Unregister();
        _socket.Abort();
        _socket.Dispose();
        FreeBuffer();
    }

    private void FreeBuffer()
    {
        _message?.Dispose();
        _message = null;
    }

    private async Task<ValueWebSocketReceiveResult> WaitAsync() => await _socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);

    /// <summary>Whatever an aborted socket throws, where its attempt's end aborted it.</summary>
    private static bool IsOfAbort(Exception exception, CancellationToken attemptEnded) => attemptEnded.IsCancellationRequested
        && exception is WebSocketException or ObjectDisposedException or OperationCanceledException or IOException;

    private WebSocketException Closed() => new(WebSocketError.ConnectionClosedPrematurely,
        $"The upstream closed the socket: {(int?)_socket.CloseStatus}.");

    private static UpstreamException TooLarge(int bytesMax) => new(
        new UpstreamFault(FaultKind.TooLarge, $"One of its events was larger than {bytesMax} bytes."));
}
