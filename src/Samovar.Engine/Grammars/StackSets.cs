namespace Samovar.Engine.Grammars;

/// <summary>Makes sets of stacks, each once, and unites them.</summary>
/// <param name="program">Whose nodes the frames name.</param>
/// <param name="bounds">How deep a stack may be.</param>
/// <param name="count">Takes the cost of each piece of work in steps; throws where there were too many.</param>
internal sealed class StackSets(GrammarProgram program, GrammarBounds bounds, Action<int> count)
{
    private readonly HashSet<StackSet> _known = [];
    private readonly Dictionary<(StackSet, StackSet), StackSet> _unions = new(Pairs.Instance);
    private int _ids;

    /// <summary>Bytes of the sets that are remembered.</summary>
    public long Bytes { get; private set; }

    /// <summary>Forgets the sets; those in use go on, only that equal ones may be two.</summary>
    public void Clear()
    {
        _known.Clear();
        _unions.Clear();
        Bytes = 0;
    }

    /// <summary>A frame on top of a set; null where that is too deep.</summary>
    public StackSet? Push(StackFrame frame, StackSet below) =>
        below.Depth >= bounds.DepthMax ? null : Once(new StackSet([frame], [below], ++_ids));

    /// <summary>All stacks of both.</summary>
    public StackSet Union(StackSet a, StackSet b)
    {
        if (ReferenceEquals(a, b) || b.Frames.Length == 0) return a;
        if (a.Frames.Length == 0) return b;
        if (_unions.TryGetValue((a, b), out var known)) return known;
        var united = Merged(a, b);
        Bytes += 48;
        return _unions[(a, b)] = united;
    }

    private StackSet Merged(StackSet a, StackSet b)
    {
        var frames = new List<StackFrame>(a.Frames.Length + b.Frames.Length);
        var below = new List<StackSet>(frames.Capacity);
        count(frames.Capacity);
        for (int i = 0, j = 0; i < a.Frames.Length || j < b.Frames.Length;)
        {
            var order = i == a.Frames.Length ? 1 : j == b.Frames.Length ? -1 : Compare(a.Frames[i], b.Frames[j]);
            var frame = order <= 0 ? a.Frames[i] : b.Frames[j];
            var under = order == 0 ? Union(a.Below[i], b.Below[j]) : order < 0 ? a.Below[i] : b.Below[j];
            if (order <= 0) i++;
            if (order >= 0) j++;
            if (IsCovered(frames, below, frame, under)) continue;
            frames.Add(frame);
            below.Add(under);
        }
        return Same(a, frames, below) ? a : Same(b, frames, below) ? b : Once(new StackSet([.. frames], [.. below], ++_ids));
    }

    /// <summary>Whether an earlier round of the same count, above the same stacks, admits all that this one does: nothing more must be, and
    /// more may be.</summary>
    private bool IsCovered(List<StackFrame> frames, List<StackSet> below, StackFrame frame, StackSet under)
    {
        if (frame.Round == 0) return false;
        var min = program.Counts[program.Nodes[frame.Node].A].Min;
        for (var at = frames.Count - 1; at >= 0 && frames[at].Node == frame.Node && frames[at].Round >= Math.Max(min, 1); at--)
        {
            count(1);
            if (ReferenceEquals(below[at], under)) return true;
        }
        return false;
    }

    private StackSet Once(StackSet set)
    {
        count(set.Frames.Length);
        if (_known.TryGetValue(set, out var known)) return known;
        _known.Add(set);
        Bytes += set.Bytes + 24;
        return set;
    }

    private static bool Same(StackSet set, List<StackFrame> frames, List<StackSet> below)
    {
        if (set.Frames.Length != frames.Count) return false;
        for (var at = 0; at < frames.Count; at++)
            if (set.Frames[at] != frames[at] || !ReferenceEquals(set.Below[at], below[at])) return false;
        return true;
    }

    private static int Compare(StackFrame a, StackFrame b) => a.Node != b.Node ? a.Node.CompareTo(b.Node) : a.Round.CompareTo(b.Round);

    private sealed class Pairs : IEqualityComparer<(StackSet, StackSet)>
    {
        public static readonly Pairs Instance = new();

        public bool Equals((StackSet, StackSet) x, (StackSet, StackSet) y) =>
            ReferenceEquals(x.Item1, y.Item1) && ReferenceEquals(x.Item2, y.Item2);

        public int GetHashCode((StackSet, StackSet) pair) => HashCode.Combine(pair.Item1.Id, pair.Item2.Id);
    }
}
