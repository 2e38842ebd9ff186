using Samovar.Protocol.Errors;

namespace Samovar.Server.Decoding;

/// <summary>
/// A compressed body as its content. Unlike the framework's decoders it takes nothing for granted: data that ends too soon, or goes on
/// behind its end, is broken.
/// </summary>
internal abstract class DecodedBody(Stream source, int bytesMax) : Stream
{
    private readonly byte[] _buffer = new byte[16 << 10];
    private int _at, _end;
    private long _taken;

    public sealed override bool CanRead => true;
    public sealed override bool CanSeek => false;
    public sealed override bool CanWrite => false;
    public sealed override long Length => throw new NotSupportedException();
    public sealed override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Compressed bytes that are there and not taken.</summary>
    protected ArraySegment<byte> Ready => new(_buffer, _at, _end - _at);

    /// <exception cref="InvalidDataException">The data is broken.</exception>
    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    protected void Take(int bytes) => _at += bytes;

    /// <summary>Makes sure that bytes are there; false at the end of the body.</summary>
    protected async ValueTask<bool> FillAsync(CancellationToken caller)
    {
        if (_at < _end) return true;
        (_at, _end) = (0, await source.ReadAsync(_buffer, caller));
        _taken += _end;
        if (_taken > bytesMax) throw new ApiException(Errors.RequestTooLarge, ["too many", bytesMax]);
        return _end > 0;
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

    public sealed override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public sealed override void Flush() => throw new NotSupportedException();
    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public sealed override void SetLength(long value) => throw new NotSupportedException();
    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
