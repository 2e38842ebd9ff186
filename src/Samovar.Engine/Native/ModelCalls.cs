using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>libllama: loading a model and asking for its facts.</summary>
internal static unsafe partial class ModelCalls
{
    [LibraryImport(LibraryNames.Llama)] public static partial void llama_backend_init();
    [LibraryImport(LibraryNames.Llama)] public static partial byte* llama_version();
    [LibraryImport(LibraryNames.Llama)]
    public static partial void llama_log_set(delegate* unmanaged[Cdecl]<int, byte*, void*, void> callback, void* data);
    [LibraryImport(LibraryNames.Llama)] public static partial ModelParams llama_model_default_params();
    [LibraryImport(LibraryNames.Llama)] public static partial nint llama_model_load_from_file(byte* path, ModelParams parameters);
    [LibraryImport(LibraryNames.Llama)] public static partial void llama_model_free(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial nint llama_model_get_vocab(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_model_n_ctx_train(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_model_n_embd(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_model_n_layer(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_model_n_head(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_model_n_head_kv(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_model_n_swa(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial ulong llama_model_n_params(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial byte llama_model_has_decoder(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial byte llama_model_has_encoder(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial byte llama_model_is_recurrent(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial byte llama_model_is_hybrid(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial byte llama_model_is_diffusion(nint model);
    [LibraryImport(LibraryNames.Llama)] public static partial byte* llama_model_chat_template(nint model, byte* name);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_model_meta_count(nint model);
    [LibraryImport(LibraryNames.Llama)]
    public static partial int llama_model_meta_key_by_index(nint model, int index, byte* buffer, nuint size);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_model_meta_val_str(nint model, byte* key, byte* buffer, nuint size);
}
