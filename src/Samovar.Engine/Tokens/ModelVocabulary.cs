using Samovar.Engine.Native;

namespace Samovar.Engine.Tokens;

/// <summary>A model's vocabulary alone: what its texts are as tokens, without its weights.</summary>
public sealed class ModelVocabulary : IDisposable
{
    private readonly LlamaModel _model;
    private readonly UseGate _gate = new(nameof(ModelVocabulary));

    private ModelVocabulary(LlamaModel model)
    {
        _model = model;
        Tokenizer = new Tokenizer(model.Vocabulary, _gate, model.Metadata("tokenizer.ggml.pre"));
    }

    /// <summary>Text to tokens and back.</summary>
    public ITokenizer Tokenizer { get; }

    /// <param name="path">The GGUF file.</param>
    /// <param name="libraryPath">The folder of libllama; null takes the one beside the program.</param>
    /// <exception cref="EngineLoadException">The library is missing, or does not know the model.</exception>
    public static ModelVocabulary Load(string path, string? libraryPath = null)
    {
        LlamaLibrary.Load(LlamaLibrary.Folder ?? libraryPath);
        return new ModelVocabulary(LlamaModel.VocabularyOf(path));
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}
