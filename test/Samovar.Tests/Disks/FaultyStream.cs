namespace Samovar.Tests.Disks;

/// <summary>Which writes go wrong, counted over all streams that have it.</summary>
internal sealed class Faults
{
    /// <summary>The number of the write that gets half of its bytes to the disk; 0 is none.</summary>
    public int FailingWrite { get; init; }

    /// <summary>Whether the half may be cut off again.</summary>
    public bool MayBeCut { get; init; }

    /// <summary>What every write waits for.</summary>
    public Task Gate { get; init; } = Task.CompletedTask;
    public int Writes => Volatile.Read(ref _writes);
    private int _writes;

    public int Next() => Interlocked.Increment(ref _writes);
}

/// <summary>A file whose writes go wrong.</summary>
internal sealed class FaultyStream(Stream file, Faults faults) : Stream
{
    public override bool CanRead => file.CanRead;
    public override bool CanSeek => file.CanSeek;
    public override bool CanWrite => file.CanWrite;
    public override long Length => file.Length;
    public override long Position { get => file.Position; set => file.Position = value; }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var number = faults.Next();
        await faults.Gate;
        if (number != faults.FailingWrite)
        {
            await file.WriteAsync(buffer, cancellationToken);
            return;
        }
        await file.WriteAsync(buffer[..(buffer.Length / 2)], cancellationToken);
        throw new IOException("No space left on device");
    }

    public override void SetLength(long value)
    {
        if (!faults.MayBeCut) throw new IOException("Read-only file system");
        file.SetLength(value);
    }

    public override int Read(byte[] buffer, int offset, int count) => file.Read(buffer, offset, count);
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        file.ReadAsync(buffer, cancellationToken);
    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() => file.Flush();

    protected override void Dispose(bool disposing)
    {
        file.Dispose();
        base.Dispose(disposing);
    }
}
