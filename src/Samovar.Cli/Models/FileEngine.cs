using Samovar.Engine;
using Samovar.Engine.Native;

namespace Samovar.Cli.Models;

/// <summary>A model file as an engine that can compute nothing: what asks only for facts and tokens is answered.</summary>
internal sealed class FileEngine(ITokenizer tokenizer, ModelFacts facts) : ISequenceEngine
{
    public const string TemplateKey = "tokenizer.chat_template";

    public ModelFacts Model => facts;

    public ITokenizer Tokenizer => tokenizer;

    public EngineCounters Counters { get; } = new();

    public static FileEngine Of(string path, GgufMetadata file, StateShape state, ITokenizer tokenizer)
    {
        var trained = (int)Math.Min(int.MaxValue, file.Number("context_length") ?? 0);
        return new FileEngine(tokenizer, new ModelFacts
        {
            Name = file.Text("general.name") ?? Path.GetFileNameWithoutExtension(path),
            Path = path,
            Architecture = file.Architecture,
            Identity = path,
            Parameters = (long)file.Parameters,
            TrainedContext = trained,
            ContextTokens = trained,
            Streams = 1,
            StateBytesPerToken = (int)Math.Min(int.MaxValue, state.BytesPerToken),
            StateBytesPerSequence = state.BytesPerSequence, MemoryKind = state.Kind,
            ChatTemplate = file.Text(TemplateKey),
            NamedTemplates = Names(file).ToDictionary(
                name => name, name => file.Text($"{TemplateKey}.{name}") ?? "", StringComparer.Ordinal),
            CanTruncate = state.Kind == MemoryKind.Plain,
            LibraryVersion = LlamaLibrary.Version,
        });
    }

    /// <summary>The names of the templates beside the first.</summary>
    public static IEnumerable<string> Names(GgufMetadata file) =>
        file.TextKeys.Where(key => key.StartsWith(TemplateKey + ".", StringComparison.Ordinal))
            .Select(key => key[(TemplateKey.Length + 1)..]);

    public EngineAdmission Begin(EngineTurnSpec spec) => throw new NotSupportedException("The weights are not loaded.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
