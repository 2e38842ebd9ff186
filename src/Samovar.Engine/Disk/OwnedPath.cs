using Samovar.Engine.Sequences;

namespace Samovar.Engine.Disk;

/// <summary>A path of the tree with the stored responses that each of its segments is needed by. The engine's thread only.</summary>
/// <remarks>Of a conversation only the first response behind a segment counts: those that go on from it need what it needs.</remarks>
internal sealed class OwnedPath
{
    private const int LookedAtMax = 256; // segments behind the end, and those who own them; others come when they are written themselves
    private readonly Dictionary<Segment, IReadOnlyList<StateOwner>> _owners = new(ReferenceEqualityComparer.Instance);

    public OwnedPath(Segment end)
    {
        End = end;
        Learn();
    }

    public Segment End { get; }

    /// <summary>Whoever needs the path's first segment, and so anybody who needs any of it.</summary>
    public IReadOnlyList<StateOwner> Owners { get; private set; } = [];

    public IReadOnlyList<StateOwner> OwnersOf(Segment segment) => _owners.GetValueOrDefault(segment, []);

    /// <summary>The segments in their order.</summary>
    public IEnumerable<(Segment Segment, IReadOnlyList<StateOwner> Owners)> FromRoot()
    {
        foreach (var segment in End.PathBehind(0)) yield return (segment, OwnersOf(segment));
    }

    /// <summary>Cuts what is not on the disk into segments of so many tokens at most.</summary>
    public void Split(SegmentTree tree, int tokensMax)
    {
        for (var at = End; at is { Parent: not null }; at = at.Parent)
            if (at.RowsCopy is not { IsGone: false } && at.Tokens.Length > tokensMax)
                _owners[tree.At(at, at.End - tokensMax)] = OwnersOf(at);
    }

    private void Learn()
    {
        IReadOnlyList<StateOwner> owners = Behind();
        for (var at = End; at is { Parent: not null }; at = at.Parent)
        {
            if (at.Owners is { Count: > 0 } own) owners = With(own, owners);
            _owners[at] = Owners = owners;
        }
    }

    private static List<StateOwner> With(List<StateOwner> own, IReadOnlyList<StateOwner> behind)
    {
        var known = own.ToHashSet();
        return [.. own, .. behind.Where(owner => !known.Contains(owner) && (owner.Before is null || !known.Contains(owner.Before)))];
    }

    private List<StateOwner> Behind()
    {
        var found = new HashSet<StateOwner>();
        var queue = new Queue<Segment>(End.Children);
        for (var looked = 0; looked < LookedAtMax && found.Count < LookedAtMax && queue.TryDequeue(out var at); looked++)
            if (at.Owners is { Count: > 0 } own) found.UnionWith(own);
            else
                foreach (var child in at.Children) queue.Enqueue(child);
        return [.. found];
    }
}
