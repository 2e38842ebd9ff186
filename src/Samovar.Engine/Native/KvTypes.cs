namespace Samovar.Engine.Native;

/// <summary>The cell types that <see cref="EngineOptions.KvType"/> names, as ggml numbers them.</summary>
internal static class KvTypes
{
    public static int Of(string name) => name switch
    {
        "f32" => 0,
        "f16" => 1,
        "q4_0" => 2,
        "q8_0" => 8,
        "bf16" => 30,
        _ => throw new EngineLoadException($"Unknown KV type '{name}'; known are f32, f16, bf16, q8_0, q4_0."),
    };

    /// <summary>Bytes of 32 elements.</summary>
    public static int BytesOf32(string name) => name switch { "f32" => 128, "q8_0" => 34, "q4_0" => 18, _ => 64 };
}
