using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Samovar.Engine;

/// <summary>Looks at a model's file before libllama does: what is wrong with it is then said in words for its owner.</summary>
public static class GgufFile
{
    private const int VersionMin = 2, VersionMax = 3, MagicBytes = 4;

    /// <summary>What is wrong with the file, as a sentence with its path; null where it looks whole.</summary>
    public static string? FaultOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full)) return $"{full} is a folder; name the GGUF file in it.";
        if (!File.Exists(full)) return $"{full} does not exist.";
        try
        {
            using var file = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 64 << 10);
            return FaultOf(file) is { } fault ? $"{full} {fault}." : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return $"{full} cannot be read: {exception.Message}";
        }
    }

    /// <summary>The architecture that the file names; null where it cannot be read.</summary>
    public static string? Architecture(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var reader = new GgufReader(file);
            return reader.Skip(MagicBytes + sizeof(uint)) && reader.TryReadHeader(out var header) ? header.Architecture : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException) { return null; }
    }

    /// <summary>The same of an open file, without its path: <c>is empty</c>.</summary>
    public static string? FaultOf(FileStream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!file.CanSeek) return "is a pipe or a device, not a file";
        if (file.Length == 0) return "is empty";
        Span<byte> head = stackalloc byte[MagicBytes + sizeof(uint)];
        var read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (read < MagicBytes || !head.StartsWith("GGUF"u8)) return NotGguf(head[..read]);
        if (read < head.Length) return "ends within its head: it was not copied or downloaded as a whole";
        var version = BinaryPrimitives.ReadUInt32LittleEndian(head[MagicBytes..]);
        if (BinaryPrimitives.ReverseEndianness(version) is >= VersionMin and <= VersionMax)
            return "is a big-endian GGUF file, made for other machines: take the little-endian one";
        if (version is < VersionMin or > VersionMax)
            return string.Create(
                CultureInfo.InvariantCulture, $"is a GGUF file of version {version}; this reads {VersionMin} and {VersionMax}");
        using var reader = new GgufReader(file);
        if (!reader.TryReadHeader(out var header)) return "ends within its head: it was not copied or downloaded as a whole";
        return header.BytesNeeded > file.Length
            ? string.Create(CultureInfo.InvariantCulture,
                $"has {file.Length} of at least {header.BytesNeeded} bytes: it was not copied or downloaded as a whole") : null;
    }

    private static string NotGguf(ReadOnlySpan<byte> head) => head.StartsWith("vers"u8)
        ? "is a pointer of Git LFS, not the model itself: 'git lfs pull' brings it"
        : head.StartsWith("<!DO"u8) || head.StartsWith("<htm"u8) || head.StartsWith("<!do"u8)
            ? "is a web page, not a GGUF file: it was downloaded from the wrong address" : "is not a GGUF file";
}

/// <summary>What the head of a GGUF file says.</summary>
/// <param name="BytesNeeded">The least length of a file that has all its tensors.</param>
internal readonly record struct GgufHeader(string? Architecture, long BytesNeeded);

/// <summary>Reads a head behind its magic number and version, without trusting a number in it.</summary>
internal sealed class GgufReader(FileStream file) : IDisposable
{
    private const int TextBytesMax = 64 << 20, NameBytesMax = 1024, DimensionsMax = 8, KeysMax = 1 << 20, TensorsMax = 1 << 20;
    private const uint TextType = 8, ArrayType = 9;
    private const long AlignmentDefault = 32;
    private static readonly int[] Sizes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8]; // by the number of the type
    private readonly BinaryReader _reader = new(file, Encoding.UTF8, leaveOpen: true);

    public void Dispose() => _reader.Dispose();

    public bool Skip(long bytes)
    {
        if (bytes < 0 || file.Position + bytes > file.Length) return false;
        file.Seek(bytes, SeekOrigin.Current);
        return true;
    }

    public bool TryReadHeader(out GgufHeader header)
    {
        header = default;
        try
        {
            var (tensors, keys) = (_reader.ReadInt64(), _reader.ReadInt64());
            if (tensors is < 0 or > TensorsMax || keys is < 0 or > KeysMax) return false;
            var (architecture, alignment) = ((string?)null, AlignmentDefault);
            for (var key = 0L; key < keys; key++)
            {
                if (Text(NameBytesMax) is not { } name) return false;
                var type = _reader.ReadUInt32();
                if (name == "general.architecture" && type == TextType) architecture = Text(NameBytesMax);
                else if (name == "general.alignment" && type == 4) alignment = Math.Max(1, _reader.ReadUInt32());
                else if (!SkipValue(type)) return false;
            }
            if (LastByte(tensors) is not { } last) return false;
            header = new GgufHeader(architecture, tensors == 0 ? file.Position : Aligned(file.Position, alignment) + last);
            return true;
        }
        catch (EndOfStreamException) { return false; }
    }

    /// <summary>The end of the tensor that ends last, from where the data begin; null where the head is broken.</summary>
    private long? LastByte(long tensors)
    {
        var last = 0L;
        for (var tensor = 0L; tensor < tensors; tensor++)
        {
            if (Text(NameBytesMax) is null) return null;
            var dimensions = _reader.ReadUInt32();
            if (dimensions > DimensionsMax) return null;
            var elements = 1.0;
            for (var dimension = 0; dimension < dimensions; dimension++) elements *= _reader.ReadUInt64();
            var (type, offset) = (_reader.ReadUInt32(), _reader.ReadInt64());
            var end = offset + elements * GgufTypes.BytesPerElement(type);
            if (offset < 0 || end > long.MaxValue / 2.0) return null;
            last = Math.Max(last, (long)end);
        }
        return last;
    }

    private bool SkipValue(uint type)
    {
        if (type == TextType) return SkipText();
        if (type != ArrayType) return type < Sizes.Length && Skip(Sizes[type]);
        var (entry, count) = (_reader.ReadUInt32(), _reader.ReadInt64());
        if (count < 0 || entry == ArrayType || entry >= Sizes.Length) return false;
        if (entry != TextType) return count <= file.Length && Skip(count * Sizes[entry]);
        for (var index = 0L; index < count; index++)
            if (!SkipText()) return false;
        return true;
    }

    private bool SkipText() => _reader.ReadInt64() is >= 0 and <= TextBytesMax and var length && Skip(length);

    private string? Text(int bytesMax)
    {
        var length = _reader.ReadInt64();
        return length < 0 || length > bytesMax ? null : Encoding.UTF8.GetString(_reader.ReadBytes((int)length));
    }

    private static long Aligned(long position, long alignment) => (position + alignment - 1) / alignment * alignment;
}

/// <summary>How much room the elements of a tensor take.</summary>
internal static class GgufTypes
{
    /// <summary>Bytes of one element on average; 0 for a type that is not known here, whose end nobody checks then.</summary>
    public static double BytesPerElement(uint type) => type switch
    {
        0 or 26 => 4, // F32, I32
        1 or 25 or 30 => 2, // F16, I16, BF16
        27 or 28 => 8, // I64, F64
        24 => 1, // I8
        2 => 18 / 32.0, // Q4_0
        3 => 20 / 32.0, // Q4_1
        6 => 22 / 32.0, // Q5_0
        7 => 24 / 32.0, // Q5_1
        8 => 34 / 32.0, // Q8_0
        10 => 84 / 256.0, // Q2_K
        11 => 110 / 256.0, // Q3_K
        12 => 144 / 256.0, // Q4_K
        13 => 176 / 256.0, // Q5_K
        14 => 210 / 256.0, // Q6_K
        _ => 0,
    };
}
