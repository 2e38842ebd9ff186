using System.Text.Json.Serialization;
using Samovar.Engine;
using Samovar.Server.Http;

namespace Samovar.Server.Monitoring.Status;

/// <summary>The server at one moment, for <c>samovar top</c>. Totals count from its start.</summary>
internal sealed record StatusReport
{
    public required string Version { get; init; }
    public required DateTimeOffset At { get; init; }
    public required double UptimeSeconds { get; init; }
    public required bool Draining { get; init; }

    /// <summary>Whose figures these are: a tenant's name; null for everybody's.</summary>
    public string? Tenant { get; init; }
    public required SessionStatus Sessions { get; init; }
    public required TurnStatus Turns { get; init; }

    /// <summary>Newest first.</summary>
    public required IReadOnlyList<RequestStatus> Requests { get; init; }

    /// <summary>For operators only, as are engine, store and what runs without its client: they show what all tenants do.</summary>
    public IReadOnlyList<PoolStatus>? Pools { get; init; }
    public EngineStatus? Engine { get; init; }

    /// <summary>The models, where they have names; null where there is one.</summary>
    public IReadOnlyList<ServedModelStatus>? Models { get; init; }
    public StoreStatus? Store { get; init; }
    public RunningStatus? Running { get; init; }

    /// <summary>For operators only, where the server is one of several nodes.</summary>
    public ClusterStatus? Cluster { get; init; }
}

/// <summary>WebSocket connections, their lanes, and their turns that run or wait in a lane.</summary>
internal sealed record SessionStatus(int Open, int Lanes, int Running, int Queued);

/// <summary>Turns that ended, over any transport.</summary>
internal sealed record TurnStatus
{
    public long Ended { get; init; }

    /// <summary>Failed or refused.</summary>
    public long Failed { get; init; }
    public long BytesIn { get; init; }

    /// <summary>What clients without state would have sent for the same turns.</summary>
    public long BytesStateless { get; init; }
    public long BytesOut { get; init; }
    public long BytesUp { get; init; }
    public long BytesBack { get; init; }
    public long InputTokens { get; init; }
    public long CachedTokens { get; init; }
    public long OutputTokens { get; init; }
}

/// <summary>One request that ended.</summary>
internal sealed record RequestStatus
{
    public required DateTimeOffset At { get; init; }
    public required string Tenant { get; init; }
    public required string Outcome { get; init; }
    public string? Response { get; init; }
    public string? Model { get; init; }
    public string? Destination { get; init; }
    public string? Affinity { get; init; }
    public string? Error { get; init; }
    public string? Miss { get; init; }
    public bool Background { get; init; }

    /// <summary>How often somebody came back to its events until it ended.</summary>
    public int Resumed { get; init; }

    /// <summary>trigger, endpoint or automatic, and by which method.</summary>
    public string? CompactionForm { get; init; }
    public string? Compaction { get; init; }
    public IReadOnlyList<string> Faults { get; init; } = [];
    public int InputTokens { get; init; }
    public int CachedTokens { get; init; }
    public int OutputTokens { get; init; }
    public double QueuedMs { get; init; }
    public double? FirstTokenMs { get; init; }
    public double? StoreMs { get; init; }
    public double TotalMs { get; init; }
}

/// <summary>A pool, the turns that wait for a place in it, and how many may (0: none waits).</summary>
internal sealed record PoolStatus(string Name, int Waiting, int WaitingMax, IReadOnlyList<DestinationStatus> Destinations);

/// <summary>One destination: what it carries, its limits (0: none), what came of its attempts.</summary>
internal sealed record DestinationStatus
{
    public required string Name { get; init; }
    public required string Kind { get; init; }
    public int InFlight { get; init; }
    public int InFlightMax { get; init; }
    public long RequestsInMinute { get; init; }
    public long RequestsPerMinute { get; init; }
    public long TokensInMinute { get; init; }
    public long TokensPerMinute { get; init; }

    /// <summary>Why no turn may begin there now: cooldown, circuit_open, unhealthy, or a limit.</summary>
    public string? Refusal { get; init; }
    public double? RetryAfterSeconds { get; init; }
    public long Attempts { get; init; }
    public long Faults { get; init; }
    public string? LastFault { get; init; }
    public DateTimeOffset? LastFaultAt { get; init; }

    /// <summary>From an attempt's begin to its first output, the median of the newest.</summary>
    public double? FirstOutputMs { get; init; }
    public long InputTokens { get; init; }
    public long CachedTokens { get; init; }
    public long OutputTokens { get; init; }
    public long BytesUp { get; init; }
    public long BytesBack { get; init; }
}

/// <summary>The embedded engine.</summary>
internal sealed record EngineStatus(string Model, int Streams, EngineCounters Counters);

/// <summary>Where stored responses are kept.</summary>
internal sealed record StoreStatus
{
    /// <summary>memory, sqlite, postgres.</summary>
    public required string Kind { get; init; }

    /// <summary>Why it is away; null while it is there.</summary>
    public string? Reason { get; init; }
    public DateTimeOffset? AwaySince { get; init; }

    /// <summary>Writes that wait, and how many may.</summary>
    public int Waiting { get; init; }
    public int WaitingMax { get; init; }

    /// <summary>Stored responses that are found in memory, their bytes and how many these may be.</summary>
    public long CachedResponses { get; init; }
    public long CachedBytes { get; init; }
    public long CachedBytesMax { get; init; }
}

/// <summary>Background turns, and turns whose events can be read again.</summary>
internal sealed record RunningStatus(
    int BackgroundQueued, int BackgroundQueuedMax, int BackgroundRunning, int ReplayRunning, int ReplayOver, long ReplayBytes,
    long ReplayBytesMax, long Resumed);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatusReport))]
internal sealed partial class StatusJson : JsonSerializerContext;
