namespace Samovar.Engine.Grammars;

/// <summary>
/// Runs a new grammar a little way, each time along the byte after which it may be at most places: one that soon costs more than its
/// bounds is refused before a turn begins. What is learned on the way is kept.
/// </summary>
internal static class GrammarTrial
{
    private const int BytesMax = 32;
    private const int StepsMax = 500_000;

    /// <exception cref="GrammarFaultException">It costs more than its bounds.</exception>
    public static void Run(LearnedStates learned, CancellationToken givenUp)
    {
        var steps = new StepAllowance(StepsMax);
        var state = learned.StartOfGrammar(steps);
        for (var bytes = 0; bytes < BytesMax && !state.IsDead; bytes++)
        {
            var (weight, heaviest) = (0L, state);
            for (var kind = 0; kind < learned.Kinds; kind++)
            {
                givenUp.ThrowIfCancellationRequested();
                if (steps.IsSpent) return;
                var next = learned.Next(state, learned.ByteOf(kind), steps);
                if (WeightOf(next) <= weight) continue;
                (weight, heaviest) = (WeightOf(next), next);
            }
            if (weight == 0) return;
            state = heaviest;
        }
    }

    private static long WeightOf(LiveState state) => state.Nodes.Length + state.Stacks.Sum(stacks => (long)stacks.Frames.Length);
}
