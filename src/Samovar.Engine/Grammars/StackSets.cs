using System.Runtime.InteropServices;

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
        count(1);
        if (a.Frames.Length == 0) return b;
        if (_unions.TryGetValue((a, b), out var known)) return known;
        var united = Merged(a, b);
        Bytes += 48;
        return _unions[(a, b)] = united;
    }

    /// <summary>The stacks below a counted part whose rounds may end here; null for none.</summary>
    public StackSet? Left(StackSet set, ProgramCount counted)
    {
        StackSet? left = null;
        for (var at = set.Frames.Length - 1; at >= 0 && set.Frames[at].Round >= counted.Min; at--)
            left = left is null ? set.Below[at] : Union(left, set.Below[at]);
        return left;
    }

    /// <summary>The same stacks with one more round of a counted part; null where there were enough.</summary>
    /// <remarks>Of a part without an end the rounds behind the least count are all alike.</remarks>
    public StackSet? Again(StackSet set, ProgramCount counted)
    {
        var (frames, below) = (new List<StackFrame>(set.Frames.Length), new List<StackSet>(set.Frames.Length));
        count(set.Frames.Length);
        for (var at = 0; at < set.Frames.Length; at++)
        {
            var round = set.Frames[at].Round + 1;
            if (counted.Max >= 0 && round > counted.Max) break;
            var frame = new StackFrame(counted.Iterate, counted.Max < 0 ? Math.Min(round, Math.Max(counted.Min, 1)) : round);
            if (frames.Count > 0 && frames[^1] == frame) below[^1] = Union(below[^1], set.Below[at]);
            else if (!IsCovered(CollectionsMarshal.AsSpan(frames), CollectionsMarshal.AsSpan(below), frame, set.Below[at]))
            {
                frames.Add(frame);
                below.Add(set.Below[at]);
            }
        }
        return frames.Count == 0 ? null : Once(new StackSet([.. frames], [.. below], ++_ids));
    }

    /// <summary>What a set has that another lacks; null for nothing.</summary>
    public StackSet? Beyond(StackSet known, StackSet more)
    {
        if (ReferenceEquals(known, more)) return null;
        var (frames, below) = (new List<StackFrame>(more.Frames.Length), new List<StackSet>(more.Frames.Length));
        count(more.Frames.Length);
        for (var at = 0; at < more.Frames.Length; at++)
        {
            if (Admits(known, more.Frames[at], more.Below[at])) continue;
            frames.Add(more.Frames[at]);
            below.Add(more.Below[at]);
        }
        return frames.Count == 0 ? null : frames.Count == more.Frames.Length ? more : Once(new StackSet([.. frames], [.. below], ++_ids));
    }

    private bool Admits(StackSet known, StackFrame frame, StackSet under)
    {
        var at = Array.BinarySearch(known.Frames, frame);
        if (at >= 0) return ReferenceEquals(Union(known.Below[at], under), known.Below[at]);
        return IsCovered(known.Frames.AsSpan(0, ~at), known.Below, frame, under);
    }

    private StackSet Merged(StackSet a, StackSet b)
    {
        var frames = new List<StackFrame>(a.Frames.Length + b.Frames.Length);
        var below = new List<StackSet>(frames.Capacity);
        count(1 + frames.Capacity / 8); // copied in a row: cheap beside a step of the automaton
        for (int i = 0, j = 0; i < a.Frames.Length || j < b.Frames.Length;)
        {
            var order = i == a.Frames.Length ? 1 : j == b.Frames.Length ? -1 : a.Frames[i].CompareTo(b.Frames[j]);
            var frame = order <= 0 ? a.Frames[i] : b.Frames[j];
            var under = order == 0 ? Union(a.Below[i], b.Below[j]) : order < 0 ? a.Below[i] : b.Below[j];
            if (order <= 0) i++;
            if (order >= 0) j++;
            if (IsCovered(CollectionsMarshal.AsSpan(frames), CollectionsMarshal.AsSpan(below), frame, under)) continue;
            frames.Add(frame);
            below.Add(under);
        }
        return Same(a, frames, below) ? a : Same(b, frames, below) ? b : Once(new StackSet([.. frames], [.. below], ++_ids));
    }

    /// <summary>Whether an earlier round of the same count, above the same stacks, admits all that this one does: nothing more must be, and
    /// more may be.</summary>
    private bool IsCovered(ReadOnlySpan<StackFrame> frames, ReadOnlySpan<StackSet> below, StackFrame frame, StackSet under)
    {
        if (frame.Round == 0) return false;
        var min = program.Counts[program.Nodes[frame.Node].A].Min;
        for (var at = frames.Length - 1; at >= 0 && frames[at].Node == frame.Node && frames[at].Round >= Math.Max(min, 1); at--)
        {
            count(1);
            if (ReferenceEquals(below[at], under)) return true;
        }
        return false;
    }

    private StackSet Once(StackSet set)
    {
        count(1 + set.Frames.Length / 8);
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

    private sealed class Pairs : IEqualityComparer<(StackSet, StackSet)>
    {
        public static readonly Pairs Instance = new();

        public bool Equals((StackSet, StackSet) x, (StackSet, StackSet) y) =>
            ReferenceEquals(x.Item1, y.Item1) && ReferenceEquals(x.Item2, y.Item2);

        public int GetHashCode((StackSet, StackSet) pair) => HashCode.Combine(pair.Item1.Id, pair.Item2.Id);
    }
}
