using System.Buffers;
using System.Net.WebSockets;

namespace Samovar.Server.WebSockets;

/// <summary>What came from a socket.</summary>
internal abstract record Incoming
{
    private Incoming() { }

    /// <summary>One whole message, text or binary, in memory of its own: items are kept as slices of it.</summary>
    public sealed record Message(ReadOnlyMemory<byte> Utf8) : Incoming;

    /// <summary>A message passed the bound; what is left of it is still in the socket.</summary>
    public sealed record TooLong : Incoming;

    /// <summary>The client sent its close frame.</summary>
    public sealed record Closed : Incoming;
}

/// <summary>Puts messages together, bounded. An idle socket holds no buffer: the first receive of each message is empty.</summary>
internal sealed class MessageReader(WebSocket socket, int bytesMax)
{
    private const int FirstBytes = 4096;

    /// <exception cref="WebSocketException">The connection is gone.</exception>
    public async ValueTask<Incoming> ReadAsync(CancellationToken socketAborted)
    {
        var first = await socket.ReceiveAsync(Memory<byte>.Empty, socketAborted);
        if (first.MessageType == WebSocketMessageType.Close) return new Incoming.Closed();
        if (first.EndOfMessage) return new Incoming.Message(ReadOnlyMemory<byte>.Empty);
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
        try
        {
            for (var length = 0; ;)
            {
                if (length == buffer.Length) buffer = Grow(buffer, length);
                var room = Math.Min(buffer.Length - length, bytesMax - length + 1); // one more than allowed tells the difference
                var received = await socket.ReceiveAsync(buffer.AsMemory(length, room), socketAborted);
                if (received.MessageType == WebSocketMessageType.Close) return new Incoming.Closed();
                length += received.Count;
                if (length > bytesMax) return new Incoming.TooLong();
                if (received.EndOfMessage) return new Incoming.Message(buffer.AsSpan(0, length).ToArray());
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads and forgets until the client's close frame, so that the last frames reach it before the connection ends.</summary>
    public async Task DrainAsync(CancellationToken socketAborted)
    {
        var scratch = new byte[FirstBytes];
        while ((await socket.ReceiveAsync(scratch.AsMemory(), socketAborted)).MessageType != WebSocketMessageType.Close) { }
    }

    private static byte[] Grow(byte[] full, int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(length * 2);
        full.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
