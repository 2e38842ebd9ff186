using System.Globalization;
using System.Text;

namespace Samovar.Engine;

/// <summary>What the head of a GGUF file says, read without its weights and without trusting a number in it.</summary>
public sealed class GgufMetadata
{
    private const int MagicBytes = 4;
    private const int KeysMax = 1 << 16, TensorsMax = 1 << 20, DimensionsMax = 8, NameBytesMax = 1024, TextBytesMax = 4 << 20,
        ListMax = 4096;
    private const uint TextType = 8, ArrayType = 9;

    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<double>> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<uint, double> _bytesByType = [];

    private GgufMetadata() { }

    /// <summary>The architecture's name; empty where the file names none.</summary>
    public string Architecture => Text("general.architecture") ?? "";

    /// <summary>Numbers in its tensors.</summary>
    public double Parameters { get; private set; }

    /// <summary>Bytes of the file.</summary>
    public long FileBytes { get; private set; }

    /// <summary>The number of the type that most of its weights have.</summary>
    public uint MostlyType => _bytesByType.Count == 0 ? 0 : _bytesByType.MaxBy(one => one.Value).Key;

    /// <summary>The keys of all texts, in their order.</summary>
    public IEnumerable<string> TextKeys => _texts.Keys;

    /// <summary>A text by its key.</summary>
    public string? Text(string key) => _texts.GetValueOrDefault(key);

    /// <summary>A number of the architecture; the first, where it has one for each layer.</summary>
    public double? Number(string key) => Numbers(key) is [var first, ..] ? first : null;

    /// <summary>The numbers of the architecture under a key: one for all layers, or one for each; empty where there are none.</summary>
    public IReadOnlyList<double> Numbers(string key) => _numbers.GetValueOrDefault($"{Architecture}.{key}", []);

    /// <summary>Reads a file's head.</summary>
    /// <exception cref="EngineLoadException">It is not a whole GGUF file; the message is for its owner.</exception>
    public static GgufMetadata Read(string path)
    {
        if (GgufFile.FaultOf(path) is { } fault) throw new EngineLoadException(fault);
        var metadata = new GgufMetadata();
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 64 << 10);
            using var reader = new BinaryReader(file, Encoding.UTF8);
            metadata.FileBytes = file.Length;
            file.Seek(MagicBytes + sizeof(uint), SeekOrigin.Begin);
            metadata.Read(reader);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new EngineLoadException($"{path} cannot be read: {exception.Message}", exception);
        }
        return metadata;
    }

    private void Read(BinaryReader reader)
    {
        var (tensors, keys) = (Count(reader, TensorsMax), Count(reader, KeysMax));
        for (; keys > 0; keys--)
        {
            var key = TextOf(reader, NameBytesMax);
            ReadValue(reader, key, reader.ReadUInt32());
        }
        for (; tensors > 0; tensors--)
        {
            TextOf(reader, NameBytesMax);
            var elements = 1.0;
            for (var left = Count(reader.ReadUInt32(), DimensionsMax); left > 0; left--) elements *= reader.ReadUInt64();
            var type = reader.ReadUInt32();
            reader.ReadUInt64();
            Parameters += elements;
            _bytesByType[type] = _bytesByType.GetValueOrDefault(type) + elements;
        }
    }

    private void ReadValue(BinaryReader reader, string key, uint type)
    {
        if (type == TextType) _texts[key] = TextOf(reader, TextBytesMax);
        else if (type != ArrayType) _numbers[key] = [NumberOf(reader, type)];
        else ReadList(reader, key);
    }

    private void ReadList(BinaryReader reader, string key)
    {
        var type = reader.ReadUInt32();
        var count = Count(reader, int.MaxValue);
        var numbers = new List<double>();
        for (var at = 0; at < count; at++)
        {
            if (type == TextType) SkipText(reader);
            else if (NumberOf(reader, type) is var number && at < ListMax) numbers.Add(number);
        }
        if (type != TextType && count <= ListMax) _numbers[key] = numbers;
    }

    private static double NumberOf(BinaryReader reader, uint type) => type switch
    {
        0 or 7 => reader.ReadByte(),
        1 => reader.ReadSByte(),
        2 => reader.ReadUInt16(),
        3 => reader.ReadInt16(),
        4 => reader.ReadUInt32(),
        5 => reader.ReadInt32(),
        6 => reader.ReadSingle(),
        10 => reader.ReadUInt64(),
        11 => reader.ReadInt64(),
        12 => reader.ReadDouble(),
        _ => throw new InvalidDataException($"it has a value of the unknown type {type.ToString(CultureInfo.InvariantCulture)}"),
    };

    private static string TextOf(BinaryReader reader, int bytesMax) => Encoding.UTF8.GetString(reader.ReadBytes(Count(reader, bytesMax)));

    private static void SkipText(BinaryReader reader) => reader.BaseStream.Seek(Count(reader, TextBytesMax), SeekOrigin.Current);

    private static int Count(BinaryReader reader, int most) => Count(reader.ReadInt64(), most);

    private static int Count(long count, int most) => count >= 0 && count <= most
        ? (int)count
        : throw new InvalidDataException($"it counts {count.ToString(CultureInfo.InvariantCulture)} of something that has at most "
            + most.ToString(CultureInfo.InvariantCulture));
}
