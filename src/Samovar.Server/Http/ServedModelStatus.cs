using Samovar.Backends.Models;
using Samovar.Engine;

namespace Samovar.Server.Http;

/// <summary>What health and <c>samovar top</c> say of a model that has a name: its path stays private.</summary>
internal sealed record ServedModelStatus
{
    public required string Name { get; init; }

    /// <summary>unloaded, queued, loading, loaded, unloading, failed.</summary>
    public required string State { get; init; }
    public long Bytes { get; init; }

    /// <summary>Turns and counts that use it, and turns that wait until it is loaded.</summary>
    public int Uses { get; init; }
    public int Waiting { get; init; }
    public DateTimeOffset? LastUsed { get; init; }
    public long Loads { get; init; }
    public long Unloads { get; init; }
    public double? LoadSeconds { get; init; }

    /// <summary>Why it could not be loaded, and what it has done for all tenants together: for operators.</summary>
    public string? Fault { get; init; }
    public int? Streams { get; init; }

    /// <summary>Tokens of the longest conversation; with the streams, and what may be parked, its budget of KV.</summary>
    public int? ContextTokens { get; init; }
    public EngineCounters? Counters { get; init; }

    /// <summary>What its bytes are for, and which template it has; null unless it is loaded.</summary>
    public MemoryStatus? Memory { get; init; }
    public TemplateStatus? Template { get; init; }

    public static IReadOnlyList<ServedModelStatus> Of(LocalModels models, bool isOperator) =>
    [
        .. models.All.Select(model => new ServedModelStatus
        {
            Name = model.Name,
            State = ModelStates.NameOf(model.State),
            Bytes = model.Bytes,
            Uses = isOperator ? model.Uses : 0,
            Waiting = isOperator ? model.Waiting : 0,
            LastUsed = isOperator ? model.LastUsed : null,
            Loads = model.Loads,
            Unloads = model.Unloads,
            LoadSeconds = model.LoadTime?.TotalSeconds,
            Fault = isOperator ? model.Fault : null,
            Streams = model.Engine?.Model.Streams,
            ContextTokens = model.Engine?.Model.ContextTokens,
            Counters = isOperator ? model.Counters : null,
            Memory = MemoryStatus.Of(model),
            Template = model.Template is { } reading ? TemplateStatus.Of(reading) : null,
        }),
    ];
}
