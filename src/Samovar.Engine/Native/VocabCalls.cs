using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>libllama: the vocabulary. Thread-safe.</summary>
internal static unsafe partial class VocabCalls
{
    [LibraryImport(LlamaLibrary.Llama)] public static partial int llama_vocab_n_tokens(nint vocab);
    [LibraryImport(LlamaLibrary.Llama)] public static partial int llama_vocab_type(nint vocab);
    [LibraryImport(LlamaLibrary.Llama)] public static partial byte* llama_vocab_get_text(nint vocab, int token);
    [LibraryImport(LlamaLibrary.Llama)] public static partial int llama_vocab_get_attr(nint vocab, int token);
    [LibraryImport(LlamaLibrary.Llama)] public static partial byte llama_vocab_is_eog(nint vocab, int token);
    [LibraryImport(LlamaLibrary.Llama)] public static partial byte llama_vocab_is_control(nint vocab, int token);
    [LibraryImport(LlamaLibrary.Llama)] public static partial int llama_vocab_bos(nint vocab);
    [LibraryImport(LlamaLibrary.Llama)] public static partial int llama_vocab_eos(nint vocab);
    [LibraryImport(LlamaLibrary.Llama)] public static partial int llama_vocab_eot(nint vocab);
    [LibraryImport(LlamaLibrary.Llama)] public static partial byte llama_vocab_get_add_bos(nint vocab);
    [LibraryImport(LlamaLibrary.Llama)] public static partial byte llama_vocab_get_add_eos(nint vocab);

    [LibraryImport(LlamaLibrary.Llama)]
    public static partial int llama_tokenize(
        nint vocab, byte* text, int length, int* tokens, int tokensMax, byte addSpecial, byte parseSpecial);

    [LibraryImport(LlamaLibrary.Llama)]
    public static partial int llama_token_to_piece(nint vocab, int token, byte* buffer, int length, int leftStrip, byte special);
}
