namespace Samovar.Protocol.Requests;

/// <summary>What a header says of the one that speaks.</summary>
public enum IdentityRole
{
    /// <summary>One run of an agent, its sub-agents included where they send the same.</summary>
    Session,

    /// <summary>One conversation of that run.</summary>
    Thread,

    /// <summary>The conversation of the same run that set this one to work.</summary>
    ParentThread,

    /// <summary>The session that set this one to work.</summary>
    ParentSession,

    /// <summary>That another agent set it to work, and nothing else.</summary>
    SubAgent,

    /// <summary>That nothing follows in its conversation.</summary>
    Final,
}

/// <summary>A header that agents send, and what it is taken for.</summary>
/// <param name="Name">In lower case.</param>
/// <param name="Sender">Who sends it.</param>
public sealed record IdentityHeader(string Name, IdentityRole Role, string Sender);

/// <summary>
/// The headers by which a request says whose it is: one table, of which the documents and the tests are made. Of several with one role the
/// first counts.
/// </summary>
public static class IdentityHeaders
{
    public static readonly IReadOnlyList<IdentityHeader> All =
    [
        new("x-samovar-session", IdentityRole.Session, "anybody"),
        new("x-dynamo-session-id", IdentityRole.Session, "agents for Dynamo"),
        new("session-id", IdentityRole.Session, "Codex, pi"),
        new("session_id", IdentityRole.Session, "Codex, older"),
        new("x-session-affinity", IdentityRole.Session, "opencode"),
        new("x-session-id", IdentityRole.Session, "opencode, pi (openrouter)"),
        new("x-claude-code-session-id", IdentityRole.Session, "Claude Code"),
        new("x-samovar-thread", IdentityRole.Thread, "anybody"),
        new("thread-id", IdentityRole.Thread, "Codex"),
        new("x-claude-code-agent-id", IdentityRole.Thread, "Claude Code's sub-agents"),
        new("x-samovar-parent-thread", IdentityRole.ParentThread, "anybody"),
        new("x-codex-parent-thread-id", IdentityRole.ParentThread, "Codex's sub-agents"),
        new("x-claude-code-parent-agent-id", IdentityRole.ParentThread, "sub-agents of Claude Code's sub-agents"),
        new("x-dynamo-parent-session-id", IdentityRole.ParentSession, "agents for Dynamo"),
        new("x-parent-session-id", IdentityRole.ParentSession, "opencode's sub-agents"),
        new("x-openai-subagent", IdentityRole.SubAgent, "Codex's sub-agents and reviews"),
        new("x-samovar-final", IdentityRole.Final, "anybody"),
        new("x-dynamo-session-final", IdentityRole.Final, "agents for Dynamo"),
    ];

    private static readonly string[][] ByRole = [.. Enum.GetValues<IdentityRole>()
        .Select(static role => All.Where(header => header.Role == role).Select(static header => header.Name).ToArray())];

    /// <summary>The names of a role's headers, in the order in which they count.</summary>
    public static IReadOnlyList<string> Of(IdentityRole role) => ByRole[(int)role];
}
