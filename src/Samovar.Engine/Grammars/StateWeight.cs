namespace Samovar.Engine.Grammars;

/// <summary>Bounds what a state alone keeps in memory, besides what is remembered of others.</summary>
internal static class StateWeight
{
    /// <exception cref="GrammarFaultException">It holds more bytes.</exception>
    public static void Check(LiveState state, long bytesMax)
    {
        var seen = new HashSet<StackSet>(ReferenceEqualityComparer.Instance);
        var open = new Stack<StackSet>(state.Stacks);
        var bytes = state.Bytes;
        while (open.TryPop(out var set))
        {
            if (!seen.Add(set)) continue;
            bytes += set.Bytes;
            if (bytes > bytesMax) throw new GrammarFaultException("The grammar has too many open parts at once.");
            foreach (var below in set.Below) open.Push(below);
        }
    }
}
