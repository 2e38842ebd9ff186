using System.ComponentModel.DataAnnotations;

namespace Samovar.Engine;

/// <summary>How the embedded engine loads its model and how much it may hold.</summary>
public sealed class EngineOptions
{
    public const string Section = "Engine";

    /// <summary>The GGUF file.</summary>
    public string? ModelPath { get; set; }

    /// <summary>Folder of libllama and the ggml libraries; default: an npm package beside the program.</summary>
    public string? LibraryPath { get; set; }

    /// <summary>Longest context of one sequence in tokens; 0 takes the model's trained length, at most 32,768.</summary>
    [Range(0, 1 << 20)] public int ContextTokens { get; set; }

    /// <summary>Streams: turns that run at once. 0 chooses by cores.</summary>
    [Range(0, 64)] public int Streams { get; set; }

    /// <summary>Bytes of memory for parked sequences; <see cref="Retention"/> says who goes first. Less where memory is small.</summary>
    [Range(0, long.MaxValue)] public long ParkedBytesMax { get; set; } = 2L << 30;

    /// <summary>
    /// Who goes first when parked sequences need more than their memory. value: what saves least, by the time to compute it again and how
    /// soon it comes back, learned from how turns ended. ttl: whose time since its last turn is over. lru: the least recently used.
    /// </summary>
    [RegularExpression("^(value|ttl|lru)$")] public string Retention { get; set; } = "value";

    /// <summary>
    /// Bytes of files that keep the state of stored conversations beyond host memory and across restarts; <see cref="Retention"/> says who
    /// goes first. -1: an eighth of what is free on that disk at the start, 64 GiB at most. 0: no files. A conversation comes back through
    /// host memory: it must fit <see cref="ParkedBytesMax"/>.
    /// </summary>
    [Range(-1, long.MaxValue)] public long DiskBytesMax { get; set; } = -1;

    /// <summary>Bytes of that disk that are left to others: below it files make room.</summary>
    [Range(0, long.MaxValue)] public long DiskFreeMin { get; set; } = 1L << 30;

    /// <summary>The folder of these files, for one server only; under the server's data folder where it is no absolute path.</summary>
    [Required] public string DiskPath { get; set; } = "state";

    /// <summary>Bytes that may wait to be written to files; what does not find room is not written.</summary>
    [Range(1 << 20, 1L << 40)] public long DiskQueueBytesMax { get; set; } = 256 << 20;

    /// <summary>Bytes of one file at most, but for one checkpoint: longer state is in several. Three of them are in memory while a
    /// conversation comes back.</summary>
    [Range(1 << 16, 1L << 32)] public long DiskPieceBytesMax { get; set; } = 32 << 20;

    /// <summary>How long a turn waits for the next file before what is missing of its prompt is computed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")] public TimeSpan DiskWaitMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a conversation must have waited before an idle engine writes its state to files.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan DiskSaveDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the state of a stored conversation may wait for files while turns run without a pause; longer where copying it
    /// would take more than a tenth of the engine's time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")] public TimeSpan DiskSaveMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long files are left alone after one could not be read, written or opened; then they are tried again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")] public TimeSpan DiskRetryDelay { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the end of the engine may be held up by writing what is only in memory, the newest first.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")] public TimeSpan DiskDrainMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the start waits until it is known which files there are; the others are found while turns run.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")] public TimeSpan DiskScanMax { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Turns that may wait for a stream; one more is refused with a time to retry.</summary>
    [Range(1, 100_000)] public int QueueMax { get; set; } = 256;

    /// <summary>
    /// How long a turn may wait for its first stream. One that would wait longer, by how long turns take and how many of its tenant's are
    /// there, is refused at once with a time to retry; one that has is refused then.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")] public TimeSpan QueueWaitMax { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Tokens of one batch at most.</summary>
    [Range(32, 8192)] public int BatchTokens { get; set; } = 512;

