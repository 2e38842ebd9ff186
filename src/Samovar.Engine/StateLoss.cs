namespace Samovar.Engine;

/// <summary>That state was given up which a chain still held, so that its next turn computes it again.</summary>
/// <param name="At">When.</param>
/// <param name="Place">Where it was.</param>
public sealed record StateLoss(DateTimeOffset At, LossPlace Place);

/// <summary>Where a sequence's state can be.</summary>
public enum LossPlace
{
    /// <summary>In a stream's cells; host memory had no room for it when the stream was needed.</summary>
    Cells,

    /// <summary>In host memory, whose budget was reached.</summary>
    HostMemory,
}
