using Samovar.Engine.Native;

namespace Samovar.Engine.States;

/// <summary>What may be done with the state of a stream, and what has to be kept to have it again.</summary>
/// <remarks>
/// plain: rows alone, cut anywhere. Sliding window: rows of the layers that keep all, and at a checkpoint the window's; a live stream is
/// cut where it still has the window in front of the cut. Hybrid: rows, and at a checkpoint the recurrent state; cut at checkpoints alone.
/// Recurrent, and whatever is not recognised: at a checkpoint all of it.
/// </remarks>
/// <param name="Kind">How the model remembers.</param>
/// <param name="Cut">Where a live stream may be cut.</param>
/// <param name="WindowTokens">Tokens of the window; 0 without one.</param>
/// <param name="Layout">How rows are taken out of a state; null where it moves only as a whole.</param>
/// <param name="Checkpoints">What a checkpoint is.</param>
internal sealed record StateTraits(MemoryKind Kind, LiveCut Cut, int WindowTokens, StateLayout? Layout, CheckpointPart Checkpoints)
{
    /// <summary>Whether prompts are to be saved on the way: what is behind a place cannot always be cut off again.</summary>
    public bool WantsCheckpoints => Cut != LiveCut.Anywhere;

    /// <param name="handling">What tests allow; else <see cref="StateHandling.Rows"/>.</param>
    public static StateTraits Of(LlamaModel model, ProbedState probed, StateHandling handling)
    {
        var kind = model.Kind;
        var cut = handling == StateHandling.Snapshots || kind is MemoryKind.Hybrid or MemoryKind.Recurrent ? LiveCut.AtCheckpoints
            : kind == MemoryKind.SlidingWindow ? LiveCut.WithinWindow : LiveCut.Anywhere;
        var isSplit = probed.AtEndBytes < probed.WholeBytes;
        var layout = handling == StateHandling.Rows && (isSplit || kind == MemoryKind.Plain) ? probed.Layout : null;
        var part = layout is null ? CheckpointPart.Whole : kind == MemoryKind.Plain ? CheckpointPart.None : CheckpointPart.AtEnd;
        return new StateTraits(kind, cut, cut == LiveCut.WithinWindow ? model.WindowTokens : 0, layout, part);
    }

    /// <summary>Whether a stream may be cut to a length, and goes on from there as if it had never had more.</summary>
    /// <param name="context">The context.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="held">Its length.</param>
    /// <param name="length">The length to cut it to.</param>
    public bool CanCut(LlamaContext context, int stream, int held, int length) => length == held || (length < held && Cut switch
    {
        LiveCut.Anywhere => true,
        LiveCut.WithinWindow => length > 0 && context.First(stream) is >= 0 and var first
            && first <= Math.Max(0, length - WindowTokens + 1),
        _ => false,
    });
}

/// <summary>Where a live stream may be cut.</summary>
internal enum LiveCut
{
    Anywhere,

    /// <summary>Where every layer still has the tokens that the next one looks at.</summary>
    WithinWindow,

    /// <summary>Nowhere; only a checkpoint brings an earlier state back.</summary>
    AtCheckpoints,
}

/// <summary>What a checkpoint keeps beside rows.</summary>
internal enum CheckpointPart
{
    /// <summary>There are none: rows are all there is.</summary>
    None,

    /// <summary>What the end of the stream alone decides.</summary>
    AtEnd,

    /// <summary>All of the state; there are no rows.</summary>
    Whole,
}
