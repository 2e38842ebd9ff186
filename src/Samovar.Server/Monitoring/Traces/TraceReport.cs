using System.Text.Json.Serialization;

namespace Samovar.Server.Monitoring.Traces;

/// <summary>One turn's life, as <c>GET /v1/samovar/trace/{response}</c> says it; nothing of what was said is in it.</summary>
internal sealed record TraceReport
{
    public string Object { get; init; } = "samovar.trace";
    public required string ResponseId { get; init; }

    /// <summary>For operators only.</summary>
    public string? Tenant { get; init; }
    public string? Lane { get; init; }

    /// <summary>The response that it goes on from.</summary>
    public string? ParentResponseId { get; init; }

    /// <summary>Turns of which is known that they go on from it, the oldest first; null where there is none.</summary>
    public IReadOnlyList<string>? ContinuedBy { get; init; }

    /// <summary>True for a background turn, else null.</summary>
    public bool? Background { get; init; }

    /// <summary>How often a reader came back to it before it ended; null: never, or it has not ended.</summary>
    public int? Resumed { get; init; }

    /// <summary>running or ended.</summary>
    public required string Status { get; init; }

    /// <summary>How it ended, as the request log says it; null while it runs.</summary>
    public string? Outcome { get; init; }

    /// <summary>The error's code.</summary>
    public string? Error { get; init; }

    /// <summary>What goes on now; null where the turn has ended.</summary>
    public string? Stage { get; init; }
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>From the request's first byte to the last of the answer, or until now.</summary>
    public required double TotalUs { get; init; }
    public double? FirstOutputUs { get; init; }
    public int? InputTokens { get; init; }
    public int? CachedTokens { get; init; }
    public int? OutputTokens { get; init; }

    /// <summary>How many stretches share a place with others of their stage; null where each has its own.</summary>
    public int? Merged { get; init; }

    /// <summary>In the order in which they began.</summary>
    public required IReadOnlyList<TraceSpanReport> Spans { get; init; }
}

/// <summary>A stretch of it.</summary>
internal sealed record TraceSpanReport
{
    public required string Stage { get; init; }

    /// <summary>Who worked on it: server, engine, upstream or socket. Those of one do not overlap.</summary>
    public required string Track { get; init; }
    public required double StartUs { get; init; }
    public required double DurationUs { get; init; }

    /// <summary>Its duration without what lies between the stretches that it stands for.</summary>
    public required double BusyUs { get; init; }
    public required long Amount { get; init; }

    /// <summary>Of the amount; null where there is none.</summary>
    public string? Unit { get; init; }

    /// <summary>How many stretches it stands for.</summary>
    public required int Count { get; init; }

    /// <summary>The longest time between two of these; null where it stands for one, or that is not known.</summary>
    public double? LongestPauseUs { get; init; }

    /// <summary>When that time began.</summary>
    public double? LongestPauseStartUs { get; init; }

    /// <summary>A destination and its fault, or where something was found.</summary>
    public string? Detail { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TraceReport))]
internal sealed partial class TraceJson : JsonSerializerContext;
