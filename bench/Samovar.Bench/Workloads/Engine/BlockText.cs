using System.Text;

namespace Samovar.Bench.Workloads.Engine;

/// <summary>Words for blocks: the same blocks in the same places are the same words, whoever says them.</summary>
internal static class BlockText
{
    /// <param name="scope">Within it, equal ids are equal words.</param>
    /// <param name="charactersPerBlock">About so many; whole words.</param>
    public static string Of(string scope, IEnumerable<int> blocks, double charactersPerBlock, int round)
    {
        var text = new StringBuilder();
        var (owner, due) = (Seed(scope, round), 0.0);
        foreach (var block in blocks)
        {
            due += charactersPerBlock;
            for (var word = 0; text.Length < due; word++) text.Append(Speech.Word(unchecked(owner * 31 + block * 7919 + word))).Append(' ');
        }
        return text.Length == 0 ? Speech.Word(owner) : text.ToString();
    }

    /// <summary>The same in every process, unlike a string's own hash.</summary>
    private static int Seed(string scope, int round) =>
        scope.Aggregate(round + 17, (seed, letter) => unchecked(seed * 131 + letter));
}
