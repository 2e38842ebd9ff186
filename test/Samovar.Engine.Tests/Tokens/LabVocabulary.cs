using System.Text;
using Samovar.Engine.Native;
using Samovar.Engine.Tokens;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests.Tokens;

/// <summary>A vocabulary of bytes, a few merges and special tokens of one's own, loaded by libllama from a file without weights.</summary>
internal sealed unsafe class LabVocabulary : IDisposable
{
    private const int Normal = 1, Unknown = 2, Control = 3, UserMade = 4, Byte = 6;
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"vocabulary-{Guid.NewGuid():N}.gguf");
    private readonly nint _model;

    public LabVocabulary(IReadOnlyList<string> specials, bool isSpm, bool addsSpace = false, string name = "lab", string pre = "qwen2")
    {
        Specials = specials;
        using (var file = File.Create(_path))
        using (var gguf = new GgufWriter(file))
        {
            gguf.Add("general.architecture", "llama");
            gguf.Add("general.name", name);
            Describe(gguf, specials, isSpm, addsSpace, pre);
            gguf.Write((_, _, _, _) => { });
        }
        var parameters = ModelCalls.llama_model_default_params();
        parameters.VocabularyOnly = 1;
        using var path = new Utf8Text(_path);
        _model = ModelCalls.llama_model_load_from_file(path.Pointer, parameters);
        Assert.True(_model != 0, LlamaLibrary.TakeError());
        Tokenizer = new Tokenizer(ModelCalls.llama_model_get_vocab(_model), new UseGate("lab"), isSpm ? null : pre);
    }

    /// <summary>Tokens 0, 1 and so on.</summary>
    public IReadOnlyList<string> Specials { get; }

    public Tokenizer Tokenizer { get; }

    public void Dispose()
    {
        ModelCalls.llama_model_free(_model);
        File.Delete(_path);
    }

    private static void Describe(GgufWriter gguf, IReadOnlyList<string> specials, bool isSpm, bool addsSpace, string pre)
    {
        List<string> words = isSpm ? ["\u2581", "a", "b", "ab", "\u2581a", "\u2581\u2581", "<", ">", "|", "x"] : ["ab", "<|", "|>", "<a"];
        var bytes = Enumerable.Range(0, 256).Select(value => isSpm ? $"<0x{value:X2}>" : ByteText(value));
        List<string> tokens = [.. specials, .. bytes, .. words.Except(specials)];
        gguf.Add("tokenizer.ggml.model", isSpm ? "llama" : "gpt2");
        if (!isSpm) gguf.Add("tokenizer.ggml.pre", pre);
        gguf.Add("tokenizer.ggml.tokens", tokens);
        gguf.Add("tokenizer.ggml.token_type", tokens.Select((_, token) => token == 3 ? Unknown
            : token < specials.Count ? (token % 3 == 0 ? UserMade : Control)
            : isSpm && token < specials.Count + 256 ? Byte : Normal).ToList());
        if (isSpm) gguf.Add("tokenizer.ggml.scores", tokens.Select((_, token) => -(float)token).ToList());
        else gguf.Add("tokenizer.ggml.merges", (List<string>)["a b", "< |", "| >", "< a"]);
        gguf.Add("tokenizer.ggml.bos_token_id", 0u);
        gguf.Add("tokenizer.ggml.eos_token_id", 1u);
        gguf.Add("tokenizer.ggml.unknown_token_id", 3u);
        gguf.Add("tokenizer.ggml.add_bos_token", isSpm);
        gguf.Add("tokenizer.ggml.add_eos_token", addsSpace);
        gguf.Add("tokenizer.ggml.add_space_prefix", addsSpace);
    }

    private static string ByteText(int value)
    {
        if (IsPrintable(value)) return ((char)value).ToString();
        return ((char)(256 + Enumerable.Range(0, value).Count(below => !IsPrintable(below)))).ToString();
    }

    private static bool IsPrintable(int value) => value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
}
