namespace Samovar.Engine.Sequences;

/// <summary>A copy of a segment's state that outlives it, on a disk.</summary>
internal interface IStateCopy
{
    /// <summary>Whether it is no longer there.</summary>
    bool IsGone { get; }
}
