using System.Collections.Concurrent;
using Samovar.Protocol.Ids;

namespace Samovar.Turns;

/// <summary>The turns that go on, for those who watch. Safe for all threads.</summary>
internal sealed class LiveTurns
{
    private readonly ConcurrentDictionary<TurnState, bool> _turns = new(ReferenceEqualityComparer.Instance);

    public void Add(TurnState turn) => _turns[turn] = true;

    public void Remove(TurnState turn) => _turns.TryRemove(turn, out _);

    /// <param name="tenant">Whose; null for everybody's.</param>
    public IEnumerable<TurnState> Of(TenantId? tenant) =>
        _turns.Select(static pair => pair.Key).Where(turn => tenant is null || turn.Request.Tenant == tenant);
}
