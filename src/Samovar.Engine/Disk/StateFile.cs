using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Samovar.Engine.Disk;

/// <summary>One file of state: its head, then tokens and state in blocks, each encrypted and sealed with its place and the head.</summary>
/// <remarks>A file is written under another name, brought to the disk, and then renamed. One that is not exactly what its head says is
/// not read. Several blocks are moved at once, and while they are encrypted or decrypted the disk works on the next ones.</remarks>
internal static class StateFile
{
    private const int BlockBytes = PieceHead.BlockBytes, TagBytes = PieceHead.TagBytes, SealedBytes = BlockBytes + TagBytes;
    private const int BlocksAtOnce = 4;
    public const string Unfinished = ".writing";

    /// <summary>Writes a file whole.</summary>
    /// <exception cref="IOException">It could not be.</exception>
    public static void Write(string folder, PieceHead piece, NativeBytes body, ReadOnlySpan<byte> binding, DiskKeys keys)
    {
        var head = piece with { Salt = RandomNumberGenerator.GetBytes(PieceHead.SaltBytes) };
        var bytes = head.Write(binding, keys);
        var path = Path.Combine(folder, head.Name);
        using (var file = new FileStream(path + Unfinished, Options(head.FileBytes)))
        {
            file.Write(bytes);
            WriteBody(file, head, bytes, body, keys);
            file.Flush(flushToDisk: true);
        }
        File.Move(path + Unfinished, path, overwrite: true);
    }

    /// <summary>The head of a file that has exactly the bytes that it says; null else.</summary>
    public static PieceHead? ReadHead(string path, ReadOnlySpan<byte> binding, DiskKeys keys)
    {
        using var file = File.OpenHandle(path);
        return ReadHead(path, RandomAccess.GetLength(file), Front(file), binding, keys);
    }

    /// <summary>The same, under whichever key it is of.</summary>
    public static (PieceHead Head, DiskKeys Keys)? ReadHead(string path, ReadOnlySpan<byte> binding, DiskKeyRing ring)
    {
        using var file = File.OpenHandle(path);
        var (length, front) = (RandomAccess.GetLength(file), Front(file));
        foreach (var keys in ring.All)
            if (ReadHead(path, length, front, binding, keys) is { } head) return (head, keys);
        return null;
    }

