using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Sessions;

namespace Samovar.Server.Page;

/// <summary>Reads the state of one page: what one tenant may see, or everything. One reader at a time.</summary>
/// <param name="tenant">Null for everybody's.</param>
internal sealed class PageBook(
    TenantId? tenant, PageSources sources, EndedTurns ended, TurnRows turns, PageNames names, KvPlaces places, PageOptions options,
    TimeProvider time)
{
    private readonly double _startedAt = PageNames.Milliseconds(sources.Status.StartedAt);
    private Dictionary<string, PageLane> _lanes = new(StringComparer.Ordinal);

    public EndedTurns Ended => ended;

    public async Task<PageState> ReadAsync(long seq, CancellationToken closing)
    {
        var running = sources.Pipeline.Live.Of(tenant).Take(options.TurnsMax).Select(turn => turns.Of(turn, ended.PlaceOf)).ToList();
        ended.Update(); // after the running ones: a turn that ends meanwhile is in one of the two
        running.RemoveAll(row => ended.Has(row.Turn.Id));
        var rows = Fill(running);
        var lanes = rows.Lanes.ToList();
        foreach (var lane in lanes) lane.Newest ??= NewestOf(lane);
        var kept = lanes.Where(lane => lane.Newest is not null).Select(lane => (lane.Place.Lane, lane.Newest!));
        await places.UpdateAsync([.. kept], closing);
        _lanes = lanes.ToDictionary(
            lane => lane.Place.Lane, lane => lane.Show(places.Of(lane.Newest, Before(lane))), StringComparer.Ordinal);
        var waiting = running.Count(row => row.Turn.Stage == "queue");
        return new PageState
        {
            Seq = seq,
            Server = sources.Server(tenant, _startedAt, PageNames.Milliseconds(time.GetUtcNow())),
            Totals = sources.Totals(tenant, running.Count - waiting, waiting, places.Held),
            Sessions = rows.Sessions,
            Lanes = _lanes,
            Turns = rows.Turns,
            Prefixes = places.Shared,
            Pools = sources.PoolsOf(tenant),
            Models = sources.ModelsOf(tenant),
        };
    }

    /// <summary>What goes on first, then sockets and turns as they were used.</summary>
    private LaneRows Fill(List<TurnRow> running)
    {
        var rows = new LaneRows(options, names);
        var open = sources.Sessions.Newest(tenant, options.SessionsMax);
        var origins = open.Select(session => session.Origin).ToHashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var row in running.OrderByDescending(row => row.ArrivedAt)) rows.Add(row, isOpen: true);
        var used = open.Select(session => (At: session.UsedAt, Session: (Session?)session, Row: (TurnRow?)null))
            .Concat(ended.Rows.Select(row => (At: row.ArrivedAt, Session: (Session?)null, Row: (TurnRow?)row)));
        foreach (var (_, session, row) in used.OrderByDescending(one => one.At))
            if (session is not null) rows.Add(session);
            else rows.Add(row!, isOpen: row!.Place.Origin is { } origin && origins.Contains(origin));
        return rows;
    }

    private ChainNode? NewestOf(LaneRow lane)
    {
        foreach (var turn in lane.Turns)
            if (turn.Outcome is "completed" or "incomplete" && sources.Store.Peek(lane.Place.Tenant, new ResponseId(turn.Id)) is { } node)
                return node;
        return null;
    }

    private KvPlace? Before(LaneRow lane) =>
        _lanes.TryGetValue(lane.Place.Lane, out var before) ? new KvPlace(before.Kv, before.KvAt) : null;
}