    /// <summary>How long prefill may delay running turns' next token; the chunk size follows the measured step time.</summary>
    [Range(typeof(TimeSpan), "00:00:00.005", "00:00:10")] public TimeSpan DecodeDelayMax { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Tokens of what a turn says next that are guessed from its own context and computed together; those that the model would not have
    /// said are thrown away. 0: none. Models whose state cannot be cut (recurrent, sliding window) have none.
    /// </summary>
    [Range(0, 62)] public int DraftTokensMax { get; set; } = 48;

    /// <summary>
    /// measured: a guess is computed where that is expected to save time, by how the turn's guesses fared and what batches cost here.
    /// always: wherever there is one.
    /// </summary>
    [RegularExpression("^(measured|always)$")] public string DraftPolicy { get; set; } = "measured";

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

    /// <summary>
    /// What computes: auto takes the best GPU that works, the CPU without one; cpu, cuda, vulkan and metal take that. A device that does
    /// not start is replaced by the CPU, with a warning.
    /// </summary>
    [RegularExpression("^(auto|cpu|cuda|vulkan|metal)$")] public string Device { get; set; } = DeviceKinds.Auto;

    /// <summary>How long a GPU may take to show that it works, before anything is entrusted to it.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")] public TimeSpan DeviceTrialMax { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Layers on the GPU; -1 takes as many as its free memory holds.</summary>
    [Range(-1, 10_000)] public int GpuLayers { get; set; } = -1;

    /// <summary>Type of the key and value cells: f32, f16, bf16, q8_0, q4_0.</summary>
    [RegularExpression("^(f32|f16|bf16|q8_0|q4_0)$")] public string KvType { get; set; } = "f16";

    /// <summary>Sampled tokens that may wait for a turn's reader before that turn pauses.</summary>
    [Range(1, 65_536)] public int StepsBufferedMax { get; set; } = 256;

    /// <summary>Characters of one grammar.</summary>
    [Range(256, 1 << 24)] public int GrammarCharsMax { get; set; } = 2 << 20;

    /// <summary>Nodes of one compiled grammar; a count is one, however large.</summary>
    [Range(1024, 1 << 24)] public int GrammarNodesMax { get; set; } = 2 << 20;

    /// <summary>Places at which one grammar may be at once; a turn whose grammar needs more ends.</summary>
    [Range(64, 1 << 20)] public int GrammarLiveMax { get; set; } = 4096;

    /// <summary>How deep a grammar's rules may stand inside each other while a turn writes; deeper text is not admitted.</summary>
    [Range(16, 2048)] public int GrammarDepthMax { get; set; } = 1024;

    /// <summary>Steps of all grammars in one round; a turn that needs more goes on in the next, the others do not wait for it.</summary>
    [Range(4000, 1 << 30)] public int GrammarStepsPerRound { get; set; } = 200_000;

    /// <summary>Steps of one grammar for one token; a turn that needs more ends.</summary>
    [Range(10_000, int.MaxValue)] public int GrammarStepsPerToken { get; set; } = 20_000_000;

    /// <summary>Bytes of what is remembered of one grammar's run; beyond it the memory starts over.</summary>
    [Range(1 << 16, 1L << 32)] public long GrammarLearnedBytesMax { get; set; } = 8 << 20;

    /// <summary>Bytes of compiled grammars: those of turns, beyond which a turn is answered as busy, and with what is left those that are
    /// kept for later turns; the least recently used go first.</summary>
    [Range(1 << 16, 1L << 40)] public long GrammarBytesMax { get; set; } = 256 << 20;

    /// <summary>Grammars that are compiled at once.</summary>
    [Range(1, 64)] public int GrammarCompilesMax { get; set; } = 2;

    /// <summary>Models that share the disk, each with an equal part of the default.</summary>
    internal int ModelsOfDisk { get; set; } = 1;

    /// <summary>The same settings, to be changed for one model.</summary>
    public EngineOptions Copy() => (EngineOptions)MemberwiseClone();
}
