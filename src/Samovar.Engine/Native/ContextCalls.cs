using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>libllama: a context, its cells and its decoding. One thread at a time.</summary>
internal static unsafe partial class ContextCalls
{
    [LibraryImport(LibraryNames.Llama)] public static partial ContextParams llama_context_default_params();
    [LibraryImport(LibraryNames.Llama)] public static partial nint llama_init_from_model(nint model, ContextParams parameters);
    [LibraryImport(LibraryNames.Llama)] public static partial void llama_free(nint context);
    [LibraryImport(LibraryNames.Llama)] public static partial uint llama_n_ctx_seq(nint context);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_decode(nint context, NativeBatch batch);
    [LibraryImport(LibraryNames.Llama)] public static partial void llama_synchronize(nint context);
    [LibraryImport(LibraryNames.Llama)] public static partial float* llama_get_logits_ith(nint context, int index);
    [LibraryImport(LibraryNames.Llama)] public static partial void llama_attach_threadpool(nint context, nint pool, nint batchPool);
    [LibraryImport(LibraryNames.Llama)] public static partial void llama_detach_threadpool(nint context);
    [LibraryImport(LibraryNames.Llama)] public static partial void llama_set_n_threads(nint context, int threads, int batchThreads);
    [LibraryImport(LibraryNames.Llama)] public static partial nint llama_get_memory(nint context);
    [LibraryImport(LibraryNames.Llama)] public static partial byte llama_memory_seq_rm(nint memory, int sequence, int from, int to);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_memory_seq_pos_max(nint memory, int sequence);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_memory_seq_pos_min(nint memory, int sequence);
    [LibraryImport(LibraryNames.Llama)] public static partial nuint llama_state_seq_get_size_ext(nint context, int sequence, uint flags);

    [LibraryImport(LibraryNames.Llama)]
    public static partial nuint llama_state_seq_get_data_ext(nint context, byte* target, nuint size, int sequence, uint flags);

    [LibraryImport(LibraryNames.Llama)]
    public static partial nuint llama_state_seq_set_data_ext(nint context, byte* source, nuint size, int sequence, uint flags);
}
