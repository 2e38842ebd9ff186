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

    /// <summary>The conversation of the same session that set this one to work, where that was said.</summary>
    public string? ParentThread { get; init; }

    /// <summary>The session that set this one to work, where that was said.</summary>
    public string? ParentSession { get; init; }

    /// <summary>
    /// Whose work this one does: a session, and a conversation of it where it is known; null where it is nobody's, or nobody knows whose.
    /// </summary>
    public (string Session, string? Thread)? Parent => ParentSession is { } other ? (other, null)
        : !IsSubAgent || Session is null ? null : (Session, ParentThread);

    /// <summary>Whether another agent set the one that speaks to work.</summary>
    public bool IsSubAgent { get; init; }

    /// <summary>Whether nothing follows in its conversation; on a socket, behind any of its turns that does not say otherwise.</summary>
    public bool IsFinal { get; init; }

    /// <summary>What a client of the Messages API asks for by name beside its request (<c>anthropic-beta</c>): fields of it that go to
    /// upstreams as they came may be refused there without that.</summary>
    public string? Betas { get; init; }

    /// <summary>Longer lists of betas are nobody's.</summary>
    private const int BetasLengthMax = 2048;

    /// <summary>Longer values are not ids and are left out.</summary>
    public const int LengthMax = 256;

    /// <param name="header">Gives a header's value by its name, in any case; null if absent.</param>
    /// <exception cref="ApiException"><c>invalid_value</c> with the header's name as its param.</exception>
    public static SessionHints Read(Func<string, string?> header)
    {
        var hints = new SessionHints(First(IdentityRole.Session, header), First(IdentityRole.Thread, header))
        {
            Trace = TraceContext.Read(header),
            Betas = header("anthropic-beta") is { Length: > 0 and <= BetasLengthMax } betas ? betas : null,
            ParentThread = First(IdentityRole.ParentThread, header),
            ParentSession = First(IdentityRole.ParentSession, header),
            IsFinal = IdentityHeaders.Of(IdentityRole.Final).Any(name => ReadFinal(name, header(name))),
        };
        hints = hints with
        {
            IsSubAgent = hints is not { ParentThread: null, ParentSession: null } || First(IdentityRole.SubAgent, header) is not null
                || IsAgentOfClaude(header),
        };
        return hints == None ? None : hints;
    }

    /// <summary>Claude Code names the thread of sub-agents alone; the main agent's has no name.</summary>
    private static bool IsAgentOfClaude(Func<string, string?> header) =>
        header("x-claude-code-agent-id") is { Length: > 0 and <= LengthMax };

    private static bool ReadFinal(string name, string? said) => said switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new ApiException(Errors.Errors.InvalidValue, [said, "'true' or 'false'"], param: name),
    };

    private static string? First(IdentityRole role, Func<string, string?> header)
    {
        foreach (var name in IdentityHeaders.Of(role))
            if (header(name) is { Length: > 0 and <= LengthMax } value) return value;
        return null;
    }
}
