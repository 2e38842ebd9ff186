namespace Samovar.Engine.Native;

/// <summary>Sizes and types of a context.</summary>
internal sealed record ContextShape(int ContextTokens, int Streams, int BatchTokens, int Threads, string KvType)
{
    private const int DefaultContextMax = 32_768;
    private const int DefaultStreamsMax = 8;
    private const int MemoryShare = 4;
    private const long ParametersPerThread = 32_000_000;

    /// <summary>Tokens of a batch whose logits are wanted besides one for each stream: drafts.</summary>
    public int DraftTokens { get; init; }

    /// <summary>What the options say, and for what they leave open something that fits the model and the machine.</summary>
    /// <param name="deviceRoom">Bytes for cells where a device has some of them; 0 where all lie in the host's memory.</param>
    public static ContextShape Choose(EngineOptions options, ModelSize model, long deviceRoom = 0)
    {
        var trained = model.TrainedContext > 0 ? model.TrainedContext : DefaultContextMax;
        var context = options.ContextTokens > 0 ? options.ContextTokens : Math.Min(trained, DefaultContextMax);
        var threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        var shape = new ContextShape(context, 1, options.BatchTokens, threads, options.KvType);
        var (room, atOnce) = deviceRoom > 0 ? (deviceRoom, DefaultStreamsMax) : (HostRoom, threads * 2L); // a device has cores of its own
        var fitting = room / Math.Max(1, model.StateBytes(shape.KvType, context));
        var streams = options.Streams > 0 ? options.Streams : (int)Math.Clamp(Math.Min(atOnce, fitting), 1, DefaultStreamsMax);
        return shape with { Streams = streams, BatchTokens = Math.Max(options.BatchTokens, streams) };
    }

    /// <summary>Bytes that cells may take of the host's memory.</summary>
    public static long HostRoom => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryShare;

    /// <summary>Bytes of its cells, whole sequences' states included.</summary>
    public long CellsBytes(ModelSize model) => Streams * model.StateBytes(KvType, ContextTokens);

    /// <summary>Threads of a single token. A matter of the model alone: with their number the sums of its attention change.</summary>
    public int DecodeThreads(EngineOptions options, long parameters) =>
        (int)Math.Clamp(options.DecodeThreads > 0 ? options.DecodeThreads : parameters / ParametersPerThread, 1, Threads);
}
