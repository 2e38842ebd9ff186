namespace Samovar.Engine.Decoding;

/// <summary>What the loop needs besides its neighbours.</summary>
internal sealed record LoopSettings(
    EngineMeters Meters, TimeProvider Time, Action<EngineMeters> Occupancy, int BatchTokens, int Threads, TimeSpan DecodeDelayMax)
{
    /// <summary>Threads of a turn that decodes alone.</summary>
    public required int DecodeThreads { get; init; }

    /// <summary>Whether these are always as many.</summary>
    public required bool AreThreadsFixed { get; init; }

    /// <summary>What its thread does first, before any turn.</summary>
    public Action? Begin { get; init; }

    /// <summary>What it does while there are no turns, piece by piece; false when nothing is left to do.</summary>
    public Func<bool>? Idle { get; init; }
}
