using System.Buffers;
using System.Buffers.Binary;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Samovar.Server.Decoding;

/// <summary>A body in Zstandard (RFC 8878): any number of frames, to the last byte.</summary>
internal sealed class ZstdBody(Stream source, int bytesMax, Action<long> claim) : DecodedBody(source, bytesMax, claim)
{
    /// <summary>The largest window that a decoder must know (RFC 8878, 3.1.1.1.2); frames that want more are refused.</summary>
    private const int WindowLogMax = 23;
    private const int DecoderBytes = 512 << 10; // its tables, and one block
    private const uint Magic = 0xFD2FB528, SkippableMagic = 0x184D2A50, SkippableMask = 0xFFFFFFF0;
    private readonly Decompressor _decoder = Made();
    private byte[] _head = []; // of the frame, read before the decoder gets it
    private int _headAt;
    private long _claimed;
    private bool _isInside, _isOver, _hasMore, _hasFrame;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_isOver)
        {
            if (!_isInside && !await BeginAsync(cancellationToken)) break;
            if (!_hasMore && _headAt == _head.Length && !await FillAsync(cancellationToken)) throw EndsTooSoon();
            if (Decode(buffer.Span) is > 0 and var written) return written;
        }
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        _decoder.Dispose();
        base.Dispose(disposing);
    }

    private static Decompressor Made()
    {
        var decoder = new Decompressor();
        decoder.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, WindowLogMax);
        return decoder;
    }

    /// <summary>Reads the next frame's head and counts what its window takes; false at the end of the body.</summary>
    private async ValueTask<bool> BeginAsync(CancellationToken caller)
    {
        if (!await FillAsync(caller))
        {
            _isOver = _hasFrame ? true : throw EndsTooSoon();
            return false;
        }
        var head = new List<byte>();
        await TakeAsync(head, sizeof(uint), caller);
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(head.ToArray());
        if (magic == Magic) await TakeDescriptionAsync(head, caller);
        else if ((magic & SkippableMask) != SkippableMagic) throw new InvalidDataException("it is no Zstandard");
        (_head, _headAt, _isInside, _hasFrame) = ([.. head], 0, true, true);
        return true;
    }

    /// <summary>The frame's descriptor says how large its window is, or its content where that is all in one.</summary>
    private async ValueTask TakeDescriptionAsync(List<byte> head, CancellationToken caller)
    {
        await TakeAsync(head, 1, caller);
        var descriptor = head[^1];
        if ((descriptor & 3) != 0) throw new InvalidDataException("it needs a dictionary");
        var isSingle = (descriptor & 0x20) != 0;
        var sizeBytes = (descriptor >> 6) switch { 0 => isSingle ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        var window = 0L;
        if (!isSingle)
        {
            await TakeAsync(head, 1, caller);
            var (exponent, mantissa) = (head[^1] >> 3, head[^1] & 7);
            window = (1L << (10 + exponent)) + (1L << (7 + exponent)) * mantissa;
        }
        await TakeAsync(head, sizeBytes, caller);
        if (isSingle) window = Size(head.ToArray().AsSpan(head.Count - sizeBytes));
        if (window is < 0 or > 1L << WindowLogMax) throw new InvalidDataException("its window is too large");
        _claimed = Math.Max(_claimed, window);
        Claim(DecoderBytes + _claimed);
    }

    private async ValueTask TakeAsync(List<byte> head, int count, CancellationToken caller)
    {
        for (var i = 0; i < count; i++) head.Add(await ByteAsync(caller));
    }

    private static long Size(ReadOnlySpan<byte> field) => field.Length switch
    {
        1 => field[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(field) + 256,
        4 => BinaryPrimitives.ReadUInt32LittleEndian(field),
        _ => BinaryPrimitives.ReadInt64LittleEndian(field),
    };

    private int Decode(Span<byte> buffer)
    {
        var isHead = _headAt < _head.Length;
        var input = isHead ? _head.AsSpan(_headAt) : Ready;
        try
        {
            var status = _decoder.UnwrapStream(input, buffer, out var taken, out var written);
            if (isHead) _headAt += taken;
            else Take(taken);
            _hasMore = written > 0 && status == OperationStatus.DestinationTooSmall; // what it has taken in already
            _isInside = status != OperationStatus.Done;
            if (_isInside && taken == 0 && written == 0 && !input.IsEmpty) throw new InvalidDataException("it does not go on");
            return written;
        }
        catch (ZstdException exception)
        {
            throw new InvalidDataException(exception.Message, exception);
        }
    }
}
