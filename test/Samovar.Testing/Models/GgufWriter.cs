using System.Text;

namespace Samovar.Testing.Models;

/// <summary>Writes a GGUF file (version 3): metadata first, then tensor descriptions, then aligned tensor data, each written as it
/// comes.</summary>
internal sealed class GgufWriter(Stream output) : IDisposable
{
    private const int Alignment = 32;
    private readonly MemoryStream _metadata = new();
    private readonly List<(string Name, long[] Shape, WeightType Type, long Bytes)> _tensors = [];
    private ulong _keys;

    public void Add(string key, string value) => Key(key, 8, writer => Text(writer, value));

    public void Add(string key, uint value) => Key(key, 4, writer => writer.Write(value));

    public void Add(string key, float value) => Key(key, 6, writer => writer.Write(value));

    public void Add(string key, bool value) => Key(key, 7, writer => writer.Write(value));

    public void Add(string key, IReadOnlyList<string> values) => Key(key, 9, writer =>
    {
        writer.Write(8u);
        writer.Write((ulong)values.Count);
        foreach (var value in values) Text(writer, value);
    });

    public void Add(string key, IReadOnlyList<int> values) => Key(key, 9, writer =>
    {
        writer.Write(5u);
        writer.Write((ulong)values.Count);
        foreach (var value in values) writer.Write(value);
    });

    public void Add(string key, IReadOnlyList<float> values) => Key(key, 9, writer =>
    {
        writer.Write(6u);
        writer.Write((ulong)values.Count);
        foreach (var value in values) writer.Write(value);
    });

    /// <summary>Announces a tensor; the shape's first number is the row length.</summary>
    public void Describe(string name, WeightType type, params long[] shape) =>
        _tensors.Add((name, shape, type, WeightBytes.Of(type, shape.Aggregate(1L, (all, one) => all * one))));

    /// <summary>Writes everything; the callback gives each announced tensor's bytes.</summary>
    public void Write(Action<string, long[], WeightType, Stream> data)
    {
        using var writer = new BinaryWriter(output, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)_tensors.Count);
        writer.Write(_keys);
        writer.Write(_metadata.ToArray());
        var offset = 0L;
        foreach (var (name, shape, type, bytes) in _tensors)
        {
            Text(writer, name);
            writer.Write((uint)shape.Length);
            foreach (var length in shape) writer.Write((ulong)length);
            writer.Write((uint)type);
            writer.Write((ulong)offset);
            offset = Aligned(offset + bytes);
        }
        writer.Flush();
        Pad();
        foreach (var (name, shape, type, _) in _tensors)
        {
            data(name, shape, type, output);
            Pad();
        }
    }

    public void Dispose() => _metadata.Dispose();

    private static long Aligned(long offset) => (offset + Alignment - 1) / Alignment * Alignment;

    private static void Text(BinaryWriter writer, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private void Key(string key, uint type, Action<BinaryWriter> value)
    {
        using var writer = new BinaryWriter(_metadata, Encoding.UTF8, leaveOpen: true);
        Text(writer, key);
        writer.Write(type);
        value(writer);
        _keys++;
    }

    private void Pad() => output.Write(new byte[Aligned(output.Position) - output.Position]);
}
