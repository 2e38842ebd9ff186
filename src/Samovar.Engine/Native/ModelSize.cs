using System.Globalization;

namespace Samovar.Engine.Native;

/// <summary>What a model asks of memory, as far as its metadata shows.</summary>
/// <param name="StateElementsPerToken">Key and value elements of one token over all layers.</param>
internal sealed record ModelSize(int Layers, int TrainedContext, long StateElementsPerToken)
{
    /// <param name="metadata">A value of the file by its key.</param>
    public static ModelSize Read(Func<string, string?> metadata)
    {
        var architecture = metadata("general.architecture") ?? "";
        var (layers, heads) = (Of("block_count"), Math.Max(1, Of("attention.head_count")));
        var keyHeads = Of("attention.head_count_kv") is > 0 and var some ? some : heads;
        return new ModelSize((int)layers, (int)Of("context_length"), 2 * layers * keyHeads * Of("embedding_length") / heads);

        // Some models have a list, a number for each layer: the largest errs on the safe side.
        long Of(string key) => (metadata($"{architecture}.{key}") ?? "").Trim('[', ']').Split(',', StringSplitOptions.TrimEntries)
            .Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).Max();
    }

    /// <summary>Bytes of state of one token.</summary>
    public long StateBytesPerToken(string kvType) => StateElementsPerToken * KvTypes.BytesOf32(kvType) / 32;
}
