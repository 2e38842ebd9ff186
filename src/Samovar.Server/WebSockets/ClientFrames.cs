using System.Buffers;
using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Samovar.Server.WebSockets;

/// <summary>
/// The upgraded connection, as its WebSocket reads and writes it. It ends a message whose declared length is beyond the bound before the
/// bytes come, and keeps the way open for a last close frame where the WebSocket gave up without one.
/// </summary>
/// <remarks>
/// To the WebSocket a message that is too long looks as if the client had closed instead: so everything that is under way is still
/// written, and nothing is read any more. A message that cannot be inflated makes the WebSocket give up without a word; the connection is
/// whole all the same.
/// </remarks>
internal sealed class ClientFrames(Stream connection, long messageBytesMax) : Stream
{
    private const int KeptBytesMax = 16 << 10, PieceBytesMax = 64 << 10;
    private const byte CloseHead = 0x88, OpcodeBits = 0x0f;
    private static readonly byte[] ClientsClose = [CloseHead, 0x82, 0, 0, 0, 0, 0x03, 0xf1]; // masked with zeros, 1009
    private readonly FrameHeads _heads = new(messageBytesMax);
    private readonly byte[] _ready = new byte[FrameHeads.HeadBytesMax];
    private byte[]? _kept; // frames that go out with the next one
    private int _keptBytes;
    private int _readyAt, _readyEnd;
    private long _piecesTaken;
    private volatile bool _isReading, _isWriting, _isGone, _isClosing, _isDropped;

    /// <summary>Pieces of frames that the client, or the system for it, has taken so far.</summary>
    public long PiecesTaken => Interlocked.Read(ref _piecesTaken);

    /// <summary>A message was said to be longer than it may be.</summary>
    public bool IsTooLong => _heads.IsTooLong;

    /// <summary>The WebSocket has written its close frame.</summary>
    public bool IsClosing => _isClosing;

    /// <summary>The client is still there, no half frame is in the way, and a close frame can reach it.</summary>
    public bool IsOpen => !_isDropped && !_isGone && !_isWriting;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // one read waits on each idle socket
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_readyAt < _readyEnd) return TakeReady(buffer.Span);
        if (buffer.IsEmpty || IsTooLong) return IsTooLong ? 0 : await ReadConnectionAsync(buffer, cancellationToken);
        var passed = 0;
        if (_heads.Begun.IsEmpty)
        {
            var read = await ReadConnectionAsync(buffer, cancellationToken);
            if (read == 0) return 0;
            passed = _heads.Take(buffer.Span[..read]);
            if (IsTooLong) SetReady(ClientsClose);
            if (passed > 0) return passed;
        }
        if (!IsTooLong && !await CompleteHeadAsync(cancellationToken)) return 0;
        return TakeReady(buffer.Span);
    }

    /// <summary>
    /// Whether another frame follows at once: then one that fits is kept until it comes, and both go out together. A frame that is kept
    /// never stays: a writer that announces another one writes it, or ends the connection.
    /// </summary>
    public bool IsMoreToCome { get; set; }

    /// <remarks>The WebSocket writes one frame after the other, each in one call.</remarks>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDropped, this);
        if (!buffer.IsEmpty && (buffer.Span[0] & OpcodeBits) == (CloseHead & OpcodeBits)) _isClosing = true;
        var fits = buffer.Length <= KeptBytesMax - _keptBytes;
        if (!fits || !IsMoreToCome && _kept is null) return WriteConnectionAsync(buffer, cancellationToken);
        _kept ??= ArrayPool<byte>.Shared.Rent(KeptBytesMax);
        buffer.CopyTo(_kept.AsMemory(_keptBytes));
        _keptBytes += buffer.Length;
        return IsMoreToCome ? ValueTask.CompletedTask : WriteConnectionAsync(ReadOnlyMemory<byte>.Empty, cancellationToken);
    }

    private async ValueTask WriteConnectionAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        _isWriting = true;
        if (_kept is { } kept)
        {
            await connection.WriteAsync(kept.AsMemory(0, _keptBytes), cancellationToken);
            (_kept, _keptBytes) = (null, 0); // not after a failure: somebody may still read it
            ArrayPool<byte>.Shared.Return(kept);
        }
        while (!frame.IsEmpty)
        {
            var piece = frame[..Math.Min(frame.Length, PieceBytesMax)];
            await connection.WriteAsync(piece, cancellationToken);
            Interlocked.Increment(ref _piecesTaken);
            frame = frame[piece.Length..];
        }
        _isWriting = false; // not after a failure: half a frame may be out
    }

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _kept is null ? connection.FlushAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Writes the close frame that the WebSocket did not.</summary>
    public async Task WriteCloseAsync(WebSocketCloseStatus status, string reason)
    {
        var text = Encoding.UTF8.GetBytes(reason);
        var frame = new byte[4 + text.Length];
        (frame[0], frame[1]) = (CloseHead, (byte)(2 + text.Length));
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)status);
        text.CopyTo(frame.AsSpan(4));
        await connection.WriteAsync(frame);
        await connection.FlushAsync();
    }

    /// <summary>Reads and forgets until the client goes, so that the last frames reach it before the connection ends.</summary>
    public async Task DrainAsync(CancellationToken socketAborted)
    {
        var scratch = new byte[4096];
        await Task.Yield(); // the deadline of whoever waits for this is set first
        while (!_heads.IsClosed && await connection.ReadAsync(scratch, socketAborted) is > 0 and var read)
            if (!IsTooLong) _heads.Take(scratch.AsSpan(0, read));
    }

    protected override void Dispose(bool disposing)
    {
        _isDropped = true;
        Interlocked.MemoryBarrier(); // either this sees the read that begins, or the read sees that there is no connection any more
        if (_isReading) connection.Dispose(); // wakes it
        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadConnectionAsync(Memory<byte> buffer, CancellationToken aborted)
    {
        _isReading = true;
        try
        {
            Interlocked.MemoryBarrier();
            ObjectDisposedException.ThrowIf(_isDropped, this);
            var read = await connection.ReadAsync(buffer, aborted);
            if (read == 0 && !buffer.IsEmpty) _isGone = true;
            return read;
        }
        catch
        {
            _isGone = true;
            throw;
        }
        finally
        {
            _isReading = false;
        }
    }

    /// <summary>The bytes of a head come one by one where the network cut it; false when the client is gone.</summary>
    private async ValueTask<bool> CompleteHeadAsync(CancellationToken aborted)
    {
        var piece = new byte[FrameHeads.HeadBytesMax];
        var head = new byte[FrameHeads.HeadBytesMax];
        while (true)
        {
            var read = await ReadConnectionAsync(piece.AsMemory(0, _heads.Missing), aborted);
            if (read == 0) return false;
            var begun = _heads.Begun.Length;
            _heads.Begun.CopyTo(head);
            piece.AsSpan(0, read).CopyTo(head.AsSpan(begun));
            _heads.Take(piece.AsSpan(0, read));
            if (!_heads.Begun.IsEmpty) continue;
            SetReady(IsTooLong ? ClientsClose : head.AsSpan(0, begun + read));
            return true;
        }
    }

    private void SetReady(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_ready);
        (_readyAt, _readyEnd) = (0, bytes.Length);
    }

    private int TakeReady(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _readyEnd - _readyAt);
        _ready.AsSpan(_readyAt, count).CopyTo(buffer);
        _readyAt += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
