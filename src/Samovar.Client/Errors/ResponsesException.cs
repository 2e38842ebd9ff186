namespace Samovar.Client.Errors;

/// <summary>What went wrong, as a program decides by it.</summary>
public enum ResponsesErrorKind
{
    /// <summary>The request is wrong: it will be wrong again.</summary>
    InvalidRequest,

    /// <summary>The key is missing, wrong, or may not do this.</summary>
    Authentication,

    /// <summary>There is no such response, conversation or model.</summary>
    NotFound,

    /// <summary>Too many requests or tokens; <see cref="ResponsesException.RetryAfter"/> says when to come back, if known.</summary>
    RateLimited,

    /// <summary>The server has no room, or is stopping or loading.</summary>
    Unavailable,

    /// <summary>The server made a mistake.</summary>
    Server,

    /// <summary>There is no way to the server.</summary>
    Unreachable,

    /// <summary>The turn was begun, its link was lost, and nobody knows what became of it.</summary>
    Lost,

    /// <summary>The response ended as failed.</summary>
    Failed,

    /// <summary>Something is larger than its bound.</summary>
    TooLarge,

    /// <summary>The server's answer cannot be read.</summary>
    Unreadable,

    /// <summary>Too many turns wait on this connection.</summary>
    Busy,
}

/// <summary>The one exception of this library, beside those for wrong use and cancellation.</summary>
public sealed class ResponsesException(ResponsesErrorKind kind, string message, Exception? cause = null) : Exception(message, cause)
{
    public ResponsesErrorKind Kind { get; } = kind;

    /// <summary>The server's word for it: <c>context_length_exceeded</c> …</summary>
    public string? Code { get; init; }

    /// <summary>The field that it is about.</summary>
    public string? Param { get; init; }
    public int? Status { get; init; }
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The response that failed or was lost, where its name is known.</summary>
    public string? ResponseId { get; init; }

    /// <summary>The server does not have what the turn continues.</summary>
    internal bool IsParentLost { get; init; }

    /// <summary>What answered gave no error of the API: a page, or nothing. It may be what stands before the server.</summary>
    internal bool IsForeign { get; init; }

    /// <summary>The server says that it does not have the turn.</summary>
    internal bool IsGone { get; init; }

    /// <summary>The server takes no name of a lane, or no second turn beside another.</summary>
    internal bool IsLaneRefused { get; init; }

    /// <summary>It ended a response that had begun.</summary>
    internal bool IsFinal { get; init; }

    /// <summary>The same where it cannot be healed.</summary>
    internal ResponsesException Forgotten(int bytesMax) => new(ResponsesErrorKind.Lost,
        $"{Message.TrimEnd('.')}, and the client has not kept all of it: "
            + $"it is known by its name alone, or is larger than {bytesMax} bytes.",
        this) { Code = Code, Param = Param, Status = Status, ResponseId = ResponseId };
}
