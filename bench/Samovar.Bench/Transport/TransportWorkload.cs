using Samovar.Bench.Links;
using Samovar.Bench.Samples;

namespace Samovar.Bench.Transport;

/// <summary>
/// The same agent work over every transport, each backend with a server of its own that has warmed up. Conversations that mostly wait run
/// beside each other, all others one after the other.
/// </summary>
/// <param name="model">The GGUF file of the engine.</param>
/// <param name="atOnce">Conversations that run beside each other.</param>
/// <param name="hasTls">Whether clients speak TLS to it.</param>
internal sealed class TransportWorkload(
    IRunPlan plan, RunFolder folder, string model, int atOnce, bool hasTls, IRunProgress progress)
{
    private const int WarmUps = 3;

    /// <summary>Between the first of conversations that run beside each other: at once, their first turns disturb each other.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(25);
    private readonly Lock _lock = new();

    /// <summary>How links are made.</summary>
    public LinkMethod LinkMethod { get; init; }

    /// <summary>Measures what the folder does not have yet.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var left = plan.All().Where(round => !folder.IsFinished(round.Cell, round.Round)).ToList();
        progress.Begin(left, plan.All().Count() - left.Count);
        var hosts = new Dictionary<TransportBackend, TransportHost>();
        try
        {
            foreach (var backend in left.Select(round => round.Backend).Distinct())
                hosts[backend] = await TransportHost.StartAsync(backend, model);
            await Task.WhenAll(hosts.Where(host => host.Key.RunsBeside).Select(host => WarmUpAsync(host.Key, host.Value, stop)));
            foreach (var (backend, host) in hosts.Where(host => !host.Key.RunsBeside)) await WarmUpAsync(backend, host, stop);
            foreach (var wave in left.GroupBy(round => (round.Round, Alone: round.Backend.RunsBeside ? null : round.Backend)))
                await Parallel.ForEachAsync(wave.Index(), new ParallelOptions
                {
                    MaxDegreeOfParallelism = wave.Key.Alone is null ? atOnce : 1, CancellationToken = stop,
                }, async (next, late) =>
                {
                    if (wave.Key.Alone is null && next.Index < atOnce) await Task.Delay(next.Index * Apart, late);
                    await MeasureAsync(next.Item, hosts[next.Item.Backend], late);
                });
        }
        finally
        {
            foreach (var host in hosts.Values) await host.DisposeAsync();
        }
    }

    /// <summary>A server's first turns are its compiler's: every kind of client has some before anything counts.</summary>
    private async Task WarmUpAsync(TransportBackend backend, TransportHost host, CancellationToken stop)
    {
        var task = AgentTask.Even("warm-up", "", turns: backend.Speed is null ? 2 : 6, newBytes: 500, outputBytes: 40);
        var kinds = plan.All().Where(round => round.Backend == backend).Select(round => round.Kind).Distinct();
        await Parallel.ForEachAsync(kinds, new ParallelOptions
        {
            MaxDegreeOfParallelism = backend.RunsBeside ? atOnce : 1, CancellationToken = stop,
        }, async (kind, late) =>
        {
            for (var round = 1; round <= WarmUps; round++)
                await new CellRun(new SampleCell(task.Name, kind.Name, backend.Name, ""), round, kind, task, backend.HasCalls)
                    .RunAsync(host.AddressOf(kind), null, _ => { }, late);
        });
    }

    private async Task MeasureAsync(PlannedRound round, TransportHost host, CancellationToken stop)
    {
        progress.Began(round);
        await using var front = hasTls ? new TlsFront(host.AddressOf(round.Kind), TimeProvider.System) : null;
        await using var link = await Links.Links.OpenAsync(
            round.Link, front?.Address ?? host.AddressOf(round.Kind), round.Round, LinkMethod, startsClear: false, stop);
        Func<TimeSpan>? processor = round.Backend.RunsBeside || round.Kind.IsDirect ? null : host.Processor;
        var turns = await new CellRun(round.Cell, round.Round, round.Kind, round.Task, round.Backend.HasCalls, front?.Certificate)
            {
                HasCacheKeys = round.Backend.Replicas.HonoursKey,
            }
            .RunAsync(link.Address, processor, sample => progress.Turn(round, sample), stop);
        stop.ThrowIfCancellationRequested(); // what ends a run may have ended the servers first: a turn that failed by it is no measurement
        var samples = await TimedAsync(turns, round.Kind, host, stop);
        lock (_lock)
        {
            folder.Add(round.Cell, round.Round, samples);
            if (round.Link != LinkShape.Lan) folder.Describe(folder.Facts with { LinkMethod = link.Method });
        }
        progress.Ended(round);
    }

    private static async Task<IEnumerable<TurnSample>> TimedAsync(
        IReadOnlyList<MeasuredTurn> turns, TransportKind kind, TransportHost host, CancellationToken stop)
    {
        if (kind.IsDirect) return turns.Select(turn => turn.Sample);
        var times = await host.Times.OfAsync([.. turns.Select(turn => turn.ResponseId).OfType<string>()], stop);
        return turns.Select(turn => turn.ResponseId is { } id && times.TryGetValue(id, out var time)
            ? TurnTimes.With(turn.Sample, time, kind) : turn.Sample);
    }
}

/// <summary>Who watches a run.</summary>
internal interface IRunProgress
{
    /// <param name="left">What is to be measured.</param>
    /// <param name="finished">How many rounds of the plan an earlier run has measured.</param>
    void Begin(IReadOnlyCollection<PlannedRound> left, int finished);
    void Began(PlannedRound round);
    void Turn(PlannedRound round, TurnSample sample);
    void Ended(PlannedRound round);

    /// <summary>What is measured that is no round of the plan.</summary>
    void Says(string what) { }
}
