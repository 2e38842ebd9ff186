using System.Buffers.Binary;
using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.Checksum;
using ICSharpCode.SharpZipLib.Zip.Compression;
using Samovar.Packing;

namespace Samovar.Server.Decoding;

/// <summary>
/// A body in gzip (RFC 1952, any number of members), or in what goes by the name of deflate: zlib (RFC 1950) as HTTP means it, or the bare
/// data (RFC 1951) as many clients send it. To its last byte.
/// </summary>
internal sealed class InflatedBody(Stream source, bool isGzip, int bytesMax, Action<long> claim) : DecodedBody(source, bytesMax, claim)
{
    private const int TrailerBytes = 8, PieceBytes = 4 << 10, InflaterBytes = 40 << 10; // its window, and the tables
    private const byte Deflate = 8, FlagHeaderCrc = 2, FlagExtra = 4, FlagName = 8, FlagComment = 16, FlagsReserved = 0xE0;
    private Inflater _inflater = new(noHeader: isGzip);
    private readonly Crc32 _crc = new();
    private readonly byte[] _piece = new byte[PieceBytes]; // the inflater writes into arrays only
    private uint _length;
    private int _members;
    private bool _isInside, _isOver;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_isOver)
        {
            if (!_isInside) await BeginAsync(cancellationToken);
            if (_isInside && await InflateAsync(buffer, cancellationToken) is > 0 and var written) return written;
        }
        return 0;
    }

    private async ValueTask BeginAsync(CancellationToken caller)
    {
        if (_members == 0) Claim(PieceBytes + InflaterBytes);
        if (_members++ > 0 && !await FillAsync(caller))
        {
            _isOver = true;
            return;
        }
        if (isGzip) await ReadHeadAsync(caller);
        else if (!await FillAsync(caller, ZlibHead.Bytes)) throw EndsTooSoon();
        else if (!ZlibHead.BeginsWith(Ready)) _inflater = new Inflater(noHeader: true);
        _inflater.Reset();
        _crc.Reset();
        (_length, _isInside) = (0, true);
    }

    /// <remarks>
    /// Input is set only when nothing is left to come out of what was set before: until then the inflater may have bytes in its bit buffer
    /// that follow the data's end, and they must still be found in <see cref="DecodedBody.Ready"/> when they are taken back.
    /// </remarks>
    private async ValueTask<int> InflateAsync(Memory<byte> buffer, CancellationToken caller)
    {
        var written = Inflate(Math.Min(buffer.Length, _piece.Length));
        _piece.AsSpan(0, written).CopyTo(buffer.Span);
        _crc.Update(new ArraySegment<byte>(_piece, 0, written));
        _length += (uint)written;
        if (_inflater.IsFinished) await FinishAsync(caller);
        else if (_inflater.IsNeedingDictionary) throw new InvalidDataException("it needs a dictionary");
        else if (written == 0 && _inflater.IsNeedingInput) await SetInputAsync(caller);
        return written;
    }

    private async ValueTask SetInputAsync(CancellationToken caller)
    {
        if (!await FillAsync(caller)) throw EndsTooSoon();
        _inflater.SetInput(Ready.Array, Ready.Offset, Ready.Count);
        Take(Ready.Count);
    }

    private async ValueTask FinishAsync(CancellationToken caller)
    {
        Take(-_inflater.RemainingInput);
        _isInside = false;
        if (isGzip) await CheckTrailerAsync(caller);
        else await EndAsync(caller);
        _isOver = !isGzip;
    }

    private int Inflate(int room)
    {
        try { return _inflater.Inflate(_piece, 0, room); }
        catch (SharpZipBaseException exception) { throw new InvalidDataException(exception.Message, exception); }
    }

    private async ValueTask ReadHeadAsync(CancellationToken caller)
    {
        var head = await BytesAsync(10, caller);
        if (head is not [0x1f, 0x8b, Deflate, ..] || (head[3] & FlagsReserved) != 0) throw new InvalidDataException("it is not gzip");
        if ((head[3] & FlagExtra) != 0)
            await BytesAsync(BinaryPrimitives.ReadUInt16LittleEndian(await BytesAsync(2, caller)), caller);
        if ((head[3] & FlagName) != 0) await SkipTextAsync(caller);
        if ((head[3] & FlagComment) != 0) await SkipTextAsync(caller);
        if ((head[3] & FlagHeaderCrc) != 0) await BytesAsync(2, caller);
    }

    private async ValueTask CheckTrailerAsync(CancellationToken caller)
    {
        var trailer = await BytesAsync(TrailerBytes, caller);
        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != (uint)_crc.Value
            || BinaryPrimitives.ReadUInt32LittleEndian(trailer.AsSpan(4)) != _length)
            throw new InvalidDataException("its checksum is another's");
    }

    private async ValueTask SkipTextAsync(CancellationToken caller)
    {
        while (await ByteAsync(caller) != 0) { }
    }

    private async ValueTask<byte[]> BytesAsync(int count, CancellationToken caller)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++) bytes[i] = await ByteAsync(caller);
        return bytes;
    }
}
