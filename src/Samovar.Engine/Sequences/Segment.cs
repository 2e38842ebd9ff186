using Samovar.Engine.States;

namespace Samovar.Engine.Sequences;

/// <summary>A node of a namespace's prefix tree: consecutive tokens whose state a stream holds or host memory keeps.</summary>
/// <remarks>
/// A segment's end never moves (a split makes a new segment in front of it), so streams and pins may point at it.
/// Rows are closed towards the root: where a segment has them, all in front of it have them, too.
/// A segment stays in the tree while a live stream goes through it or its rows are parked.
/// </remarks>
internal sealed class Segment(Segment? parent, ReadOnlyMemory<int> tokens)
{
    private Dictionary<int, Segment>? _children;

    public Segment? Parent { get; set; } = parent;
    public ReadOnlyMemory<int> Tokens { get; set; } = tokens;

    /// <summary>Tokens from the root to this segment's end.</summary>
    public int End { get; } = (parent?.End ?? 0) + tokens.Length;

    public int Start => End - Tokens.Length;

    /// <summary>The parked state of this segment's tokens.</summary>
    public StateRows? Rows { get; set; }

    /// <summary>What is kept beside rows to go on from this segment's end, for models whose state cannot be cut anywhere. It needs the rows
    /// of the whole path, in host memory or in a stream, unless it is all of the state.</summary>
    public StateCheckpoint? Checkpoint { get; set; }

    /// <summary>When its state was given up; null where it was not, or came back since.</summary>
    public StateLoss? Loss { get; set; }

    /// <summary>Whether a turn whose tokens may be written to a disk goes through it: then all in front of it is so, too.</summary>
    public bool IsStored { get; set; }

    /// <summary>Stored responses whose state ends here.</summary>
    public List<StateOwner>? Owners { get; set; }

    /// <summary>Where else the rows are; it may have more than this segment's, and outlive <see cref="Rows"/>.</summary>
    public IStateCopy? RowsCopy { get; set; }

    /// <summary>Where else the checkpoint is.</summary>
    public IStateCopy? CheckpointCopy { get; set; }

    /// <summary>Live streams that end here or further down.</summary>
    public int Streams { get; set; }

    /// <summary>Pins that hold the path up to here.</summary>
    public int Pins { get; set; }

    /// <summary>Kept prefixes that end here: its state goes after all other.</summary>
    public int Keeps { get; set; }

    /// <summary>The newest of them.</summary>
    public KeptPrefix? Kept { get; set; }

    /// <summary>Chains whose newest turn ended here or further down.</summary>
    public int Users { get; set; }

    /// <summary>The last turn that ended here or further down; null while the first one runs.</summary>
    public TurnNote? Note { get; set; }

    /// <summary>Whether its client said that nobody comes back, and no other chain stands on it.</summary>
    public bool IsFinal => Users == 0 && Note is { Ending.Stop: StopKind.Final };

    /// <summary>Children with rows; without any, these rows may be given up.</summary>
    public int ChildrenWithRows { get; set; }

    /// <summary>The engine's turn count when it was last used.</summary>
    public long LastUsed { get; set; }

    /// <summary>Turns whose cached tokens ended in this segment.</summary>
    public long Hits { get; set; }

    /// <summary>What those who watch call it; 0: nobody has asked.</summary>
    public long Number { get; set; }

    /// <summary>Scratch for walks: the walk that last came by.</summary>
    public long Mark { get; set; }

    /// <summary>Whether a stream is about to move here: eviction on its behalf must not take the segment away.</summary>
    public bool IsClaimed { get; set; }

    /// <summary>Whether it has left its tree; its state is gone.</summary>
    public bool IsDetached { get; set; }

    /// <summary>Lets state be written to a disk up to here.</summary>
    public void Store()
    {
        for (var at = this; at is { IsStored: false }; at = at.Parent) at.IsStored = true;
    }

    public bool IsParked => Rows is not null || Checkpoint is not null;

    /// <summary>Whether files have what is needed to go on from its end.</summary>
    public bool IsOnDisk => CheckpointCopy is { IsGone: false } || (Checkpoint is null && RowsCopy is { IsGone: false });

    public bool HasChildren => _children is { Count: > 0 };

    public IEnumerable<Segment> Children => _children?.Values ?? Enumerable.Empty<Segment>();

    public Segment? Child(int token) => _children is not null && _children.TryGetValue(token, out var child) ? child : null;

    public void SetChild(Segment child) => (_children ??= [])[child.Tokens.Span[0]] = child;

    public void RemoveChild(Segment child) => _children?.Remove(child.Tokens.Span[0]);

    /// <summary>The last segment of the path up to here that has a checkpoint, and ends at that depth or before it; null where none
    /// does.</summary>
    public Segment? LastCheckpoint(int depthMax = int.MaxValue)
    {
        for (var at = this; at.Parent is { } parent; at = parent)
            if (at.Checkpoint is not null && at.End <= depthMax) return at;
        return null;
    }

    /// <summary>The last segment of the path up to here whose rows are parked; the root where none are.</summary>
    public Segment LastWithRows()
    {
        var at = this;
        while (at is { Rows: null, Parent: { } parent }) at = parent;
        return at;
    }

    /// <summary>The segments of the path up to here that end behind a depth, in their order.</summary>
    public Stack<Segment> PathBehind(int depth)
    {
        var path = new Stack<Segment>();
        for (var at = this; at is not null && at.End > depth; at = at.Parent) path.Push(at);
        return path;
    }

    /// <summary>The first tokens of the path up to here.</summary>
    public int[] FirstTokens(int count)
    {
        var first = new int[count];
        for (var at = this; at is not null; at = at.Parent)
            if (at.Start < count)
                at.Tokens.Span[..Math.Min(at.Tokens.Length, count - at.Start)].CopyTo(first.AsSpan(at.Start));
        return first;
    }

    /// <summary>Calls for each token from a place of the path on, in order.</summary>
    public void Visit(int from, Action<int> visit)
    {
        foreach (var segment in PathBehind(from))
            foreach (var token in segment.Tokens.Span[Math.Max(0, from - segment.Start)..]) visit(token);
    }
}
