using Samovar.Bench.Transport;

namespace Samovar.Bench.Traces;

/// <summary>A part of a prompt in words: each block says what its name stands for in this trace, wherever it comes again.</summary>
/// <param name="blocks">Of the whole prompt.</param>
/// <param name="blockBytes">Of each block.</param>
/// <param name="from">Byte of the prompt where the part begins.</param>
internal sealed class TraceWords(IReadOnlyList<int> blocks, int blockBytes, long from) : IAgentWords
{
    public string OfLength(int bytes, int seed) => string.Create(bytes, (Words: this, seed), static (text, state) =>
        state.Words.Fill(text, state.seed));

    private void Fill(Span<char> text, int seed)
    {
        for (var at = 0; at < text.Length;)
        {
            var (block, inside) = Math.DivRem(from + at, blockBytes);
            var length = (int)Math.Min(blockBytes - inside, text.Length - at);
            Excerpts.OfLength(blockBytes, Excerpts.Seed(seed, Name(block))).AsSpan((int)inside, length).CopyTo(text[at..]);
            at += length;
        }
    }

    /// <summary>What stands behind the last whole block has no name in the file: one that no other block has.</summary>
    private int Name(long block) => block < blocks.Count ? blocks[(int)block] : unchecked((int)-block);
}
