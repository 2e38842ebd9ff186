using Samovar.Protocol.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>What the headers of a request say of the conversation it belongs to. A hint for routing and for what is kept warm, never a key
/// to anybody's data.</summary>
/// <param name="Session">One run of an agent, its sub-agents included.</param>
/// <param name="Thread">One conversation of that run: parallel sub-agents differ in it.</param>
public sealed record SessionHints(string? Session, string? Thread)
{
    public static readonly SessionHints None = new(null, null);

    /// <summary>The trace that the request belongs to, where its client has one.</summary>
    public TraceContext? Trace { get; init; }

    /// <summary>Whether another agent set the one that speaks to work.</summary>
    public bool IsSubAgent { get; init; }

    /// <summary>Whether nothing follows in its conversation; on a socket, behind any of its turns that does not say otherwise.</summary>
    public bool IsFinal { get; init; }

    /// <summary>Longer values are not ids and are left out.</summary>
    public const int LengthMax = 256;

    private const string FinalHeader = "x-samovar-final";
    private static readonly string[] SessionHeaders =
        ["x-samovar-session", "session-id", "session_id", "x-session-affinity", "x-claude-code-session-id"];
    private static readonly string[] ThreadHeaders = ["x-samovar-thread", "thread-id"];

    // Agents send these for sub-agents only; the main agent's requests have none of them.
    private static readonly string[] SubAgentHeaders =
    [
        "x-samovar-parent-thread", "x-openai-subagent", "x-codex-parent-thread-id", "x-claude-code-agent-id",
        "x-claude-code-parent-agent-id", "x-parent-session-id",
    ];

    /// <param name="header">Gives a header's value by its name, in any case; null if absent.</param>
    /// <exception cref="ApiException"><c>invalid_value</c> with the header's name as its param.</exception>
    public static SessionHints Read(Func<string, string?> header)
    {
        var hints = new SessionHints(First(SessionHeaders, header), First(ThreadHeaders, header))
        {
            Trace = TraceContext.Read(header),
            IsSubAgent = First(SubAgentHeaders, header) is not null,
            IsFinal = ReadFinal(header(FinalHeader)),
        };
        return hints == None ? None : hints;
    }

    private static bool ReadFinal(string? said) => said switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new ApiException(Errors.Errors.InvalidValue, [said, "'true' or 'false'"], param: FinalHeader),
    };

    private static string? First(string[] names, Func<string, string?> header)
    {
        foreach (var name in names)
            if (header(name) is { Length: > 0 and <= LengthMax } value) return value;
        return null;
    }
}
