namespace Samovar.Engine.Retention;

/// <summary>What a policy is told of state that could be given up.</summary>
public readonly record struct HeldState
{
    /// <summary>Memory that comes free without it.</summary>
    public required long Bytes { get; init; }

    /// <summary>What computing it again takes, behind everything in front of it (<see cref="PrefillCost"/>).</summary>
    public required double RecomputeSeconds { get; init; }

    /// <summary>When the last turn that used it ended.</summary>
    public required TimeSpan LastUsed { get; init; }

    /// <summary>How that turn ended.</summary>
    public TurnEnding Ending { get; init; }

    /// <summary>Conversations whose newest turn stands on it: a start that sub-agents share has several. Zero where each of them has
    /// gone on elsewhere, or none holds it any more: it is superseded.</summary>
    public int Users { get; init; }

    public bool IsSuperseded => Users == 0;
}
