namespace Samovar.Testing.Models;

/// <summary>Tokens in rings: each is followed by the next of its ring, the last by the first.</summary>
/// <param name="Name">Of files whose models say them.</param>
/// <param name="Rings">Where each ring's tokens begin and how many there are.</param>
public sealed record TokenCycles(string Name, IReadOnlyList<(int First, int Count)> Rings)
{
    /// <summary>The token in front of one; -1 where it is in no ring.</summary>
    public int Before(int token)
    {
        foreach (var (first, count) in Rings)
            if (token >= first && token < first + count) return token == first ? first + count - 1 : token - 1;
        return -1;
    }

    /// <summary>So many tokens of a ring, from a place on.</summary>
    public int[] Take(int ring, int from, int count) =>
        [.. Enumerable.Range(from, count).Select(at => Rings[ring].First + at % Rings[ring].Count)];
}

/// <summary>
/// Bends random weights so that the model says its rings, through layers that compute as much as any: each token's row of the output
/// answers to the embedding of the token in front of it, and the layers write little beside it.
/// </summary>
internal sealed class CycleWeights(TokenCycles cycles, RandomModelSize size)
{
    private const float Layers = 0.25f, Loudness = 200f;
    private readonly float[] _embeddings = new float[(long)size.Embedding * size.Vocabulary];

    /// <param name="name">The tensor's.</param>
    /// <param name="row">The first of these.</param>
    /// <param name="weights">Whole rows.</param>
    public void Bend(string name, int row, Span<float> weights)
    {
        var width = size.Embedding;
        if (name == "token_embd.weight") weights.CopyTo(_embeddings.AsSpan(row * width));
        if (name.EndsWith("attn_output.weight", StringComparison.Ordinal) || name.EndsWith("ffn_down.weight", StringComparison.Ordinal))
            foreach (ref var weight in weights) weight *= Layers;
        if (name != "output.weight") return;
        for (var at = 0; at < weights.Length / width; at++)
            if (cycles.Before(row + at) is var before and >= 0)
                for (var column = 0; column < width; column++)
                    weights[at * width + column] += Loudness / width * _embeddings[before * width + column];
    }
}
