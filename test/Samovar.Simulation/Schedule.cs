using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Simulation;

/// <summary>One story of some nodes, their clients and their troubles, told by a seed.</summary>
internal sealed class Schedule
{
    /// <summary>Milliseconds: until then there is trouble.</summary>
    public const long ChaosEnd = 40_000;

    /// <summary>How long all is well before clients go on for the last time.</summary>
    public const long MendTime = 15_000;
    private const long End = ChaosEnd + MendTime + 600_000;
    private readonly Dictionary<Incarnation, Life> _all = [];
    private readonly List<SimClient> _clients = [];

    public Schedule(int seed, Laws laws)
    {
        (Laws, Agenda) = (laws, new Agenda(seed));
        Network = new Network(Agenda);
        Rows = new Rows(laws, Audit);
        for (var nodes = Agenda.Between(2, 4); nodes > 0; nodes--) Begin($"node{nodes}");
        for (var clients = Agenda.Between(1, 4); clients > 0; clients--) _clients.Add(new SimClient(this, $"resp{clients}"));
    }

    public Laws Laws { get; }
    public Agenda Agenda { get; }
    public Network Network { get; }
    public Audit Audit { get; } = new();
    public Rows Rows { get; }

    /// <summary>Those that clients reach.</summary>
    public List<Life> Lives { get; } = [];

    /// <summary>Conversations up to what was acknowledged.</summary>
    public List<IReadOnlyList<ResponseId>> Paths { get; } = [[]];

    public bool IsOver => Audit.Fault is not null || _clients.TrueForAll(client => client.IsDone);

    /// <summary>Plays it on this thread alone.</summary>
    public Audit Play()
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null); // what is awaited goes on where it is completed
        try
        {
            foreach (var client in _clients) Start(client.GoAsync());
            Start(new Chaos(this).GoAsync());
            Agenda.Run(End, () => IsOver);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
        if (!IsOver) Audit.Broke("A conversation did not go on after all was mended.");
        Audit.Lost(Rows);
        foreach (var life in _all.Values) life.Dispose();
        return Audit;
    }

    public Life LifeOf(Incarnation incarnation) => _all[incarnation];

    /// <summary>The life ends, and another begins under its name.</summary>
    public void Replace(Life life)
    {
        if (life.IsKilled) return;
        Lives.Remove(life);
        life.Kill();
        Agenda.After(Agenda.Between(100, 3000), () => Begin(life.Name));
    }

    public void Start(Task flow)
    {
        if (flow.IsFaulted) Note(flow);
        else if (!flow.IsCompleted) flow.GetAwaiter().OnCompleted(() => Note(flow));
    }

    private void Note(Task flow)
    {
        if (flow.Exception is { } exception) Audit.Broke(exception.ToString());
    }

    private void Begin(string name)
    {
        var life = new Life(this, name, _all.Count);
        _all.Add(life.Incarnation, life);
        Start(BeginAsync(life));
    }

    private async Task BeginAsync(Life life)
    {
        await life.InsistAsync(rows => rows.Add(life.Row));
        if (life.IsKilled) return;
        Lives.Add(life);
        await new Beats(this, life).GoAsync();
    }
}
