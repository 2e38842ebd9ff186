using ModelContextProtocol.Client;

namespace Samovar.Server.Tools;

/// <summary>Which protocol is spoken with a server.</summary>
internal static class ProtocolVersions
{
    private const string SessionsUntil = "2026"; // versions are dates: those from then on have no sessions

    /// <summary>Whether it has no sessions: then what ends a request ends what runs for it.</summary>
    public static bool AreWithoutSessions(McpClient client) => string.CompareOrdinal(client.NegotiatedProtocolVersion, SessionsUntil) >= 0;
}