    /// <summary>What a file holds: tokens, then state. Null where anything is not as it must be.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it must be of.</param>
    public static NativeBytes? Read(string path, PieceHead expected, ReadOnlySpan<byte> binding, DiskKeys keys)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var bytes = Front(file);
        if (ReadHead(path, RandomAccess.GetLength(file), bytes, binding, keys) is not { } head || !IsSame(head, expected)) return null;
        var body = new NativeBytes(head.BodyBytes);
        var isWhole = false;
        try
        {
            isWhole = ReadBody(file, head, bytes.AsMemory(0, head.HeadBytes), body, keys);
            return isWhole ? body : null;
        }
        finally
        {
            if (!isWhole) body.Dispose();
        }
    }

    private static void WriteBody(FileStream file, PieceHead head, byte[] bytes, NativeBytes body, DiskKeys keys)
    {
        using var cipher = keys.Body(head.Salt);
        var (filled, other) = (Rent(head), Rent(head));
        var writing = Task.FromResult(true);
        try
        {
            for (long at = 0; at < head.BodyBytes; at += (long)BlocksAtOnce * BlockBytes)
            {
                var count = 0;
                for (var block = at; block < Math.Min(head.BodyBytes, at + (long)BlocksAtOnce * BlockBytes); block += BlockBytes)
                    count += Seal(cipher, head, body, block, filled.AsSpan(count), bytes);
                writing.GetAwaiter().GetResult();
                var (source, isLast) = (filled, at + (long)BlocksAtOnce * BlockBytes >= head.BodyBytes);
                if (isLast) file.Write(source, 0, count);
                else writing = Beside(() => { file.Write(source, 0, count); return true; });
                (filled, other) = (other, filled);
            }
        }
        finally
        {
            Finish(writing); // it has a buffer
            ArrayPool<byte>.Shared.Return(filled);
            ArrayPool<byte>.Shared.Return(other);
        }
    }

    private static int Seal(AesGcm cipher, PieceHead head, NativeBytes body, long at, Span<byte> target, ReadOnlySpan<byte> bytes)
    {
        var count = (int)Math.Min(BlockBytes, head.BodyBytes - at);
        cipher.Encrypt(Nonce(at / BlockBytes), body.Part(at, count), target[..count], target.Slice(count, TagBytes), Signature(bytes));
        return count + TagBytes;
    }

    private static bool ReadBody(SafeFileHandle file, PieceHead head, ReadOnlyMemory<byte> bytes, NativeBytes body, DiskKeys keys)
    {
        using var cipher = keys.Body(head.Salt);
        var (here, next) = (Rent(head), Rent(head));
        var coming = Task.FromResult(Fill(file, here.AsSpan(0, SealedAt(head, 0)), head.HeadBytes));
        try
        {
            var from = (long)head.HeadBytes;
            for (long at = 0; at < head.BodyBytes; at += (long)BlocksAtOnce * BlockBytes)
            {
                if (!coming.GetAwaiter().GetResult()) return false;
                var count = SealedAt(head, at);
                from += count;
                if (SealedAt(head, at + (long)BlocksAtOnce * BlockBytes) is > 0 and var more)
                {
                    var (target, place) = (next, from);
                    coming = Beside(() => Fill(file, target.AsSpan(0, more), place));
                }
                if (!Open(cipher, head, body, at, here.AsSpan(0, count), bytes.Span)) return false;
                (here, next) = (next, here);
            }
            return true;
        }
        finally
        {
            Finish(coming);
            ArrayPool<byte>.Shared.Return(here);
            ArrayPool<byte>.Shared.Return(next);
        }
    }

    private static bool Open(AesGcm cipher, PieceHead head, NativeBytes body, long at, ReadOnlySpan<byte> source, ReadOnlySpan<byte> bytes)
    {
        try
        {
            for (; !source.IsEmpty; at += BlockBytes)
            {
                var count = (int)Math.Min(BlockBytes, head.BodyBytes - at);
                cipher.Decrypt(
                    Nonce(at / BlockBytes), source[..count], source.Slice(count, TagBytes), body.Part(at, count), Signature(bytes));
                source = source[(count + TagBytes)..];
            }
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Bytes in the file of the blocks that are moved together from a place of the body on.</summary>
    private static int SealedAt(PieceHead head, long at)
    {
        var bytes = Math.Clamp(head.BodyBytes - at, 0, (long)BlocksAtOnce * BlockBytes);
        return (int)(bytes + (bytes + BlockBytes - 1) / BlockBytes * TagBytes);
    }

    private static byte[] Rent(PieceHead head) => ArrayPool<byte>.Shared.Rent(
        (int)Math.Min((long)BlocksAtOnce * SealedBytes, head.BodyBytes + (head.BodyBytes / BlockBytes + 1) * TagBytes));

    /// <summary>A buffer is not given back while the disk may still use it.</summary>
    private static void Finish(Task moving)
    {
        try
        {
            moving.GetAwaiter().GetResult();
        }
        catch (IOException)
        {
            // whoever needs it awaits it, too
        }
    }

    private static bool IsSame(PieceHead head, PieceHead expected) => (head.Start, head.End, head.EndHash, head.Kind, head.IsWhole,
        head.StateBytes) == (expected.Start, expected.End, expected.EndHash, expected.Kind, expected.IsWhole, expected.StateBytes);

    private static PieceHead? ReadHead(string path, long length, byte[] bytes, ReadOnlySpan<byte> binding, DiskKeys keys) =>
        PieceHead.Read(bytes, binding, keys) is { } head && head.FileBytes == length && head.Name == Path.GetFileName(path) ? head : null;

    private static byte[] Front(SafeFileHandle file)
    {
        var bytes = new byte[Math.Min(PieceHead.MostBytes, RandomAccess.GetLength(file))];
        return Fill(file, bytes, 0) ? bytes : [];
    }

    private static bool Fill(SafeFileHandle file, Span<byte> target, long from)
    {
        while (!target.IsEmpty)
        {
            var count = RandomAccess.Read(file, target, from);
            if (count == 0) return false;
            target = target[count..];
            from += count;
        }
        return true;
    }

    /// <summary>On a thread of its own: a disk that hangs must hold none of the pool's.</summary>
    private static Task<bool> Beside(Func<bool> move) =>
        Task.Factory.StartNew(move, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static ReadOnlySpan<byte> Signature(ReadOnlySpan<byte> head) => head[^HMACSHA256.HashSizeInBytes..];

    private static byte[] Nonce(long index)
    {
        var nonce = new byte[AesGcm.NonceByteSizes.MaxSize];
        BinaryPrimitives.WriteInt64LittleEndian(nonce, index);
        return nonce;
    }

    private static FileStreamOptions Options(long size)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0, PreallocationSize = size,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
