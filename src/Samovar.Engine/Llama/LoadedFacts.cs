using Samovar.Engine.Native;

namespace Samovar.Engine.Llama;

/// <summary>What a loaded model is, as its library and its file say.</summary>
internal static class LoadedFacts
{
    public static ModelFacts Of(string path, LlamaModel model, ContextShape shape, ModelSize size) => new()
    {
        Name = model.Metadata("general.name") ?? Path.GetFileNameWithoutExtension(path),
        Path = path,
        Architecture = model.Metadata("general.architecture") ?? "unknown",
        Identity = ModelIdentity.Of(path, model, shape),
        Parameters = model.Parameters,
        TrainedContext = model.TrainedContext,
        ContextTokens = shape.ContextTokens,
        Streams = shape.Streams,
        StateBytesPerToken = (int)size.StateBytesPerToken(shape.KvType),
        ChatTemplate = model.ChatTemplate,
        NamedTemplates = model.NamedTemplates,
        Sampling = SamplingMetadata.Read(model.Metadata),
        CanTruncate = model.Kind == MemoryKind.Plain,
        LibraryVersion = LlamaLibrary.Version,
    };
}
