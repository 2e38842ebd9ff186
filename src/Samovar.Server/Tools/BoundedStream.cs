namespace Samovar.Server.Tools;

/// <summary>What an answer says, up to its bound.</summary>
internal sealed class BoundedStream(Stream inner, int bytesMax, AnswerFaults? faults) : Stream
{
    private long _read;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await ReadOrNoteAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadOrNoteAsync(Memory<byte> buffer, CancellationToken cancelled)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancelled);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            if (faults is not null) faults.Newest = broken;
            throw;
        }
    }

    private int Count(int read)
    {
        if ((_read += read) <= bytesMax) return read;
        var fault = new TooMuchException(bytesMax);
        if (faults is not null) faults.Newest = fault;
        throw fault;
    }
}
