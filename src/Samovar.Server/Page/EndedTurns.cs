using System.Runtime.CompilerServices;
using Samovar.Accounting;
using Samovar.Protocol.Ids;
using Samovar.Server.Monitoring.Status;

namespace Samovar.Server.Page;

/// <summary>The newest turns of one page that ended. Records come in on any thread while it is watched; one thread reads.</summary>
/// <param name="tenant">Whose; null for everybody's.</param>
internal sealed class EndedTurns(TenantId? tenant, RequestTally tally, TurnRows rows, PageOptions options)
{
    private readonly Lock _gate = new();
    private readonly Queue<(DateTimeOffset At, RequestRecord Record)> _new = new();
    private readonly ConditionalWeakTable<RequestRecord, object> _seen = []; // what is watched again comes again
    private readonly LinkedList<TurnRow> _rows = new(); // newest first
    private readonly Dictionary<string, TurnRow> _byId = new(StringComparer.Ordinal);

    /// <summary>Newest first.</summary>
    public IEnumerable<TurnRow> Rows => _rows;

    public TurnPlace? PlaceOf(string id) => _byId.GetValueOrDefault(id)?.Place;
    public bool Has(string id) => _byId.ContainsKey(id);

    public void Watch() => tally.Watch(Note);

    public void Unwatch() => tally.Unwatch(Note);

    /// <summary>Takes in what has ended since.</summary>
    public void Update()
    {
        (DateTimeOffset, RequestRecord)[] ended;
        lock (_gate)
        {
            ended = [.. _new];
            _new.Clear();
        }
        foreach (var (at, record) in ended)
        {
            if (!_seen.TryAdd(record, this)) continue;
            var row = rows.Of(at, record);
            if (!_byId.TryAdd(row.Turn.Id, row)) continue;
            _rows.AddFirst(row);
        }
        while (_rows.Count > options.TurnsMax)
        {
            _byId.Remove(_rows.Last!.Value.Turn.Id);
            _rows.RemoveLast();
        }
    }

    private void Note(DateTimeOffset at, RequestRecord record)
    {
        if (tenant is not null && record.Tenant != tenant) return;
        lock (_gate)
        {
            if (_new.Count >= options.TurnsMax) _new.Dequeue();
            _new.Enqueue((at, record));
        }
    }
}
