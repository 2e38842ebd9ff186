using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Samovar.Engine.Disk;

/// <summary>What a state file is of; it stands unencrypted and signed in front of the state.</summary>
/// <param name="Start">Tokens of the path in front of those whose state this is; 0 for a checkpoint.</param>
/// <param name="End">Tokens of the path up to its end.</param>
/// <param name="Kind">What the place of a checkpoint is; null for rows.</param>
/// <param name="IsWhole">Whether a checkpoint needs no rows.</param>
/// <param name="StateBytes">Bytes of the state, without the tokens.</param>
/// <param name="EndHash">Of the path up to its end.</param>
/// <param name="Steps">Of the path up to each multiple of <see cref="PathHashes.StepTokens"/> from the last one at or before its start to
/// the last one before its end; a checkpoint has the last one only.</param>
internal sealed record PieceHead(
    int Start, int End, MarkKind? Kind, bool IsWhole, long StateBytes, UInt128 EndHash, IReadOnlyList<UInt128> Steps)
{
    /// <summary>Tokens of a path whose place may be named.</summary>
    private const int PathTokensMax = 1 << 20;

    /// <summary>Bytes of a block of the body, and of what seals it.</summary>
    public const int BlockBytes = 1 << 20, TagBytes = 16;
    public const int SaltBytes = 32;
    public const int BindingBytes = 32;
    private const int StepsMax = PathTokensMax / PathHashes.StepTokens + 2;
    private const int HashBytes = 16;
    private const int FixedBytes = 8 + 4 + 4 + BindingBytes + SaltBytes + 4 + 4 + 4 + 8 + 3 * HashBytes;
    private const int Version = 2;
    private const int RowsKind = -1;
    private const int WholeFlag = 256;
    private const long StateBytesMax = 1L << 40;

    public const int LeastBytes = FixedBytes + HashBytes + HMACSHA256.HashSizeInBytes;
    public const int MostBytes = FixedBytes + StepsMax * HashBytes + HMACSHA256.HashSizeInBytes;
    private static ReadOnlySpan<byte> Magic => "SAMSTATE"u8;

    /// <summary>The salt of its file's key.</summary>
    public byte[] Salt { get; init; } = [];

    /// <summary>Of the path up to its start.</summary>
    public UInt128 StartHash { get; init; }

    /// <summary>The end of the rows that it is of no use without; 0: there are none. They may reach further than its start.</summary>
    public UInt128 Before { get; init; }

    public bool IsRows => Kind is null;

    /// <summary>Tokens whose state it is; none for what stands beside rows.</summary>
    public int StateTokens => IsRows ? End - Start : IsWhole ? End : 0;

    /// <summary>The first of its body's tokens: a path's hashes can be had again from there.</summary>
    public int FirstToken => IsRows ? FirstStep : 0;

    public int BodyTokens => End - FirstToken;

    /// <summary>The place of <see cref="Steps"/>[0].</summary>
    public int FirstStep => FirstStepOf(Kind, Start, End);

    public long BodyBytes => (long)BodyTokens * sizeof(int) + StateBytes;

    public int HeadBytes => FixedBytes + Steps.Count * HashBytes + HMACSHA256.HashSizeInBytes;

    public long FileBytes => HeadBytes + BodyBytes + (BodyBytes + BlockBytes - 1) / BlockBytes * TagBytes;

    /// <summary>The name that its file must have.</summary>
    public string Name => NameOf(EndHash, IsRows);

    public static string NameOf(UInt128 endHash, bool isRows) =>
        string.Create(CultureInfo.InvariantCulture, $"{endHash:x32}.{(isRows ? "rows" : "point")}");

    public static PieceHead Of(PathHashes path, int start, int end, MarkKind? kind, bool isWhole, long stateBytes)
    {
        var steps = new List<UInt128>();
        for (var at = FirstStepOf(kind, start, end); at < end; at += PathHashes.StepTokens) steps.Add(path.At(at));
        return new PieceHead(start, end, kind, isWhole, stateBytes, path.At(end), steps) { StartHash = path.At(start) };
    }

    /// <summary>The head of the same rows, but for those from a place on.</summary>
    /// <param name="endHash">Of the path up to there.</param>
    public PieceHead CutAt(int end, UInt128 endHash) => this with
    {
        End = end, EndHash = endHash, StateBytes = StateBytes / (End - Start) * (end - Start), Salt = [],
        Steps = [.. Steps.Take((end - 1 - FirstStep) / PathHashes.StepTokens + 1)],
    };

    private static int FirstStepOf(MarkKind? kind, int start, int end) =>
        kind is null ? start / PathHashes.StepTokens * PathHashes.StepTokens : PathHashes.StepBefore(end);

    public byte[] Write(ReadOnlySpan<byte> binding, DiskKeys keys)
    {
        var bytes = new byte[HeadBytes];
        var writer = new HeadWriter(bytes);
        writer.Bytes(Magic);
        writer.Int(Version);
        writer.Int(Steps.Count);
        writer.Bytes(binding);
        writer.Bytes(Salt);
        writer.Int(Start);
        writer.Int(End);
        writer.Int(Kind is { } kind ? (int)kind | (IsWhole ? WholeFlag : 0) : RowsKind);
        writer.Long(StateBytes);
        writer.Hash(EndHash);
        writer.Hash(StartHash);
        writer.Hash(Before);
        foreach (var step in Steps) writer.Hash(step);
        var signed = bytes.Length - HMACSHA256.HashSizeInBytes;
        HMACSHA256.HashData(keys.Heads, bytes.AsSpan(0, signed), bytes.AsSpan(signed));
        return bytes;
    }

    /// <summary>The head that a file begins with; null where it is of other keys, another binding or version, or broken.</summary>
    /// <param name="file">As much of the file as a head may have, or all of it.</param>
    public static PieceHead? Read(ReadOnlySpan<byte> file, ReadOnlySpan<byte> binding, DiskKeys keys)
    {
        if (file.Length < LeastBytes || !file.StartsWith(Magic)) return null;
        var (version, count) = (Int(file[8..]), Int(file[12..]));
        if (version != Version || count is < 1 or > StepsMax) return null;
        var size = FixedBytes + count * HashBytes;
        if (file.Length < size + HMACSHA256.HashSizeInBytes) return null;
        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(keys.Heads, file[..size], signature);
        if (!CryptographicOperations.FixedTimeEquals(signature, file.Slice(size, signature.Length))) return null;
        if (!file.Slice(16, BindingBytes).SequenceEqual(binding)) return null;
        return Parse(file, count);
    }

    private static PieceHead? Parse(ReadOnlySpan<byte> file, int count)
    {
        var at = file[(16 + BindingBytes + SaltBytes)..];
        var kind = Int(at[8..]);
        var head = new PieceHead(
            Int(at), Int(at[4..]), kind == RowsKind ? null : (MarkKind)(kind & (WholeFlag - 1)),
            kind != RowsKind && (kind & WholeFlag) != 0,
            BinaryPrimitives.ReadInt64LittleEndian(at[12..]), Hash(at[20..]), Hashes(at[68..], count))
        {
            Salt = file.Slice(16 + BindingBytes, SaltBytes).ToArray(), StartHash = Hash(at[36..]), Before = Hash(at[52..]),
        };
        return head.IsSound ? head : null;
    }

    private bool IsSound => Start >= 0 && End > Start && End <= PathTokensMax && StateBytes is >= 0 and <= StateBytesMax
        && (IsRows || (Start == 0 && Enum.IsDefined(Kind!.Value)))
        && Steps.Count == (End - 1 - FirstStep) / PathHashes.StepTokens + 1;

    private static UInt128[] Hashes(ReadOnlySpan<byte> bytes, int count)
    {
        var hashes = new UInt128[count];
        for (var at = 0; at < count; at++) hashes[at] = Hash(bytes[(at * HashBytes)..]);
        return hashes;
    }

    private static UInt128 Hash(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt128LittleEndian(bytes);

    private static int Int(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes);

    private ref struct HeadWriter(Span<byte> target)
    {
        private Span<byte> _left = target;

        public void Bytes(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_left);
            _left = _left[bytes.Length..];
        }

        public void Int(int value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_left, value);
            _left = _left[sizeof(int)..];
        }

        public void Long(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_left, value);
            _left = _left[sizeof(long)..];
        }

        public void Hash(UInt128 value)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(_left, value);
            _left = _left[HashBytes..];
        }
    }
}
