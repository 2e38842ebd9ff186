using Samovar.Backends.Models;

namespace Samovar.Server.Page;

/// <summary>A model that this server computes itself.</summary>
internal sealed record PageModel
{
    public required string Name { get; init; }

    /// <summary>unloaded, queued, loading, loaded, unloading, failed.</summary>
    public required string State { get; init; }

    /// <summary>Of its weights, its cells, and what it may park.</summary>
    public long Bytes { get; init; }
    public int Streams { get; init; }
    public int StreamsBusy { get; init; }

    /// <summary>Turns that use it, and those that wait until it is loaded.</summary>
    public int Uses { get; init; }
    public int Waiting { get; init; }

    /// <summary>Tokens whose state its streams hold, and how many they may.</summary>
    public long KvTokens { get; init; }
    public long KvTokensMax { get; init; }
    public long ParkedBytes { get; init; }
    public long ParkedBytesMax { get; init; }
    public long InputTokens { get; init; }
    public long CachedTokens { get; init; }

    /// <summary>Sampled, also of turns that still run.</summary>
    public long OutputTokens { get; init; }
    public long Loads { get; init; }
    public double? LoadMs { get; init; }

    /// <summary>Why it could not be loaded.</summary>
    public string? Fault { get; init; }

    public static PageModel Of(ModelCondition model) => new()
    {
        Name = model.Name,
        State = ModelStates.NameOf(model.State),
        Bytes = model.Bytes,
        Streams = model.Engine?.Model.Streams ?? 0,
        StreamsBusy = model.Counters.StreamsBusy,
        Uses = model.Uses,
        Waiting = model.Waiting,
        KvTokens = model.Counters.StreamTokens,
        KvTokensMax = model.Engine is { Model: var facts } ? (long)facts.Streams * facts.ContextTokens : 0,
        ParkedBytes = model.Counters.ParkedBytes,
        ParkedBytesMax = model.Counters.ParkedBytesMax,
        InputTokens = model.Counters.PrefilledTokens + model.Counters.CachedTokens,
        CachedTokens = model.Counters.CachedTokens,
        OutputTokens = model.Counters.OutputTokens,
        Loads = model.Loads,
        LoadMs = model.LoadTime is { } took ? Math.Round(took.TotalMilliseconds) : null,
        Fault = model.Fault,
    };
}
