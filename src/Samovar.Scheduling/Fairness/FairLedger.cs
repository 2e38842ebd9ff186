namespace Samovar.Scheduling.Fairness;

/// <summary>What each flow has used, so that the one that used least comes first. Not for two threads at once.</summary>
/// <remarks>
/// Start-time fair queueing: a flow that comes (back) begins at what the least served of the active flows has used, so that idleness saves
/// nothing up and a newcomer owes nothing. Costs are in whatever unit the resource is counted in (tokens, place-seconds, turns); only their
/// ratios matter. Flows that are neither active nor ahead of the floor are forgotten, so memory follows the active flows.
/// </remarks>
public sealed class FairLedger
{
    private readonly Dictionary<FlowId, Account> _accounts = [];
    private double _floor;

    /// <summary>Flows that are remembered.</summary>
    public int Count => _accounts.Count;

    /// <summary>One more unit of work of a flow is here, waiting or running.</summary>
    public void Enter(FlowId flow)
    {
        if (!_accounts.TryGetValue(flow, out var account)) _accounts[flow] = account = new Account();
        if (account.Active == 0) account.Used = Math.Max(account.Used, Floor()); // the floor of the others: it is not active yet
        account.Active++;
    }

    /// <summary>A unit of work that entered is over.</summary>
    public void Leave(FlowId flow)
    {
        if (!_accounts.TryGetValue(flow, out var account) || account.Active == 0)
            throw new InvalidOperationException($"Nothing of flow {flow} is here.");
        account.Active--;
        Forget();
    }

    /// <summary>A flow used so much; ignored for one that is neither active nor remembered.</summary>
    public void Charge(FlowId flow, double cost)
    {
        if (_accounts.TryGetValue(flow, out var account)) account.Used += cost;
    }

    /// <summary>What a flow has used, never less than the floor.</summary>
    public double Used(FlowId flow) => _accounts.TryGetValue(flow, out var account) ? Math.Max(account.Used, _floor) : _floor;

    /// <summary>The least that an active flow has used; it never falls.</summary>
    private double Floor()
    {
        var least = double.PositiveInfinity;
        foreach (var account in _accounts.Values)
            if (account.Active > 0 && account.Used < least) least = account.Used;
        if (double.IsFinite(least)) _floor = Math.Max(_floor, least);
        return _floor;
    }

    private void Forget()
    {
        var floor = Floor();
        var isIdle = _accounts.Values.All(account => account.Active == 0);
        foreach (var (flow, account) in _accounts)
            if (account.Active == 0 && (isIdle || account.Used <= floor)) _accounts.Remove(flow);
    }

    private sealed class Account
    {
        public double Used { get; set; }
        public int Active { get; set; }
    }
}
