namespace Samovar.Testing.Models.Kinds;

/// <summary>Keys and tensors of a model that is being put together, with what each tensor is filled with.</summary>
/// <param name="architecture">Whose keys they are.</param>
/// <param name="type">How matrices are stored that the library multiplies by; all others are <see cref="WeightType.F32"/>.</param>
/// <param name="windowShare">Windows have this part of their usual tokens.</param>
internal sealed class KindTensors(string architecture, WeightType type, int windowShare = 1)
{
    public const int Width = 128;
    private readonly List<Action<GgufWriter>> _keys = [];
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    public void Key(string name, uint value) => _keys.Add(gguf => gguf.Add($"{architecture}.{name}", value));

    /// <summary>The tokens that layers with a window keep.</summary>
    public void Window(int usual) => Key("attention.sliding_window", (uint)(usual / windowShare));

    public void Key(string name, float value) => _keys.Add(gguf => gguf.Add($"{architecture}.{name}", value));

    public void Key(string name, IReadOnlyList<int> values) => _keys.Add(gguf => gguf.Add($"{architecture}.{name}", values));

    /// <summary>Random weights that the library multiplies by; the shape's first number is the row length.</summary>
    public void Matrix(string name, float gain, params long[] shape) => Add(name, type, shape, random => Bell(random, gain, shape));

    /// <summary>The same, in 32 bits whatever the others are: short rows, and choices that must not turn on rounding.</summary>
    public void Small(string name, float gain, params long[] shape) =>
        Add(name, WeightType.F32, shape, random => Bell(random, gain, shape));

    /// <summary>One value throughout.</summary>
    public void Full(string name, float value, params long[] shape) => Each(name, _ => value, shape);

    public void Ones(string name, params long[] shape) => Full(name, 1f, shape);

    /// <summary>Each value by itself.</summary>
    public void Each(string name, Func<Random, float> value, params long[] shape) => Add(name, WeightType.F32, shape, random =>
    {
        var values = new float[Count(shape)];
        foreach (ref var one in values.AsSpan()) one = value(random);
        return values;
    });

    /// <summary>Such a matrix that may be changed once it is made.</summary>
    public void Changed(string name, float gain, Action<float[]> change, params long[] shape) => Add(name, type, shape, random =>
    {
        var values = Bell(random, gain, shape);
        change(values);
        return values;
    });

    /// <summary>Writes all keys and announces all tensors.</summary>
    public void Describe(GgufWriter gguf)
    {
        foreach (var key in _keys) key(gguf);
        foreach (var (name, tensor) in _tensors) gguf.Describe(name, tensor.Type, tensor.Shape);
    }

    /// <summary>Writes the file's tensors.</summary>
    public void Write(GgufWriter gguf, Random random) =>
        gguf.Write((name, _, stored, output) => WeightBytes.Write(output, _tensors[name].Fill(random), stored));

    private void Add(string name, WeightType stored, long[] shape, Func<Random, float[]> fill) =>
        _tensors.Add(name, new Tensor(shape, stored, fill));

    private static float[] Bell(Random random, float gain, long[] shape)
    {
        var values = new float[Count(shape)];
        var spread = gain / MathF.Sqrt(shape[0]);
        foreach (ref var one in values.AsSpan()) one = RandomModel.Gaussian(random) * spread;
        return values;
    }

    private static long Count(long[] shape) => shape.Aggregate(1L, (all, one) => all * one);

    private sealed record Tensor(long[] Shape, WeightType Type, Func<Random, float[]> Fill);
}
