using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;

namespace Samovar.Sessions;

/// <summary>The live sessions of this node.</summary>
internal sealed class SessionTable(SessionParts parts)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Session> _sessions = new(ReferenceEqualityComparer.Instance);

    /// <summary>Sessions that are open.</summary>
    public int Count { get { lock (_gate) return _sessions.Count; } }

    /// <summary>
    /// Opens a session for one connection; dispose it when the connection is gone. Throws <c>server_is_overloaded</c> when there are too
    /// many.
    /// </summary>
    /// <param name="tenant">Whose connection it is.</param>
    /// <param name="events">How the connection wants its events written.</param>
    /// <param name="isWelcome">Whether turns may still begin, asked when each one's work starts; null: always.</param>
    public Session Open(TenantId tenant, ResponseEventOptions? events = null, Func<bool>? isWelcome = null)
    {
        var session = new Session(tenant, events ?? ResponseEventOptions.Default, parts, Close) { IsWelcome = isWelcome };
        lock (_gate)
        {
            if (_sessions.Count >= parts.Options.CountMax)
                throw new ApiException(Errors.ServerOverloaded, parts.Options.RetryAfter.TotalSeconds,
                    retryAfter: parts.Options.RetryAfter);
            _sessions.Add(session);
        }
        parts.Metrics.Open.Add(1);
        return session;
    }

    private void Close(Session session)
    {
        lock (_gate) if (!_sessions.Remove(session)) return;
        parts.Metrics.Open.Add(-1);
    }
}
