namespace Samovar.Gateway.Faults;

/// <summary>What went wrong at an upstream, as far as it decides what to do next.</summary>
internal enum FaultKind
{
    /// <summary>No connection came about.</summary>
    Connect,

    /// <summary>The upstream does not know the response that is continued.</summary>
    ParentLost,

    /// <summary>The socket reached the upstream's age limit.</summary>
    ConnectionLimit,

    /// <summary>The connection ended before the turn did.</summary>
    Lost,

    /// <summary>Silence for longer than the options allow.</summary>
    Silence,

    /// <summary>5xx, an error that says it may be tried again, or one of the model, which may not make it again.</summary>
    Server,

    /// <summary>429.</summary>
    RateLimited,

    /// <summary>The destination's key was refused, or its account.</summary>
    Unauthorized,

    /// <summary>The destination has no such model, or not for its account; another may have it.</summary>
    NoModel,

    /// <summary>The request itself was refused; it would be anywhere.</summary>
    Refused,

    /// <summary>What came back could not be read.</summary>
    Malformed,

    /// <summary>One event or item was larger than any may be: it would be again at the same destination.</summary>
    TooLarge,

    /// <summary>There was no room here for what came back; the upstream is not to blame.</summary>
    NoRoom,
}

/// <summary>Kinds of faults as records and metrics name them.</summary>
internal static class FaultKinds
{
    public static string Name(FaultKind kind) => kind switch
    {
        FaultKind.Connect => "connect_failed",
        FaultKind.ParentLost => "previous_response_not_found",
        FaultKind.ConnectionLimit => "connection_limit",
        FaultKind.Lost => "connection_lost",
        FaultKind.Silence => "silence",
        FaultKind.Server => "server_error",
        FaultKind.RateLimited => "rate_limited",
        FaultKind.Unauthorized => "unauthorized",
        FaultKind.NoModel => "model_not_found",
        FaultKind.Refused => "refused",
        FaultKind.TooLarge => "event_too_large",
        FaultKind.NoRoom => "no_room",
        _ => "malformed",
    };
}

/// <summary>One failure of one attempt.</summary>
/// <param name="Code">The upstream's own code, where it gave one.</param>
/// <param name="Status">HTTP status, or what an error frame says; 0 if unknown.</param>
/// <param name="Message">For the client when the request was refused; never holds a key.</param>
internal sealed record UpstreamFault(FaultKind Kind, string Message, string? Code = null, int Status = 0)
{
    public string? Type { get; init; }

    /// <summary>Whether the words are the upstream's own: they may say what no client should read.</summary>
    public bool IsQuoted { get; init; }
    public string? Param { get; init; }

    /// <summary>Whether a page stands where an error of the API should: it is of what stands before the upstream.</summary>
    public bool IsPage { get; init; }

    /// <summary>Whether there was no link for as long as one may be waited for: no other try there will find one.</summary>
    public bool IsBridged { get; init; }
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the request may have caused it, where others would not: no gateway's or overload's words.</summary>
    public bool MayBeOfItsRequest => Kind == FaultKind.Malformed
        || (Kind == FaultKind.Server && (Status is 0 or 500 || (IsPage && Status is >= 400 and < 500)));

    /// <summary>Whether the request was refused for a limit that another destination may not have.</summary>
    public bool FitsElsewhere { get; init; }

    /// <summary>Whether the upstream's own history has other calls than ours: it may not keep one that was cut off.</summary>
    public bool IsAboutCalls => Kind == FaultKind.Refused && (Message.Contains("No tool call found", StringComparison.OrdinalIgnoreCase)
        || Message.Contains("No tool output found", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Whether the model wrote what its server could not read: it may do better in another try, and the destination is well.
    /// </summary>
    public bool IsBrokenOutput => IsOfModel(Code);

    /// <summary>Whether it is Groq's code for what the model has broken: a call, an object, the answer.</summary>
    public static bool IsOfModel(string? code) => code is "tool_use_failed" or "json_validate_failed" or "output_parse_failed";

    /// <summary>Whether the account has nothing left, which no short pause will change.</summary>
    public bool IsQuotaSpent => Kind == FaultKind.RateLimited && Code is "insufficient_quota" or "usage_limit_reached";
}

/// <summary>Carries a fault out of a driver.</summary>
internal sealed class UpstreamException(UpstreamFault fault, Exception? cause = null) : Exception(fault.Message, cause)
{
    public UpstreamFault Fault { get; } = fault;
}
