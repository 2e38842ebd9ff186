using System.ComponentModel.DataAnnotations;

namespace Samovar.Engine;

/// <summary>How the embedded engine loads its model and how much it may hold.</summary>
public sealed class EngineOptions
{
    public const string Section = "Engine";

    /// <summary>The GGUF file.</summary>
    public string? ModelPath { get; set; }

    /// <summary>Folder of libllama and the ggml libraries; default: the npm package beside the program.</summary>
    public string? LibraryPath { get; set; }

    /// <summary>Longest context of one sequence in tokens; 0 takes the model's trained length, at most 32,768.</summary>
    [Range(0, 1 << 20)] public int ContextTokens { get; set; }

    /// <summary>Streams: turns that run at once. 0 chooses by cores.</summary>
    [Range(0, 64)] public int Streams { get; set; }

    /// <summary>Bytes of host memory for parked sequences; the least recently used go first.</summary>
    [Range(0, long.MaxValue)] public long ParkedBytesMax { get; set; } = 2L << 30;

    /// <summary>Turns that may wait for a stream; one more is refused with a time to retry.</summary>
    [Range(1, 100_000)] public int QueueMax { get; set; } = 256;

    /// <summary>Tokens of one batch at most.</summary>
    [Range(32, 8192)] public int BatchTokens { get; set; } = 512;

    /// <summary>How long prefill may delay running turns' next token; the chunk size follows the measured step time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.005", "00:00:10")] public TimeSpan DecodeDelayMax { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Threads of one decode; 0 takes the machine's cores.</summary>
    [Range(0, 1024)] public int Threads { get; set; }

    /// <summary>
    /// Threads of a turn that decodes alone; 0 takes one for each 32 million parameters, at most <see cref="Threads"/>: more would only
    /// wait for each other.
    /// </summary>
    [Range(0, 1024)] public int DecodeThreads { get; set; }

    /// <summary>
    /// fixed: a turn that decodes alone always uses as many threads, and equal requests have equal log-probabilities. adaptive: it uses
    /// one where several hinder each other, as on a very busy machine; sums then depend on the time, in their last digits.
    /// </summary>
    [RegularExpression("^(fixed|adaptive)$")] public string ThreadPolicy { get; set; } = "fixed";

    /// <summary>Layers on the GPU, for libraries that have one; -1 takes all.</summary>
    [Range(-1, 10_000)] public int GpuLayers { get; set; } = -1;

    /// <summary>Type of the key and value cells: f32, f16, bf16, q8_0, q4_0.</summary>
    [RegularExpression("^(f32|f16|bf16|q8_0|q4_0)$")] public string KvType { get; set; } = "f16";

    /// <summary>Sampled tokens that may wait for a turn's reader before that turn pauses.</summary>
    [Range(1, 65_536)] public int StepsBufferedMax { get; set; } = 256;
}
