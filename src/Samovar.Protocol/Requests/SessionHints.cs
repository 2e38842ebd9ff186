namespace Samovar.Protocol.Requests;

/// <summary>What the headers of a request say of the conversation it belongs to. A hint for routing, never a key to anybody's
/// data.</summary>
/// <param name="Session">One run of an agent, its sub-agents included.</param>
/// <param name="Thread">One conversation of that run: parallel sub-agents differ in it.</param>
public sealed record SessionHints(string? Session, string? Thread)
{
    public static readonly SessionHints None = new(null, null);

    /// <summary>The trace that the request belongs to, where its client has one.</summary>
    public TraceContext? Trace { get; init; }

    /// <summary>Longer values are not ids and are left out.</summary>
    public const int LengthMax = 256;

    private static readonly string[] SessionHeaders =
        ["x-samovar-session", "session-id", "session_id", "x-session-affinity", "x-claude-code-session-id"];
    private static readonly string[] ThreadHeaders = ["x-samovar-thread", "thread-id"];

    /// <param name="header">Gives a header's value by its name, in any case; null if absent.</param>
    public static SessionHints Read(Func<string, string?> header)
    {
        var (session, thread, trace) = (First(SessionHeaders, header), First(ThreadHeaders, header), TraceContext.Read(header));
        return session is null && thread is null && trace is null ? None : new SessionHints(session, thread) { Trace = trace };
    }

    private static string? First(string[] names, Func<string, string?> header)
    {
        foreach (var name in names)
            if (header(name) is { Length: > 0 and <= LengthMax } value) return value;
        return null;
    }
}
