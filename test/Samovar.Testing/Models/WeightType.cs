using System.Runtime.InteropServices;

namespace Samovar.Testing.Models;

/// <summary>How a generated model's matrices are stored, numbered as ggml does.</summary>
public enum WeightType { F32 = 0, F16 = 1, Q8 = 8 }

/// <summary>Weights as bytes of a type.</summary>
internal static class WeightBytes
{
    private const int Block = 32;

    public static long Of(WeightType type, long count) => type switch
    {
        WeightType.F32 => count * 4,
        WeightType.F16 => count * 2,
        _ => count / Block * (2 + Block),
    };

    public static void Write(Stream output, ReadOnlySpan<float> weights, WeightType type)
    {
        switch (type)
        {
            case WeightType.F32:
                output.Write(MemoryMarshal.AsBytes(weights));
                break;
            case WeightType.F16:
                var halves = new Half[weights.Length];
                for (var index = 0; index < weights.Length; index++) halves[index] = (Half)weights[index];
                output.Write(MemoryMarshal.AsBytes<Half>(halves));
                break;
            default:
                WriteQ8(output, weights);
                break;
        }
    }

    private static void WriteQ8(Stream output, ReadOnlySpan<float> weights)
    {
        var bytes = new byte[Of(WeightType.Q8, weights.Length)];
        for (int start = 0, at = 0; start < weights.Length; start += Block, at += 2 + Block)
        {
            var block = weights.Slice(start, Block);
            var largest = 0f;
            foreach (var weight in block) largest = Math.Max(largest, Math.Abs(weight));
            var scale = largest / 127f;
            BitConverter.TryWriteBytes(bytes.AsSpan(at), (Half)scale);
            for (var index = 0; index < Block; index++)
                bytes[at + 2 + index] = (byte)(sbyte)(scale == 0 ? 0 : Math.Clamp(MathF.Round(block[index] / scale), -127, 127));
        }
        output.Write(bytes);
    }
}
