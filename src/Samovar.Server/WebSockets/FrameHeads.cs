using System.Buffers.Binary;

namespace Samovar.Server.WebSockets;

/// <summary>Reads the heads of a client's frames (RFC 6455, 5.2) out of the bytes that pass, and adds up how long its message is said to
/// be.</summary>
internal sealed class FrameHeads(long bytesMax)
{
    public const int HeadBytesMax = 14;
    private const byte Final = 0x80, Compressed = 0x40, Masked = 0x80, OpcodeBits = 0x0f, FirstControl = 8, CloseFrame = 8;
    private const int Length16 = 126, Length64 = 127;

    private readonly byte[] _head = new byte[HeadBytesMax];
    private int _count;
    private ulong _payloadLeft, _message;
    private bool _isCompressed;

    /// <summary>A message is said to be longer than it may be: its head was not passed on.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The client's close frame has begun.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Bytes of a head whose last ones are still missing.</summary>
    public ReadOnlySpan<byte> Begun => _head.AsSpan(0, _count);

    /// <summary>Bytes that are missing, as far as that is known.</summary>
    public int Missing => Size() - _count;

    /// <summary>Takes notice of bytes.</summary>
    /// <returns>How many of them may be passed on: all but a head that is not whole yet, or one that may not pass and what
    /// follows.</returns>
    public int Take(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            if (_payloadLeft > 0)
            {
                var part = (int)Math.Min(_payloadLeft, (ulong)(bytes.Length - at));
                (_payloadLeft, at) = (_payloadLeft - (ulong)part, at + part);
                continue;
            }
            var begin = at;
            while (at < bytes.Length && Missing > 0) _head[_count++] = bytes[at++];
            if (Missing > 0) return begin;
            EndHead();
            if (IsTooLong) return begin;
        }
        return bytes.Length;
    }

    private int Size()
    {
        if (_count < 2) return 2;
        var length = (_head[1] & ~Masked) switch { Length16 => 2, Length64 => 8, _ => 0 };
        return 2 + length + ((_head[1] & Masked) != 0 ? 4 : 0);
    }

    private void EndHead()
    {
        var opcode = _head[0] & OpcodeBits;
        _payloadLeft = (_head[1] & ~Masked) switch
        {
            Length16 => BinaryPrimitives.ReadUInt16BigEndian(_head.AsSpan(2)),
            Length64 => BinaryPrimitives.ReadUInt64BigEndian(_head.AsSpan(2)),
            var small => (ulong)small,
        };
        _count = 0;
        if (opcode == CloseFrame) IsClosed = true;
        if (opcode >= FirstControl) return;
        if (opcode != 0) (_message, _isCompressed) = (0, (_head[0] & Compressed) != 0);
        _message += Math.Min(_payloadLeft, long.MaxValue); // no two of these overflow before the first is refused
        // What cannot be compressed grows by less than this.
        IsTooLong = _message > (ulong)(_isCompressed ? bytesMax + (bytesMax >> 8) + 64 : bytesMax);
        if ((_head[0] & Final) != 0) _message = 0;
    }
}
