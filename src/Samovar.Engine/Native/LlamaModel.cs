using System.Runtime.InteropServices;
using System.Text;

namespace Samovar.Engine.Native;

/// <summary>A loaded model: weights and vocabulary. Shared by threads; freed once, after every context of it.</summary>
internal sealed unsafe class LlamaModel : IDisposable
{
    private nint _handle;
    private int _contexts;

    /// <param name="devices">The devices that take layers; without one, all of the model is the CPU's.</param>
    public LlamaModel(string path, int gpuLayers = 0, IReadOnlyList<ComputeDevice>? devices = null)
    {
        using var list = new DeviceList(devices ?? []);
        var parameters = ModelCalls.llama_model_default_params();
        parameters.GpuLayers = gpuLayers;
        parameters.Devices = list.Pointer;
        _handle = Load(path, parameters);
        Vocabulary = ModelCalls.llama_model_get_vocab(_handle);
        if (ModelCalls.llama_model_has_decoder(_handle) != 0 && ModelCalls.llama_model_has_encoder(_handle) == 0
            && ModelCalls.llama_model_is_diffusion(_handle) == 0) return;
        Dispose();
        throw new EngineLoadException($"{path} is not a decoder-only text model.");
    }

    private LlamaModel(nint handle)
    {
        _handle = handle;
        Vocabulary = ModelCalls.llama_model_get_vocab(handle);
    }

    /// <summary>A model without its weights, which has a vocabulary and metadata, and can compute nothing.</summary>
    public static LlamaModel VocabularyOf(string path)
    {
        var parameters = ModelCalls.llama_model_default_params();
        parameters.VocabularyOnly = 1;
        return new LlamaModel(Load(path, parameters));
    }

    /// <summary>A context was made of it, or one is gone.</summary>
    public void Uses(int more) => Interlocked.Add(ref _contexts, more);

    public nint Handle => _handle;
    public nint Vocabulary { get; }
    public long Parameters => (long)ModelCalls.llama_model_n_params(_handle);
    public int Layers => ModelCalls.llama_model_n_layer(_handle);
    public int TrainedContext => ModelCalls.llama_model_n_ctx_train(_handle);

    /// <summary>Tokens that layers with a window keep; 0 where none has one.</summary>
    public int WindowTokens => ModelCalls.llama_model_n_swa(_handle);

    /// <summary>How it remembers what it has read.</summary>
    public MemoryKind Kind => ModelCalls.llama_model_is_recurrent(_handle) != 0 ? MemoryKind.Recurrent
        : ModelCalls.llama_model_is_hybrid(_handle) != 0 ? MemoryKind.Hybrid
        : WindowTokens != 0 ? MemoryKind.SlidingWindow : MemoryKind.Plain;

    public string? ChatTemplate => Marshal.PtrToStringUTF8((nint)ModelCalls.llama_model_chat_template(_handle, null));

    /// <summary>Templates that the file has beside its own, by name.</summary>
    public IReadOnlyDictionary<string, string> NamedTemplates
    {
        get
        {
            const string start = "tokenizer.chat_template.";
            var templates = new Dictionary<string, string>(StringComparer.Ordinal);
            for (var index = 0; index < ModelCalls.llama_model_meta_count(_handle); index++)
                if (MetadataKey(index) is { } key && key.StartsWith(start, StringComparison.Ordinal) && Metadata(key) is { } template)
                    templates[key[start.Length..]] = template;
            return templates;
        }
    }

    private string? MetadataKey(int index)
    {
        var length = ModelCalls.llama_model_meta_key_by_index(_handle, index, null, 0);
        if (length < 0) return null;
        var key = new byte[length + 1];
        fixed (byte* target = key) length = ModelCalls.llama_model_meta_key_by_index(_handle, index, target, (nuint)key.Length);
        return Encoding.UTF8.GetString(key, 0, length);
    }

    /// <summary>A value of the file's metadata as text; null where it has none.</summary>
    public string? Metadata(string key)
    {
        using var name = new Utf8Text(key);
        var length = ModelCalls.llama_model_meta_val_str(_handle, name.Pointer, null, 0);
        if (length < 0) return null;
        var value = new byte[length + 1];
        fixed (byte* target = value) length = ModelCalls.llama_model_meta_val_str(_handle, name.Pointer, target, (nuint)value.Length);
        return Encoding.UTF8.GetString(value, 0, length);
    }

    private static nint Load(string path, ModelParams parameters)
    {
        if (GgufFile.FaultOf(path) is { } broken) throw new EngineLoadException(broken);
        LlamaLibrary.TakeError();
        using var file = new Utf8Text(path);
        var handle = ModelCalls.llama_model_load_from_file(file.Pointer, parameters);
        return handle != 0 ? handle : throw new EngineLoadException(FaultOf(path, LlamaLibrary.TakeError()));
    }

    private static string FaultOf(string path, string error) => error.Contains("unknown model architecture", StringComparison.Ordinal)
        ? $"{path}: libllama {LlamaLibrary.Version} does not know the architecture '{GgufFile.Architecture(path)}'. "
            + "A newer one may: give its folder with --library."
        : $"libllama cannot load {path}: {error}";

    /// <exception cref="InvalidOperationException">A context of it is still there: its memory would go on to be read.</exception>
    public void Dispose()
    {
        if (Volatile.Read(ref _contexts) != 0) throw new InvalidOperationException("A model is freed before its contexts.");
        if (_handle != 0) ModelCalls.llama_model_free(_handle);
        _handle = 0;
    }
}
