using System.Buffers;
using System.IO.Compression;

namespace Samovar.Server.Decoding;

/// <summary>A body in Brotli (RFC 7932).</summary>
internal sealed class BrotliBody(Stream source, int bytesMax, Action<long> claim) : DecodedBody(source, bytesMax, claim)
{
    private BrotliDecoder _decoder;
    private bool _isOver, _hasMore, _isClaimed;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_isOver)
        {
            if (!_hasMore && !await FillAsync(cancellationToken)) throw EndsTooSoon();
            if (!_isClaimed) Claim(WindowBytes(Ready[0]));
            _isClaimed = true;
            var status = _decoder.Decompress(Ready, buffer.Span, out var taken, out var written);
            Take(taken);
            if (status == OperationStatus.InvalidData) throw new InvalidDataException("it is no Brotli");
            _hasMore = status == OperationStatus.DestinationTooSmall; // what it has taken in already
            _isOver = status == OperationStatus.Done;
            if (_isOver) await EndAsync(cancellationToken);
            if (written > 0) return written;
        }
        return 0;
    }

    /// <summary>The decoder's memory is its window, and the data's first bits say how large that is (RFC 7932, 9.1).</summary>
    private static long WindowBytes(byte first)
    {
        var (middle, high) = (first >> 1 & 7, first >> 4 & 7);
        return 1L << ((first & 1) == 0 ? 16 : middle > 0 ? 17 + middle : high > 0 ? 8 + high : 17);
    }

    protected override void Dispose(bool disposing)
    {
        _decoder.Dispose();
        base.Dispose(disposing);
    }
}
