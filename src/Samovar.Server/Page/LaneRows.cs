using Samovar.Accounting;
using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Sessions;

namespace Samovar.Server.Page;

/// <summary>Puts the rows of one state together, those used last first, until there is no room for more.</summary>
internal sealed class LaneRows(PageOptions options, PageNames names)
{
    private readonly Dictionary<string, PageSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LaneRow> _lanes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PageTurn> _turns = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, PageSession> Sessions => _sessions;
    public IReadOnlyDictionary<string, PageTurn> Turns => _turns;

    /// <summary>In the order in which they were used, newest first.</summary>
    public IEnumerable<LaneRow> Lanes => _lanes.Values;

    /// <summary>A connection that is open, and its lanes.</summary>
    public void Add(Session session)
    {
        var id = names.OfSocket(session.Origin);
        if (!_sessions.ContainsKey(id))
        {
            if (_sessions.Count >= options.SessionsMax) return;
            _sessions[id] = SessionOf(id, session.Tenant, session.Origin, session.Origin.Client, isOpen: true, names.At(session.OpenedAt));
        }
        foreach (var view in session.Views())
        {
            var name = view.Id.IsDefault ? null : view.Id.Name;
            var place = new TurnPlace(id, TurnRows.LaneOf(id, view.Id), name, session.Tenant, session.Origin, session.Origin.Client);
            if (Lane(place) is not { } lane) return;
            (lane.Tally, lane.Newest) = (view.Tally, view.Newest);
        }
    }

    /// <param name="isOpen">Whether its connection is open, or it goes on.</param>
    public void Add(TurnRow row, bool isOpen)
    {
        if (_turns.Count >= options.TurnsMax || _turns.ContainsKey(row.Turn.Id)) return;
        var place = row.Place;
        if (!_sessions.TryGetValue(place.Session, out var session))
        {
            if (_sessions.Count >= options.SessionsMax) return;
            var openedAt = place.Origin is { } origin ? names.At(origin.OpenedAt) : row.Turn.At;
            _sessions[place.Session] = SessionOf(place.Session, place.Tenant, place.Origin, place.Client, isOpen, openedAt);
        }
        else if (place.Origin is null && row.Turn.At < session.OpenedAt) _sessions[place.Session] = session with { OpenedAt = row.Turn.At };
        if (Lane(place) is not { } lane || lane.Turns.Count >= options.TurnsPerLaneMax) return;
        lane.Turns.Add(row.Turn);
        _turns[row.Turn.Id] = row.Turn;
    }

    private LaneRow? Lane(TurnPlace place)
    {
        if (_lanes.TryGetValue(place.Lane, out var lane)) return lane;
        return _lanes.Count >= options.LanesMax ? null : _lanes[place.Lane] = new LaneRow(place);
    }

    private static PageSession SessionOf(
        string id, TenantId tenant, TurnOrigin? origin, string? client, bool isOpen, double openedAt) =>
        new(id, tenant.Value, origin is null ? "http" : "websocket", client, openedAt, isOpen);
}

/// <summary>A lane that is being put together.</summary>
internal sealed class LaneRow(TurnPlace place)
{
    public TurnPlace Place => place;

    /// <summary>Newest first.</summary>
    public List<PageTurn> Turns { get; } = [];

    /// <summary>Of a connection's lane; null: it is what its turns are.</summary>
    public LaneTally? Tally { get; set; }
    public ChainNode? Newest { get; set; }

    public PageLane Show(KvPlace kv)
    {
        var usage = Newest?.Response.Usage;
        var last = Turns.Find(static turn => turn.Outcome is not null and not "refused");
        return new PageLane
        {
            Id = place.Lane,
            Session = place.Session,
            Name = place.Name,
            Model = Newest?.Response.Model ?? last?.Model,
            Turns = new ListOf<string>([.. Turns.Select(static turn => turn.Id).Reverse()]),
            Kv = kv.Kv,
            KvAt = kv.At,
            ContextTokens = usage is not null ? usage.InputTokens + usage.OutputTokens
                : last is not null ? last.InputTokens + last.OutputTokens : 0,
            BytesUp = Tally?.BytesUp ?? Turns.Sum(static turn => turn.BytesUp),
            BytesStateless = Tally?.BytesStateless ?? Turns.Sum(static turn => turn.BytesStateless),
        };
    }
}
