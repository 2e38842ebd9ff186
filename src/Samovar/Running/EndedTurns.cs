using Samovar.Protocol.Ids;

namespace Samovar.Running;

/// <summary>Turns that are over and can still be read, in the order in which they ended, by tenant too. Its owner locks it.</summary>
internal sealed class EndedTurns
{
    private readonly LinkedList<EndedTurn> _all = new();
    private readonly Dictionary<TenantId, LinkedList<EndedTurn>> _byTenant = [];
    private readonly Dictionary<RunningTurn, Places> _places = [];

    public int Count => _all.Count;

    /// <summary>The one that ended first; null where none has.</summary>
    public EndedTurn? Oldest => _all.First?.Value;

    public EndedTurn? OldestOf(TenantId tenant) => _byTenant.GetValueOrDefault(tenant)?.First?.Value;

    public void Add(RunningTurn turn, long since)
    {
        var tenant = turn.Owner.Tenant;
        if (!_byTenant.TryGetValue(tenant, out var own)) _byTenant.Add(tenant, own = new());
        var ended = new EndedTurn(turn, since);
        _places.Add(turn, new(_all.AddLast(ended), own.AddLast(ended)));
    }

    /// <summary>It costs the same however many there are.</summary>
    public void Remove(RunningTurn turn)
    {
        if (!_places.Remove(turn, out var places)) return;
        _all.Remove(places.Among);
        var own = places.OfTenant.List!;
        own.Remove(places.OfTenant);
        if (own.Count == 0) _byTenant.Remove(turn.Owner.Tenant);
    }

    private sealed record Places(LinkedListNode<EndedTurn> Among, LinkedListNode<EndedTurn> OfTenant);
}

/// <param name="Turn">The turn.</param>
/// <param name="Since">When it ended, as a timestamp.</param>
internal sealed record EndedTurn(RunningTurn Turn, long Since);
