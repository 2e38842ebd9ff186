namespace Samovar.Engine.Sequences;

/// <summary>How the turn ended that was the last to use a segment, and when. The engine's thread only.</summary>
internal sealed class TurnNote(TimeSpan at)
{
    public TimeSpan At => at;

    /// <summary>Not known until the turn's owner says it.</summary>
    public TurnEnding Ending { get; set; }

    /// <summary>Whether the policy knows that it ended, and waits for its return.</summary>
    public bool IsAwaited { get; set; }
}
