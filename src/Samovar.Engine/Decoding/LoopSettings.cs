using Samovar.Engine.Parking;
using Samovar.Engine.Retention;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Decoding;

/// <summary>What the loop needs besides its neighbours.</summary>
internal sealed record LoopSettings(
    EngineMeters Meters, TimeProvider Time, Action<EngineMeters> Occupancy, int BatchTokens, int Threads, TimeSpan DecodeDelayMax)
{
    /// <summary>What ends and comes back is told to it.</summary>
    public required TurnRetention Retention { get; init; }

    /// <summary>The pins that the engine gives out.</summary>
    public required PinHome Pins { get; init; }

    /// <summary>What prefill takes is measured there.</summary>
    public required PrefillMeter Prefill { get; init; }

    /// <summary>What prefill takes before anything was measured.</summary>
    public required PrefillGuess PrefillGuess { get; init; }

    /// <summary>Whether a processor computes.</summary>
    public required bool IsProcessor { get; init; }

    /// <summary>Threads of a turn that decodes alone.</summary>
    public required int DecodeThreads { get; init; }

    /// <summary>Whether these are always as many.</summary>
    public required bool AreThreadsFixed { get; init; }

    /// <summary>What its thread does first, before any turn.</summary>
    public Action? Begin { get; init; }

    /// <summary>What it does between two rounds, while there are turns; short, or rare.</summary>
    public Action? Between { get; init; }

    /// <summary>What it does while there are no turns, piece by piece; false when nothing is left to do.</summary>
    public Func<bool>? Idle { get; init; }
}
