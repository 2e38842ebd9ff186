using Samovar.Backends.Embedded;
using Samovar.Engine;

namespace Samovar.Backends.Models;

/// <summary>What a model does at the moment.</summary>
internal enum ModelState
{
    /// <summary>Its next request loads it.</summary>
    Unloaded,

    /// <summary>It was asked for, and waits for others that are loaded before it, or for room. Bounded by those who wait.</summary>
    Queued,

    /// <summary>It is read; takes as long as that does.</summary>
    Loading,

    /// <summary>It runs turns, until others need its room or it is idle for long.</summary>
    Loaded,

    /// <summary>It gives its memory back.</summary>
    Unloading,

    /// <summary>It could not be loaded; after <c>Models:RetryAfter</c> its next request tries again.</summary>
    Failed,
}

/// <summary>A model as it is at one moment.</summary>
/// <param name="Name">As clients name it.</param>
internal sealed record ModelCondition(string Name, ModelState State)
{
    /// <summary>Null unless it is loaded.</summary>
    public ISequenceEngine? Engine { get; init; }

    /// <summary>Bytes that it takes: weights, cells, and what it may park.</summary>
    public long Bytes { get; init; }

    /// <summary>Of these, what lies in a device's memory.</summary>
    public long DeviceBytes { get; init; }

    /// <summary>What they are for; null unless it is loaded.</summary>
    public ModelMemory? Memory { get; init; }

    /// <summary>What its template turned out to be; null unless it is loaded.</summary>
    public TemplateReading? Template { get; init; }

    /// <summary>Turns and counts that use it.</summary>
    public int Uses { get; init; }

    /// <summary>Turns that are held until it is loaded.</summary>
    public int Waiting { get; init; }

    /// <summary>When it was used last; null where it was not.</summary>
    public DateTimeOffset? LastUsed { get; init; }

    /// <summary>How often it was loaded, and how often it made room or was idle for long.</summary>
    public long Loads { get; init; }
    public long Unloads { get; init; }

    /// <summary>Loads that failed.</summary>
    public long Failures { get; init; }

    /// <summary>How long it took to load it last.</summary>
    public TimeSpan? LoadTime { get; init; }

    /// <summary>Why it could not be loaded, for operators.</summary>
    public string? Fault { get; init; }

    /// <summary>Of all the times that it was loaded.</summary>
    public EngineCounters Counters { get; init; } = new();
}
