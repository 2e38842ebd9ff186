using System.Net.WebSockets;
using Samovar.Scheduling.Budgets;

namespace Samovar.Server.WebSockets;

/// <summary>What came from a socket.</summary>
internal abstract record Incoming
{
    private Incoming() { }

    /// <summary>One whole message, text or binary, in memory of its own: items are kept as slices of it.</summary>
    /// <param name="Utf8">What it says.</param>
    /// <param name="Claim">What it is counted by; the taker's from now on.</param>
    /// <param name="From">When its first byte was there, by <c>TimeProvider.GetTimestamp</c>.</param>
    /// <param name="To">When its last one was.</param>
    public sealed record Message(ReadOnlyMemory<byte> Utf8, ByteClaim Claim, long From = 0, long To = 0) : Incoming;

    /// <summary>There was no room for the message: it was read and forgotten.</summary>
    public sealed record NoRoom : Incoming;

    /// <summary>A message passed the bound; what is left of it is still in the socket.</summary>
    public sealed record TooLong : Incoming;

    /// <summary>The client sent its close frame.</summary>
    public sealed record Closed : Incoming;
}

/// <summary>Puts messages together, bounded in bytes and in time. An idle socket holds no buffer: the first receive of each message is
/// empty.</summary>
/// <param name="socket">Where they come from.</param>
/// <param name="options">Bounds.</param>
/// <param name="claims">Makes what a message is counted by.</param>
/// <param name="late">Called when a message that began is not whole in its time; the read goes on, it is for the caller to end it.</param>
internal sealed class MessageReader(WebSocket socket, SocketOptions options, Func<ByteClaim> claims, TimeProvider time, Action late)
{
    private const int FirstBytes = 4096;

    /// <summary>Sees the first bytes of a message that is not whole yet.</summary>
    public Action<ReadOnlyMemory<byte>>? Begun { get; init; }

    /// <exception cref="WebSocketException">The connection is gone.</exception>
    public async ValueTask<Incoming> ReadAsync(CancellationToken socketAborted)
    {
        var first = await socket.ReceiveAsync(Memory<byte>.Empty, socketAborted);
        if (first.MessageType == WebSocketMessageType.Close) return new Incoming.Closed();
        var claim = claims();
        var from = time.GetTimestamp();
        if (first.EndOfMessage) return new Incoming.Message(ReadOnlyMemory<byte>.Empty, claim, from, from);
        using var patience = new Patience(time, options.MessageTimeMax, late);
        var isSeen = false;
        using var buffer = new ClaimedBuffer(claim, options.MessageBytesMax + 1); // one more than allowed shows that it is too long
        while (true)
        {
            if (buffer.Free.IsEmpty && !buffer.TryGrow(FirstBytes)) return await PassOverAsync(buffer, patience, socketAborted);
            var received = await patience.Over(socket.ReceiveAsync(buffer.Free, socketAborted));
            if (received.MessageType == WebSocketMessageType.Close) return new Incoming.Closed();
            buffer.Advance(received.Count);
            if (buffer.IsFull) return new Incoming.TooLong();
            if (received.EndOfMessage) return new Incoming.Message(buffer.Detach(), claim, from, time.GetTimestamp());
            if (isSeen || Begun is not { } begun) continue;
            isSeen = true;
            begun(buffer.Written);
        }
    }

    /// <summary>Reads and forgets until the client's close frame, so that the last frames reach it before the connection ends.</summary>
    public async Task DrainAsync(CancellationToken socketAborted)
    {
        var scratch = new byte[FirstBytes];
        do await Task.Yield(); // what is compressed may come faster than it is forgotten: whoever waits for this has a deadline
        while ((await socket.ReceiveAsync(scratch.AsMemory(), socketAborted)).MessageType != WebSocketMessageType.Close);
    }

    /// <summary>Reads past the end of a message for which there is no room.</summary>
    private async ValueTask<Incoming> PassOverAsync(ClaimedBuffer begun, Patience patience, CancellationToken socketAborted)
    {
        var length = (long)begun.Length;
        begun.Dispose(); // others may need the room before this one is through
        var scratch = new byte[FirstBytes];
        while (true)
        {
            var received = await patience.Over(socket.ReceiveAsync(scratch.AsMemory(), socketAborted));
            if (received.MessageType == WebSocketMessageType.Close) return new Incoming.Closed();
            length += received.Count;
            if (length > options.MessageBytesMax) return new Incoming.TooLong();
            if (received.EndOfMessage) return new Incoming.NoRoom();
        }
    }

    /// <summary>How long a message may take, from its first wait on: most come at once and need no timer.</summary>
    private sealed class Patience(TimeProvider time, TimeSpan timeMax, Action late) : IDisposable
    {
        private ITimer? _timer;

        public ValueTask<ValueWebSocketReceiveResult> Over(ValueTask<ValueWebSocketReceiveResult> receiving)
        {
            if (!receiving.IsCompleted) _timer ??= time.CreateTimer(_ => late(), null, timeMax, Timeout.InfiniteTimeSpan);
            return receiving;
        }

        public void Dispose() => _timer?.Dispose();
    }
}
