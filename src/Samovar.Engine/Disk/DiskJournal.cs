using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Samovar.Engine.Disk;

/// <summary>The file that says which stored responses need which state files. The writer's thread only.</summary>
/// <remarks>It grows, and is written again when half of it is of no use. Each entry is signed; the first one that is not right ends it: a
/// file that nobody is known to need is deleted, and its conversation computed again.</remarks>
internal sealed class DiskJournal(string folder, byte[] binding, DiskKeyRing ring) : IDisposable
{
    private const string Name = "uses";
    private const int TagBytes = 16, EntryBytesMax = 4096;
    private const byte OwnerKind = 1, UseKind = 2, GoneKind = 3;
    private const long SlackMax = 1 << 20;
    private const int SlackShare = 16;
    private FileStream? _file;
    private long _bytesNeeded;

    public long Bytes { get; private set; }

    /// <summary>What it and the files that it is about may take.</summary>
    public long TierBytesMax { get; set; }

    /// <summary>Whether it should be written again: it is not there yet, or most of it is of no use.</summary>
    public bool IsDue => _file is null || Bytes > 2 * _bytesNeeded + Math.Min(SlackMax, TierBytesMax / SlackShare);

    /// <summary>What happened to the folder may have happened to it.</summary>
    public void Doubt()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>What an earlier process left.</summary>
    /// <exception cref="IOException">The disk does not say: that is not to be taken for a file that is not there.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public IEnumerable<JournalEntry> Read()
    {
        using var file = Open();
        if (file is null) yield break;
        var bytes = new byte[EntryBytesMax];
        while (file.ReadAtLeast(bytes.AsSpan(0, 2), 2, throwOnEndOfStream: false) == 2)
        {
            var count = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            if (count is <= TagBytes or > EntryBytesMax
                || file.ReadAtLeast(bytes.AsSpan(0, count), count, throwOnEndOfStream: false) < count) yield break;
            if (Parse(bytes.AsSpan(0, count)) is not { } entry) yield break;
            yield return entry;
        }
    }

    /// <summary>Writes down what is new, or all where that is due.</summary>
    /// <exception cref="IOException">It could not be.</exception>
    public void Note(DiskUses uses, bool isUrgent)
    {
        if (IsDue || uses.TakeNews() is not { } news) Write(uses.TakeAll());
        else Append(news, isUrgent);
    }

    /// <summary>Writes it whole.</summary>
    /// <exception cref="IOException">It could not be.</exception>
    public void Write(IEnumerable<JournalEntry> entries)
    {
        _file?.Dispose();
        _file = null;
        var path = Path.Combine(folder, Name);
        using (var file = new FileStream(path + StateFile.Unfinished, Options()))
        {
            foreach (var entry in entries) Write(file, entry);
            file.Flush(flushToDisk: true);
        }
        File.Move(path + StateFile.Unfinished, path, overwrite: true);
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        Bytes = _bytesNeeded = _file.Length;
    }

    /// <summary>Adds to it.</summary>
    /// <param name="isUrgent">Whether it must be on the disk when this returns.</param>
    /// <exception cref="IOException">It could not be.</exception>
    public void Append(IReadOnlyList<JournalEntry> entries, bool isUrgent)
    {
        if (entries.Count == 0) return;
        if (_file is null) throw new IOException("It is not open.");
        try
        {
            foreach (var entry in entries) Write(_file, entry);
            _file.Flush(flushToDisk: isUrgent);
            Bytes = _file.Length;
        }
        catch
        {
            Doubt(); // half an entry may be there: it is written again
            throw;
        }
    }

    public void Dispose() => _file?.Dispose();

    private FileStream? Open()
    {
        try
        {
            return File.OpenRead(Path.Combine(folder, Name));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private void Write(FileStream file, JournalEntry entry)
    {
        using var payload = new MemoryStream();
        using var writer = new BinaryWriter(payload, Encoding.UTF8);
        switch (entry)
        {
            case JournalEntry.Owner owner:
                writer.Write(OwnerKind);
                writer.Write(owner.Number);
                writer.Write(owner.Scope);
                writer.Write(owner.Id);
                writer.Write(owner.Before);
                writer.Write(owner.Since.ToUnixTimeSeconds());
                break;
            case JournalEntry.Use use:
                writer.Write(UseKind);
                writer.Write(use.Of);
                writer.Write((ulong)(use.EndHash >> 64));
                writer.Write((ulong)use.EndHash);
                writer.Write(use.IsRows);
                writer.Write(use.Until);
                break;
            case JournalEntry.Gone gone:
                writer.Write(GoneKind);
                writer.Write(gone.Of);
                break;
        }
        var bytes = payload.ToArray();
        if (bytes.Length + TagBytes > EntryBytesMax) return; // a name of such a length: its files are nobody's at the next start
        Span<byte> count = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(count, (ushort)(bytes.Length + TagBytes));
        file.Write(count);
        file.Write(bytes);
        file.Write(Tag(ring.Newest, bytes));
    }

    private JournalEntry? Parse(ReadOnlySpan<byte> entry)
    {
        var payload = entry[..^TagBytes].ToArray();
        foreach (var keys in ring.All)
            if (CryptographicOperations.FixedTimeEquals(Tag(keys, payload), entry[^TagBytes..])) return Parse(payload);
        return null;
    }

    private static JournalEntry? Parse(byte[] payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload), Encoding.UTF8);
        return reader.ReadByte() switch
        {
            OwnerKind => new JournalEntry.Owner(reader.ReadInt64(), reader.ReadString(), reader.ReadString(), reader.ReadInt64(),
                DateTimeOffset.FromUnixTimeSeconds(reader.ReadInt64())),
            UseKind => new JournalEntry.Use(
                reader.ReadInt64(), new UInt128(reader.ReadUInt64(), reader.ReadUInt64()), reader.ReadBoolean(), reader.ReadInt32()),
            GoneKind => new JournalEntry.Gone(reader.ReadInt64()),
            _ => null,
        };
    }

    private byte[] Tag(DiskKeys keys, byte[] payload)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, keys.Heads);
        hash.AppendData("uses"u8);
        hash.AppendData(binding);
        hash.AppendData(payload);
        return hash.GetHashAndReset()[..TagBytes];
    }

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
