namespace Samovar.Bench.Reports.Claims;

/// <summary>What somebody said about stateful continuation, and what of a run answers it.</summary>
internal sealed record Claim
{
    /// <summary>Stable: what reads the report finds the claim by it.</summary>
    public required string Id { get; init; }

    /// <summary>The claim that was made, where it is measured under several conditions; null: by itself.</summary>
    public string? Of { get; init; }

    /// <summary>The provider's replicas: what nobody said when he made the claim, and what his figures depend on.</summary>
    public string? Provider { get; init; }
    public required string Source { get; init; }
    public required string Said { get; init; }

    /// <summary>Under which it was said; and what is different here, where something is.</summary>
    public required string Conditions { get; init; }
    public string? Differences { get; init; }

    /// <summary>What is measured: of the transport alone, or as a change against another.</summary>
    public required ClaimQuantity Quantity { get; init; }
    public required string Transport { get; init; }
    public string? Against { get; init; }
    public required IReadOnlyList<string> Workloads { get; init; }
    public required string Backend { get; init; }
    public required string Link { get; init; }

    /// <summary>Within which the median must lie; per cent of change, or the quantity's own unit.</summary>
    public double? Least { get; init; }
    public double? Most { get; init; }
    public required string Unit { get; init; }
}

internal enum ClaimQuantity
{
    BytesUp,
    BytesDown,
    TaskTime,
    FirstToken,
    FirstTurn,

    /// <summary>Bytes of turn 9 with whole histories, for each byte of the other transport.</summary>
    TimesAtTurnNine,

    /// <summary>What a million sessions send less, in Gbit/s, where each does a task in 40 s.</summary>
    IngressSaved,
}

/// <summary>What a run says to a claim; never left out.</summary>
/// <param name="Measured">Null where nothing was.</param>
/// <param name="Reason">In plain words.</param>
internal sealed record ClaimResult(Claim Claim, ClaimState State, Spread? Measured, string Reason)
{
    public string Verdict => State switch { ClaimState.Held => "held", ClaimState.NotHeld => "not held", _ => "not measured" };
}

internal enum ClaimState
{
    Held,
    NotHeld,
    NotMeasured,
}
