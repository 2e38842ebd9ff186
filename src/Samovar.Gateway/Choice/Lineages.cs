using Samovar.Backends;
using Samovar.Gateway.Wire;

namespace Samovar.Gateway.Choice;

/// <summary>Names a turn's conversation, and the one that set it to work, for engines: digests of what its client calls them.</summary>
internal static class Lineages
{
    /// <param name="conversation">The chain's own name, for clients that name none.</param>
    public static Lineage Of(BackendTurn turn, string conversation)
    {
        var hints = turn.Request.Hints;
        if (hints is { Session: null, Thread: null }) return new Lineage(conversation, null);
        return new Lineage(NameOf(turn, hints.Session, hints.Thread),
            hints.Parent is { } parent ? NameOf(turn, parent.Session, parent.Thread) : null);
    }

    private static string NameOf(BackendTurn turn, string? session, string? thread) =>
        ConversationStart.Of(turn.Tenant.Value, thread is null ? $"{session}/" : $"{session}/{thread}");
}
