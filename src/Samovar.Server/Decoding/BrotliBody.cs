using System.Buffers;
using System.IO.Compression;

namespace Samovar.Server.Decoding;

/// <summary>A body in Brotli (RFC 7932).</summary>
internal sealed class BrotliBody(Stream source, int bytesMax) : DecodedBody(source, bytesMax)
{
    private BrotliDecoder _decoder;
    private bool _isOver, _hasMore;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_isOver)
        {
            if (!_hasMore && !await FillAsync(cancellationToken)) throw EndsTooSoon();
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

    protected override void Dispose(bool disposing)
    {
        _decoder.Dispose();
        base.Dispose(disposing);
    }
}
