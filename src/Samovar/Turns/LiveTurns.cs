using System.Collections.Concurrent;
using Samovar.Protocol.Ids;
using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>The turns that go on, for those who watch. Safe for all threads.</summary>
internal sealed class LiveTurns
{
    private readonly ConcurrentDictionary<ResponseId, TurnState> _turns = new();
    private readonly ConcurrentDictionary<ResponseId, TurnTrace> _announced = new();

    public void Add(TurnState turn) => _turns[turn.Id] = turn;

    public void Remove(TurnState turn) => _turns.TryRemove(new(turn.Id, turn));

    /// <summary>A turn waits to begin, and its client knows of it.</summary>
    public void Await(TurnTrace announced) => _announced[announced.Response] = announced;

    /// <summary>It is over, whether it began or not.</summary>
    public void Leave(TurnTrace announced) => _announced.TryRemove(new(announced.Response, announced));

    /// <summary>
    /// Where the time of a turn goes that goes on or waits to begin. Null for any other, for somebody else's, and where that is not noted.
    /// </summary>
    /// <param name="tenant">Who asks; null for an operator.</param>
    public TurnTrace? FindTrace(TenantId? tenant, ResponseId response)
    {
        var trace = _turns.TryGetValue(response, out var turn) ? turn.Times.Trace : _announced.GetValueOrDefault(response);
        return trace is not null && (tenant is null || trace.Tenant == tenant) ? trace : null;
    }

    /// <summary>This node was declared dead: what would be stored ends, it could not be; its clients ask again, elsewhere.</summary>
    public void LeaveToOthers()
    {
        foreach (var turn in Of(tenant: null))
            if (turn.Request.Request.Store) turn.Life.LeaveToOthers();
    }

    /// <param name="tenant">Whose; null for everybody's.</param>
    public IEnumerable<TurnState> Of(TenantId? tenant) =>
        _turns.Select(static pair => pair.Value).Where(turn => tenant is null || turn.Request.Tenant == tenant);
}
