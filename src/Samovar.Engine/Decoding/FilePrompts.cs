using System.Runtime.CompilerServices;
using Samovar.Engine.Disk;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Decoding;

/// <summary>What files have of the prompts of turns that come, wait, and end. The engine's thread only.</summary>
internal sealed class FilePrompts(SegmentTree tree, StateSurveyor surveyor)
{
    private readonly ConditionalWeakTable<TurnRun, object> _expected = [];

    /// <summary>The files; null: there are none.</summary>
    public StateDisk? Disk { get; set; }

    /// <summary>Whether a turn is to wait for them.</summary>
    public bool IsAwaited(TurnRun turn, StateSources found, Segment segment, int depth) => Disk is not null && !turn.HasBegun
        && Disk.Lookup.IsAwaited(turn, PromptOf(turn.Spec.Namespace, turn.Spec.Prompt, turn.UsableMax, found, segment, depth));

    /// <summary>A turn waits for a stream: what they have of its prompt is read meanwhile.</summary>
    public void Expect(TurnRun turn)
    {
        if (Disk is null || turn.HasBegun || turn.Fault is not null || _expected.TryGetValue(turn, out _)) return;
        if (!Disk.Lookup.MayReadAhead) return;
        _expected.Add(turn, turn.Spec);
        var (from, behind) = turn.Lookup(tree.Root(turn.Spec.Namespace));
        var (segment, depth) = SegmentTree.Match(from, behind.Span);
        var found = surveyor.Survey(segment, depth, turn.UsableMax);
        var prompt = PromptOf(turn.Spec.Namespace, turn.Spec.Prompt, turn.UsableMax, found, segment, depth);
        if (!Disk.Lookup.Expect(turn, prompt, () => turn is { HasBegun: false, IsGone: null })) _expected.Remove(turn);
    }

    /// <summary>A turn will come that goes on from a path.</summary>
    public void Expect(string scope, TokenPath path)
    {
        try
        {
            var root = tree.Root(scope);
            var (segment, depth) = SegmentTree.Match(root, path.ToArray());
            var found = surveyor.Survey(segment, depth, path.Length);
            Disk?.Lookup.Expect(new object(), PromptOf(scope, path, path.Length, found, segment, depth), isWaiting: null);
            tree.Prune(root); // where nothing is known of the namespace
        }
        catch (Exception) // one announcement: its turn asks when it comes
        {
            Faults++;
        }
    }

    /// <summary>Announcements that could not be followed.</summary>
    public long Faults { get; private set; }

    /// <summary>Takes in what was read; false where nothing was.</summary>
    /// <param name="now">The engine's turn count.</param>
    public bool TakeIn(long now) => Disk?.Lookup.TakeIn(now) == true;

    /// <summary>Whether a turn's state came from them.</summary>
    public bool HasCome(TurnRun turn, Segment from) => Disk?.Lookup.HasCome(turn, from) == true;

    /// <summary>A turn's state reaches up to a segment: if it may, it may be written up to there.</summary>
    public void Store(TurnRun turn, Segment? leaf)
    {
        if (!turn.Spec.IsStored || leaf is null) return;
        leaf.Store();
        if (Disk is { } disk) disk.Note(leaf, turn.StoredBy ??= disk.OwnerOf(turn.Spec));
    }

    private static DiskPrompt PromptOf(string scope, TokenPath tokens, int usable, StateSources found, Segment segment, int depth) =>
        new(scope, tokens, Math.Max(found.Here, found.Coming), Math.Min(depth, segment.LastWithRows().End), usable);
}
