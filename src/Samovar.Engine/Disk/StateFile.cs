using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Samovar.Engine.Disk;

/// <summary>One file of state: its head, then tokens and state in blocks, each encrypted and sealed with its place and the head.</summary>
/// <remarks>A file is written under another name, brought to the disk, and then renamed. One that is not exactly what its head says is
/// not read.</remarks>
internal static class StateFile
{
    private const int BlockBytes = PieceHead.BlockBytes, TagBytes = PieceHead.TagBytes;
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
            using var cipher = keys.Body(head.Salt);
            var block = new byte[BlockBytes + TagBytes];
            for (long at = 0, index = 0; at < head.BodyBytes; at += BlockBytes, index++)
            {
                var count = (int)Math.Min(BlockBytes, head.BodyBytes - at);
                cipher.Encrypt(Nonce(index), body.Part(at, count), block.AsSpan(0, count), block.AsSpan(count, TagBytes), Signature(bytes));
                file.Write(block, 0, count + TagBytes);
            }
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

    /// <summary>What a file holds: tokens, then state. Null where anything is not as it must be.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it must be of.</param>
    public static NativeBytes? Read(string path, PieceHead expected, ReadOnlySpan<byte> binding, DiskKeys keys)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var bytes = Front(file);
        if (ReadHead(path, RandomAccess.GetLength(file), bytes, binding, keys) is not { } head || !IsSame(head, expected)) return null;
        var body = new NativeBytes(head.BodyBytes);
        if (ReadBody(file, head, bytes.AsSpan(0, head.HeadBytes), body, keys)) return body;
        body.Dispose();
        return null;
    }

    private static bool ReadBody(
        SafeFileHandle file, PieceHead head, ReadOnlySpan<byte> bytes, NativeBytes body, DiskKeys keys)
    {
        using var cipher = keys.Body(head.Salt);
        var block = new byte[BlockBytes + TagBytes];
        var from = (long)head.HeadBytes;
        for (long at = 0, index = 0; at < head.BodyBytes; at += BlockBytes, index++)
        {
            var count = (int)Math.Min(BlockBytes, head.BodyBytes - at);
            if (!Fill(file, block.AsSpan(0, count + TagBytes), from)) return false;
            from += count + TagBytes;
            try
            {
                cipher.Decrypt(Nonce(index), block.AsSpan(0, count), block.AsSpan(count, TagBytes), body.Part(at, count), Signature(bytes));
            }
            catch (CryptographicException)
            {
                return false;
            }
        }
        return true;
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
