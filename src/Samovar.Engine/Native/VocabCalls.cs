using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>libllama: the vocabulary. Thread-safe.</summary>
internal static unsafe partial class VocabCalls
{
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_vocab_n_tokens(nint vocab);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_vocab_type(nint vocab);
    [LibraryImport(LibraryNames.Llama)] public static partial byte* llama_vocab_get_text(nint vocab, int token);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_vocab_get_attr(nint vocab, int token);
    [LibraryImport(LibraryNames.Llama)] public static partial byte llama_vocab_is_eog(nint vocab, int token);
    [LibraryImport(LibraryNames.Llama)] public static partial byte llama_vocab_is_control(nint vocab, int token);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_vocab_bos(nint vocab);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_vocab_eos(nint vocab);
    [LibraryImport(LibraryNames.Llama)] public static partial int llama_vocab_eot(nint vocab);
    [LibraryImport(LibraryNames.Llama)] public static partial byte llama_vocab_get_add_bos(nint vocab);
    [LibraryImport(LibraryNames.Llama)] public static partial byte llama_vocab_get_add_eos(nint vocab);

    [LibraryImport(LibraryNames.Llama)]
    public static partial int llama_tokenize(
        nint vocab, byte* text, int length, int* tokens, int tokensMax, byte addSpecial, byte parseSpecial);

    [LibraryImport(LibraryNames.Llama)]
    public static partial int llama_token_to_piece(nint vocab, int token, byte* buffer, int length, int leftStrip, byte special);
}
