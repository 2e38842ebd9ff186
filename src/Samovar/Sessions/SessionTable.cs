using Samovar.Accounting;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Scheduling.Fairness;

namespace Samovar.Sessions;

/// <summary>The live sessions of this node.</summary>
internal sealed class SessionTable
{
    private readonly Lock _gate = new();
    private readonly HashSet<Session> _sessions = new(ReferenceEqualityComparer.Instance);
    private readonly SessionParts _parts;
    private readonly Action<Session> _close;
    private readonly SharedPlaces _places;

    /// <summary>The bytes of a frame that has begun: its turn is on its way.</summary>
    public void Expect(TenantId tenant, ReadOnlyMemory<byte> begun) => _parts.Pipeline.Coming.Expect(_parts.Store, tenant, begun.Span);

    public SessionTable(SessionParts parts)
    {
        (_parts, _close, _places) = (parts, Close, new SharedPlaces(parts.Options.CountMax));
        parts.Metrics.Watch(() => Figures());
    }

    /// <summary>Sessions that are open.</summary>
    public int Count { get { lock (_gate) return _sessions.Count; } }

    /// <summary>What the sessions do at the moment.</summary>
    /// <param name="tenant">Whose; null for everybody's.</param>
    public SessionFigures Figures(TenantId? tenant = null)
    {
        Session[] sessions;
        lock (_gate) sessions = [.. _sessions.Where(session => tenant is null || session.Tenant == tenant)];
        return new SessionFigures(sessions.Length, sessions.Sum(session => session.Lanes), sessions.Sum(session => session.InFlight),
            sessions.Sum(session => session.Queued));
    }

    /// <summary>A response that is the newest of a lane of one of the tenant's connections; null where it is not.</summary>
    public ChainNode? Find(TenantId tenant, ResponseId id)
    {
        Session[] sessions;
        lock (_gate) sessions = [.. _sessions.Where(session => session.Tenant == tenant)];
        return sessions.SelectMany(static session => session.Views()).FirstOrDefault(view => view.Newest?.Id == id)?.Newest;
    }

    /// <summary>The sessions that were used last, in no order.</summary>
    /// <param name="tenant">Whose; null for everybody's.</param>
    public IReadOnlyList<Session> Newest(TenantId? tenant, int countMax)
    {
        Session[] sessions;
        lock (_gate) sessions = [.. _sessions.Where(session => tenant is null || session.Tenant == tenant)];
        if (sessions.Length <= countMax) return sessions;
        var newest = new PriorityQueue<Session, long>(countMax + 1);
        foreach (var session in sessions)
            if (newest.Count < countMax) newest.Enqueue(session, session.UsedAt);
            else newest.EnqueueDequeue(session, session.UsedAt);
        return [.. newest.UnorderedItems.Select(item => item.Element)];
    }

    /// <summary>
    /// Opens a session for one connection; dispose it when the connection is gone. Throws <c>server_is_overloaded</c> when there are too
    /// many.
    /// </summary>
    /// <param name="tenant">Whose connection it is.</param>
    /// <param name="flow">Whose share of places its turns take; null: the tenant's.</param>
    /// <param name="events">How the connection wants its events written.</param>
    /// <param name="isWelcome">Whether turns may still begin, asked when each one's work starts; null: always.</param>
    /// <param name="canResume">Whether its client said that it can resume.</param>
    /// <param name="grace">How long it asks for its turns to go on when the connection is lost; null: it does not say.</param>
    /// <param name="client">What the client calls itself; null: it does not.</param>
    public Session Open(TenantId tenant, ResponseEventOptions? events = null, Func<bool>? isWelcome = null, FlowId? flow = null,
        bool canResume = false, string? client = null, TimeSpan? grace = null)
    {
        var session = new Session(tenant, events ?? ResponseEventOptions.Default, _parts, _close)
        {
            IsWelcome = isWelcome,
            Origin = new TurnOrigin(client, _parts.Time.GetTimestamp()),
            Flow = flow ?? new FlowId(tenant.Value),
            CanResume = canResume,
            Grace = grace,
        };
        if (!_places.TryTake(session.Flow))
            throw new ApiException(Errors.ServerOverloaded, _parts.Options.RetryAfter, retryAfter: _parts.Options.RetryAfter);
        lock (_gate) _sessions.Add(session);
        return session;
    }

    private void Close(Session session)
    {
        lock (_gate) if (!_sessions.Remove(session)) return;
        _places.GiveBack(session.Flow);
    }
}
