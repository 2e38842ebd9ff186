using Samovar.Engine.Native;
using Samovar.Engine.States;

namespace Samovar.Engine.Llama;

/// <summary>What a loaded model is, as its library and its file say.</summary>
internal static class LoadedFacts
{
    /// <param name="path">Its file.</param>
    /// <param name="model">The library's.</param>
    /// <param name="shape">The context that it was given.</param>
    /// <param name="probed">What its state turned out to be.</param>
    /// <param name="traits">What may be done with that.</param>
    /// <param name="device">What computes.</param>
    public static ModelFacts Of(
        string path, LlamaModel model, ContextShape shape, ProbedState probed, StateTraits traits, DeviceFacts device) => new()
    {
        Name = model.Metadata("general.name") ?? Path.GetFileNameWithoutExtension(path),
        Path = path,
        Architecture = model.Metadata("general.architecture") ?? "unknown",
        Identity = ModelIdentity.Of(path, model, shape),
        Parameters = model.Parameters,
        TrainedContext = model.TrainedContext,
        ContextTokens = shape.ContextTokens,
        Streams = shape.Streams,
        StateBytesPerToken = probed.BytesPerToken ?? (int)ModelSize.Of(path).StateBytesPerToken(shape.KvType),
        StateBytesPerSequence = traits.Kind is MemoryKind.Plain or MemoryKind.SlidingWindow ? 0 : probed.AtEndBytes,
        MemoryKind = traits.Kind,
        WantsMarks = traits.WantsCheckpoints,
        Device = device with { MemoryTakenBytes = TakenOf(device, path, shape) },
        DraftTokens = shape.DraftTokens,
        ChatTemplate = model.ChatTemplate,
        NamedTemplates = model.NamedTemplates,
        Sampling = SamplingMetadata.Read(model.Metadata),
        CanTruncate = traits.Cut == LiveCut.Anywhere,
        LibraryVersion = LlamaLibrary.Version,
    };

    private static long TakenOf(DeviceFacts device, string path, ContextShape shape) => device.Layers == 0 ? 0
        : (long)((ModelParts.Bytes(path) + shape.CellsBytes(ModelSize.Of(path))) * ((double)device.Layers / device.LayersTotal));
}
