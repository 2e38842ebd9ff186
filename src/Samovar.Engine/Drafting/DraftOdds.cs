namespace Samovar.Engine.Drafting;

/// <summary>How often one turn went on as its draft said, by how many tokens agreed in front.</summary>
/// <remarks>
/// A draft that was found but not computed is judged, too, by the token that came: so a turn that begins to copy is noticed, and one that
/// stops, at no cost. It depends on the turn's tokens alone: equal turns draft equally.
/// </remarks>
internal sealed class DraftOdds
{
    private const double Kept = 0.97; // what is remembered of all that was seen before, per token
    private static readonly int[] ClassFrom = [0, 2, 3, 4, 6, 10, 16, RepeatIndex.MatchMax, Forced];
    private static readonly double[] Prior = [0.35, 0.5, 0.65, 0.75, 0.75, 0.8, 0.85, 0.95, 0.95]; // measured where Pocket edits files
    private static readonly double[] PriorWeight = [8, 10, 10, 10, 8, 8, 6, 4, 10]; // tokens that these first guesses are worth

    /// <summary>Stands for tokens that agree, where the grammar admits nothing but this text: its tokens may still be others.</summary>
    public const int Forced = 1 << 20;

    private readonly double[] _right = new double[Prior.Length];
    private readonly double[] _seen = new double[Prior.Length];

    /// <summary>The chance that the next token is the draft's, where so many agreed.</summary>
    public double Chance(int matched)
    {
        var at = ClassOf(matched);
        return (Prior[at] * PriorWeight[at] + _right[at]) / (PriorWeight[at] + _seen[at]);
    }

    /// <summary>Learns whether a token came as its draft said.</summary>
    /// <param name="matched">Tokens that agreed in front of it.</param>
    public void Learn(int matched, bool isRight)
    {
        var at = ClassOf(matched);
        _right[at] = _right[at] * Kept + (isRight ? 1 : 0);
        _seen[at] = _seen[at] * Kept + 1;
    }

    private static int ClassOf(int matched)
    {
        var at = ClassFrom.Length - 1;
        while (matched < ClassFrom[at]) at--;
        return at;
    }
}
