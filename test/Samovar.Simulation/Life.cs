using Samovar.Cluster;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Simulation;

/// <summary>What the database said; nothing where it did not answer in time, whatever it has done.</summary>
internal readonly record struct Answer<T>(bool IsThere, T? Value);

/// <summary>One life of a node: a process that computes, stands still, or is gone.</summary>
internal sealed class Life(Schedule schedule, string name, int number) : ICluster, ITurnsAtWork, IDisposable
{
    private const long AnswerMax = 3000; // then a statement counts as not answered
    private readonly List<Action> _waiting = [];
    private readonly List<Action> _whenGone = [];

    public Schedule Schedule => schedule;
    public string Name => name;
    public NodeStanding Standing { get; } = new(new Incarnation($"{name}.{number}"));
    public Incarnation Incarnation => Standing.Incarnation;
    public IReadOnlyList<ClusterNode> Nodes => [.. schedule.Rows.Nodes];
    public TimeProvider Time => field ??= new LifeTime(this);
    public bool IsKilled { get; private set; }

    /// <summary>Since when it stands still; null while it computes.</summary>
    public long? StoppedAt { get; private set; }

    /// <summary>When it last went on after it had stood still.</summary>
    public long WokeAt { get; private set; } = -1;

    /// <summary>All that it has begun, by the name of the response.</summary>
    public Dictionary<ResponseId, Run> Runs { get; } = [];

    public ClusterNode Row => new(new NodeName(name), Incarnation, new Uri($"http://{name}:1"), NodeState.Active)
    {
        Load = new NodeLoad { Streams = 1 },
    };

    private bool IsDatabaseThere => !schedule.Network.IsRowsAway && !schedule.Network.IsCut(this, schedule.Rows);

    /// <summary>What it finds when it looks at itself.</summary>
    /// <param name="fullOneIn">So often it has no stream.</param>
    public NodeLoad Load(int fullOneIn) => new() { Streams = 1, StreamsBusy = schedule.Agenda.OneIn(fullOneIn) ? 1 : 0 };

    /// <summary>Does something in the process: now, when it goes on, or never.</summary>
    public void Do(Action action)
    {
        if (IsKilled) return;
        if (StoppedAt is null) action();
        else _waiting.Add(action);
    }

    public void Stop() => StoppedAt ??= schedule.Agenda.Now;

    /// <summary>What has waited comes in any order: answers, timers and connections do not wait for each other.</summary>
    public void Wake()
    {
        if (StoppedAt is null) return;
        (StoppedAt, WokeAt) = (null, schedule.Agenda.Now);
        foreach (var action in _waiting) schedule.Agenda.After(schedule.Agenda.Between(0, 30), () => Do(action));
        _waiting.Clear();
    }

    public void Kill()
    {
        if (IsKilled) return;
        IsKilled = true;
        foreach (var gone in _whenGone) schedule.Agenda.Travel(gone);
        Standing.Die("killed");
    }

    /// <summary>Tells a client of this node that its connection has ended.</summary>
    public void WhenGone(Action gone)
    {
        if (IsKilled) schedule.Agenda.Travel(gone);
        else _whenGone.Add(gone);
    }

    /// <summary>The run itself is noted by <see cref="TurnRun"/>, in the same moment.</summary>
    public bool TryBegin(TenantId tenant, ResponseId id, ResponseId root, long epoch) => EpochOf(tenant, id) != epoch;

    public long? EpochOf(TenantId tenant, ResponseId id) => schedule.Laws.Join ? Runs.GetValueOrDefault(id)?.Epoch : null;

    public bool IsBusy(TenantId tenant, ResponseId root) => Runs.Values.Any(run => run.End is null && run.Turn.Root == root);

    public Task PauseAsync(long delay)
    {
        var over = new TaskCompletionSource();
        schedule.Agenda.After(delay, () => Do(() => over.TrySetResult()));
        return over.Task;
    }

    /// <summary>Sends a statement to the database. One that was sent is done, whatever becomes of its sender.</summary>
    public Task<Answer<T>> AskAsync<T>(Func<Rows, T> statement)
    {
        var answer = new TaskCompletionSource<Answer<T>>();
        schedule.Agenda.Travel(() =>
        {
            if (!IsDatabaseThere) return;
            var value = statement(schedule.Rows);
            schedule.Agenda.Travel(() =>
            {
                if (IsDatabaseThere) Do(() => answer.TrySetResult(new(IsThere: true, value)));
            });
        });
        schedule.Agenda.After(AnswerMax, () => Do(() => answer.TrySetResult(default)));
        return answer.Task;
    }

    /// <summary>Until it is answered, or this life is over.</summary>
    public async Task<T?> InsistAsync<T>(Func<Rows, T> statement)
    {
        while (true)
        {
            var answer = await AskAsync(statement);
            if (answer.IsThere) return answer.Value;
            await PauseAsync(200);
        }
    }

    public void Dispose() => Standing.Dispose();
}
