using System.Globalization;

namespace Samovar.Engine.Sequences;

/// <summary>The prefix trees, one per namespace: which token paths have state somewhere. The engine's thread only.</summary>
internal sealed class SegmentTree
{
    private readonly Dictionary<string, Segment> _roots = new(StringComparer.Ordinal);
    private const ulong Spread = 0x9E3779B97F4A7C15; // odd: every number has a name of its own, and no name begins another
    private long _mark;
    private long _named;

    /// <summary>The namespaces that have state.</summary>
    public IEnumerable<Segment> Roots => _roots.Values;

    /// <summary>Segments in all trees, roots apart.</summary>
    public int Count { get; private set; }

    /// <summary>The empty path of a namespace.</summary>
    public Segment Root(string scope)
    {
        if (!_roots.TryGetValue(scope, out var root)) _roots[scope] = root = new Segment(null, ReadOnlyMemory<int>.Empty);
        return root;
    }

    /// <summary>The same where there is one.</summary>
    public Segment? Find(string scope) => _roots.GetValueOrDefault(scope);

    /// <summary>The namespace that a root is of; null where it is no longer one.</summary>
    public string? ScopeOf(Segment root)
    {
        foreach (var (scope, known) in _roots)
            if (ReferenceEquals(known, root)) return scope;
        return null;
    }

    /// <summary>How far tokens that follow a segment are known: the last segment touched and the depth reached in or at its end.</summary>
    public static (Segment Segment, int Depth) Match(Segment from, ReadOnlySpan<int> tokens)
    {
        var (segment, depth) = (from, from.End);
        while (!tokens.IsEmpty && segment.Child(tokens[0]) is { } child)
        {
            var common = child.Tokens.Span.CommonPrefixLength(tokens);
            (segment, depth) = (child, depth + common);
            if (common < child.Tokens.Length) break;
            tokens = tokens[common..];
        }
        return (segment, depth);
    }

    /// <summary>The segment that ends with these tokens behind another one; made where it is missing.</summary>
    public Segment Insert(Segment from, ReadOnlyMemory<int> tokens)
    {
        var (segment, depth) = Match(from, tokens.Span);
        if (depth < segment.End) segment = Split(segment, depth);
        var remaining = tokens[(depth - from.End)..];
        if (remaining.IsEmpty) return segment;
        var added = new Segment(segment, remaining.ToArray()) { LastUsed = segment.LastUsed }; // a slice would keep all it was cut from
        segment.SetChild(added);
        Count++;
        return added;
    }

    /// <summary>A name that the segment keeps as long as it is there, and that says nothing of others.</summary>
    public string NameOf(Segment segment)
    {
        if (segment.Number == 0) segment.Number = ++_named;
        return string.Create(CultureInfo.InvariantCulture, $"prefix_{unchecked((ulong)segment.Number * Spread):x16}");
    }

    /// <summary>A turn found that many tokens of the path to a segment.</summary>
    public static void NoteHit(Segment segment, int cached)
    {
        if (cached == 0) return;
        while (segment.Start >= cached && segment.Parent is { } parent) segment = parent;
        segment.Hits++;
    }

    /// <summary>The segment on the path to another one that ends at a depth; a segment across it is split.</summary>
    public Segment At(Segment segment, int depth)
    {
        while (segment.Start >= depth && segment.Parent is { } parent) segment = parent;
        return depth < segment.End ? Split(segment, depth) : segment;
    }

    /// <summary>Marks the path from the root to a segment; a walk up from elsewhere meets it at the deepest common segment.</summary>
    public long MarkPath(Segment segment)
    {
        _mark++;
        for (var at = segment; at is not null; at = at.Parent) at.Mark = _mark;
        return _mark;
    }

    /// <summary>Removes a segment, and those in front of it, as far as nothing needs them.</summary>
    public void Prune(Segment segment)
    {
        while (segment is { Parent: { } parent, Streams: 0, IsParked: false, IsClaimed: false, HasChildren: false })
        {
            parent.RemoveChild(segment);
            segment.IsDetached = true;
            Count--;
            segment = parent;
        }
        if (segment.Parent is null && !segment.HasChildren) RemoveRoot(segment);
    }

    // The new segment takes the front; the old one keeps its end, and with it the streams and pins that point at it.
    private Segment Split(Segment segment, int depth)
    {
        var at = depth - segment.Start;
        var parent = segment.Parent!;
        var remaining = segment.Tokens[at..].ToArray();
        var front = new Segment(parent, segment.Tokens[..at].ToArray())
        {
            Streams = segment.Streams,
            Users = segment.Users,
            Note = segment.Note,
            LastUsed = segment.LastUsed,
            Mark = segment.Mark,
            IsStored = segment.IsStored,
            RowsCopy = segment.RowsCopy,
        };
        var tail = segment.Rows?.CutTail(at); // before anything is changed: where memory is short it throws, and all is as it was
        segment.Tokens = remaining;
        segment.Parent = front;
        parent.SetChild(front);
        front.SetChild(segment);
        Count++;
        if (segment.Rows is not { } rows) return front;
        segment.Rows = tail;
        front.Rows = rows;
        front.ChildrenWithRows = 1;
        return front;
    }

    private void RemoveRoot(Segment root)
    {
        if (ScopeOf(root) is not { } scope) return;
        _roots.Remove(scope);
        root.IsDetached = true;
    }
}
