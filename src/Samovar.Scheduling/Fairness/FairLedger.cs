namespace Samovar.Scheduling.Fairness;

/// <summary>What each flow has used, so that the one that used least comes first. Not for two threads at once.</summary>
/// <remarks>
/// Fair queueing in virtual time: the time moves by what is served, divided by the flows that are active. A flow that comes (back), or was
/// active without using its share, stands a burst before that time at most. So idleness saves up no more than the burst: enough for the
/// turn of somebody who speaks now and then to go before those who never stop. And those who never stop wait for newcomers, however many
/// come, only until the time has passed them by a burst. Costs are in whatever unit the resource is counted in (tokens, place-seconds,
/// turns); only their ratios matter. What a flow is behind the time is paid back while it is served: at once where it is alone, else over
/// some bursts, so that who is always here has no credit against newcomers. Flows that are not active are forgotten once the time has
/// passed them.
/// </remarks>
/// <param name="burst">What a flow that comes back may use before the others' use counts against it.</param>
/// <param name="accountsMax">Flows that are remembered; of those that are not active the ones that used least are forgotten first.</param>
public sealed class FairLedger(double burst = 0, int accountsMax = 10_000)
{
    private const int SweepMin = 64;
    private const double PaidBackAfter = 8; // bursts that a flow uses until most of what it was behind is gone
    private readonly Dictionary<FlowId, Account> _accounts = [];
    private double _time;
    private int _active;
    private int _sweepAt = SweepMin;

    /// <summary>Flows that are remembered.</summary>
    public int Count => _accounts.Count;

    /// <summary>One more unit of work of a flow is here, waiting or running.</summary>
    public void Enter(FlowId flow)
    {
        if (!_accounts.TryGetValue(flow, out var account))
        {
            if (_accounts.Count >= Math.Min(_sweepAt, accountsMax)) Forget();
            _accounts[flow] = account = new Account { Used = _time - burst };
        }
        if (account.Active++ > 0) return;
        _active++;
        account.Used = Math.Max(account.Used, _time - burst);
    }

    /// <summary>A unit of work that entered is over.</summary>
    public void Leave(FlowId flow)
    {
        if (!_accounts.TryGetValue(flow, out var account) || account.Active == 0)
            throw new InvalidOperationException($"Nothing of flow {flow} is here.");
        if (--account.Active > 0) return;
        if (--_active == 0) _accounts.Clear(); // nobody is here: nobody owes anybody
        else if (account.Used <= _time - burst) _accounts.Remove(flow);
    }

    /// <summary>A flow used so much; ignored for one that is not remembered.</summary>
    public void Charge(FlowId flow, double cost)
    {
        if (!_accounts.TryGetValue(flow, out var account)) return;
        var used = Math.Max(account.Used, _time - burst);
        var behind = _time - used;
        if (behind > 0) used += behind * Math.Min(1, cost / (burst * PaidBackAfter));
        _time += cost / Math.Max(1, _active);
        account.Used = _active == 1 ? Math.Max(used + cost, _time) : used + cost;
    }

    /// <summary>What a flow has used; for one that is not remembered, what it would begin with.</summary>
    public double Used(FlowId flow) =>
        _accounts.TryGetValue(flow, out var account) ? Math.Max(account.Used, _time - burst) : _time - burst;

    private void Forget()
    {
        foreach (var (flow, account) in _accounts)
            if (account.Active == 0 && account.Used <= _time - burst) _accounts.Remove(flow);
        if (_accounts.Count >= accountsMax)
        {
            var idle = _accounts.Where(pair => pair.Value.Active == 0).OrderBy(pair => pair.Value.Used).Select(pair => pair.Key).ToList();
            foreach (var flow in idle.Take(Math.Max(1, accountsMax / 10))) _accounts.Remove(flow);
        }
        _sweepAt = Math.Max(SweepMin, 2 * _accounts.Count);
    }

    private sealed class Account
    {
        public double Used { get; set; }
        public int Active { get; set; }
    }
}
