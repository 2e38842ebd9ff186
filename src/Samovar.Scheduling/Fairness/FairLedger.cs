namespace Samovar.Scheduling.Fairness;

/// <summary>What each flow has used, so that the one that used least comes first. Not for two threads at once.</summary>
/// <remarks>
/// Start-time fair queueing: a flow that comes (back) begins at what the least served of the active flows has used, less a burst. So
/// idleness saves up no more than that burst: enough for the turn of somebody who speaks now and then to go before those who never stop,
/// and nothing for one who never stops himself. Costs are in whatever unit the resource is counted in (tokens, place-seconds, turns); only
/// their ratios matter. Flows that are not active are forgotten once the others have caught up with them.
/// </remarks>
/// <param name="burst">What a flow that comes back may use before the others' use counts against it.</param>
/// <param name="accountsMax">Flows that are remembered; of those that are not active the ones that used least are forgotten first.</param>
public sealed class FairLedger(double burst = 0, int accountsMax = 10_000)
{
    private readonly Dictionary<FlowId, Account> _accounts = [];
    private double _floor; // the least that an active flow has used, when there was one last; it never falls

    /// <summary>Flows that are remembered.</summary>
    public int Count => _accounts.Count;

    /// <summary>One more unit of work of a flow is here, waiting or running.</summary>
    public void Enter(FlowId flow)
    {
        if (_accounts.TryGetValue(flow, out var account))
        {
            if (account.Active++ == 0) account.Used = Math.Max(account.Used, _floor - burst);
            return;
        }
        if (_accounts.Count >= accountsMax) ForgetIdle();
        _accounts[flow] = new Account { Used = _floor - burst, Active = 1 };
    }

    /// <summary>A unit of work that entered is over.</summary>
    public void Leave(FlowId flow)
    {
        if (!_accounts.TryGetValue(flow, out var account) || account.Active == 0)
            throw new InvalidOperationException($"Nothing of flow {flow} is here.");
        if (--account.Active > 0) return;
        Raise();
        if (account.Used <= _floor - burst) _accounts.Remove(flow);
    }

    /// <summary>A flow used so much; ignored for one that is not remembered.</summary>
    public void Charge(FlowId flow, double cost)
    {
        if (!_accounts.TryGetValue(flow, out var account)) return;
        var wasLeast = account.Used <= _floor;
        account.Used += cost;
        if (wasLeast) Raise();
    }

    /// <summary>What a flow has used; for one that is not remembered, what it would begin with.</summary>
    public double Used(FlowId flow) => _accounts.TryGetValue(flow, out var account) ? account.Used : _floor - burst;

    private void Raise()
    {
        var least = double.PositiveInfinity;
        foreach (var account in _accounts.Values)
            if (account.Active > 0) least = Math.Min(least, account.Used);
        if (double.IsFinite(least)) _floor = Math.Max(_floor, least);
        else _accounts.Clear(); // nobody is here: nobody owes anybody
    }

    private void ForgetIdle()
    {
        var idle = _accounts.Where(pair => pair.Value.Active == 0).OrderBy(pair => pair.Value.Used).Select(pair => pair.Key).ToList();
        foreach (var flow in idle.Take(Math.Max(1, accountsMax / 10))) _accounts.Remove(flow);
    }

    private sealed class Account
    {
        public double Used { get; set; }
        public int Active { get; set; }
    }
}
