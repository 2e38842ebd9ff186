using System.Security.Cryptography;
using System.Text;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>Names a model together with everything that shapes its state: two equal names may share state, two different ones
/// never.</summary>
internal static unsafe class ModelIdentity
{
    private const long WholeFileMax = 1L << 30;
    private const int SampledBlocks = 64;
    private const int BlockBytes = 1 << 20;

    public static string Of(string path, LlamaModel model, ContextShape shape)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in ModelParts.Of(path)) AddFile(hash, file);
        AddVocabulary(hash, model.Vocabulary);
        // Streams, batch and threads are not part of it: they change no row by more than rounding.
        hash.AppendData(Encoding.UTF8.GetBytes($"{LlamaLibrary.Version}|{model.Metadata("general.architecture")}|{shape.KvType}"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // A large file is known by its size, its head and blocks spread over it: reading it all would double the time to load.
    private static void AddFile(IncrementalHash hash, string path)
    {
        using var file = File.OpenHandle(path);
        var size = RandomAccess.GetLength(file);
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, size);
        hash.AppendData(length);
        var step = size <= WholeFileMax ? BlockBytes : Math.Max(BlockBytes, size / SampledBlocks);
        var block = new byte[BlockBytes];
        for (var offset = 0L; offset < size; offset += step)
            hash.AppendData(block.AsSpan(0, RandomAccess.Read(file, block, offset)));
    }

    private static void AddVocabulary(IncrementalHash hash, nint vocab)
    {
        var count = VocabCalls.llama_vocab_n_tokens(vocab);
        for (var token = 0; token < count; token++)
        {
            var text = VocabCalls.llama_vocab_get_text(vocab, token);
            if (text != null) hash.AppendData(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
            hash.AppendData("\n"u8);
        }
    }
}
