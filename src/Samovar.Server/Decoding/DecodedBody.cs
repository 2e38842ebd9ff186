using Samovar.Protocol.Errors;

namespace Samovar.Server.Decoding;

/// <summary>
/// A compressed body as its content. Unlike the framework's decoders it takes nothing for granted: data that ends too soon, or goes on
/// behind its end, is broken: reading it throws <see cref="InvalidDataException"/>.
/// </summary>
/// <param name="source">What came in.</param>
/// <param name="bytesMax">Compressed bytes that may come.</param>
/// <param name="claim">Counts the decoder's memory, or throws.</param>
internal abstract class DecodedBody(Stream source, int bytesMax, Action<long> claim) : ReadOnlyBody
{
    private const int BufferBytes = 4 << 10;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _at, _end;
    private long _taken;

    /// <summary>Compressed bytes that are there and not taken.</summary>
    protected ArraySegment<byte> Ready => new(_buffer, _at, _end - _at);

    /// <summary>Counts what the decoder holds while the body comes in; throws where there is no room for it.</summary>
    protected void Claim(long decoderBytes) => claim(BufferBytes + decoderBytes);

    protected void Take(int bytes) => _at += bytes;

    /// <summary>Makes sure that bytes are there; false at the end of the body.</summary>
    /// <param name="least">How many of them, unless the body ends sooner.</param>
    protected async ValueTask<bool> FillAsync(CancellationToken caller, int least = 1)
    {
        while (_end - _at < least)
        {
            Ready.AsSpan().CopyTo(_buffer);
            (_at, _end) = (0, _end - _at);
            var read = await source.ReadAsync(_buffer.AsMemory(_end), caller);
            if (read == 0) break;
            (_end, _taken) = (_end + read, _taken + read);
            if (_taken > bytesMax) throw new ApiException(Errors.RequestTooLarge, ["too many", bytesMax]);
        }
        return _at < _end;
    }

    protected async ValueTask<byte> ByteAsync(CancellationToken caller)
    {
        if (!await FillAsync(caller)) throw EndsTooSoon();
        return _buffer[_at++];
    }

    /// <summary>Nothing may follow.</summary>
    protected async ValueTask EndAsync(CancellationToken caller)
    {
        if (await FillAsync(caller)) throw new InvalidDataException("data follows its end");
    }

    protected static InvalidDataException EndsTooSoon() => new("it ends too soon");

    protected override void Dispose(bool disposing)
    {
        if (disposing) source.Dispose(); // it may be a decoder itself
        base.Dispose(disposing);
    }
}
