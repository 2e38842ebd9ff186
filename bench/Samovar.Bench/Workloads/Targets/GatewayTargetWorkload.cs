using Samovar.Bench.Samples;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Targets;

/// <summary>
/// The multi-turn work of agents through any server of the Responses protocol whose upstreams are the bench's own, so that servers can be
/// compared. What a target does not have is found out first and said; everything else is measured without it.
/// </summary>
internal sealed record GatewayTargetWorkload(int[] HistoryBytes, int Turns, int Rounds, DeadDestination Death)
{
    public const string OwnName = "samovar";

    /// <summary>The ways of speaking that are tried.</summary>
    public IReadOnlyList<TargetMode> Modes { get; init; } = TargetMode.All;

    private const int ReconnectTurns = 10, WarmUpTurns = 20, WarmUpBytes = 2000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Samovar, started for this with its own defaults.</summary>
    public async Task<TargetReport> MeasureSamovarAsync(RunFolder? folder, Action<string> say, CancellationToken stop)
    {
        await using var upstreams = await TargetUpstreams.StartAsync(0);
        await using var samovar = await GatewayServer.StartAsync("responses-ws", upstreams.Addresses);
        return (await MeasureAsync([Own(samovar)], upstreams, folder, say, stop))[0];
    }

    private static Target Own(GatewayServer samovar) => new(OwnName, samovar.BaseUrl, null, "bench");

    /// <param name="port">Of the first upstream; 0 takes free ones.</param>
    /// <param name="patience">How long the target may take to be there and to know its upstreams.</param>
    public async Task<TargetReport> MeasureOtherAsync(
        Target target, int port, TimeSpan patience, RunFolder? folder, Action<string> say, CancellationToken stop) =>
        (await MeasureOtherAsync(target, isBesideOwn: false, port, patience, folder, say, stop))[0];

    /// <param name="isBesideOwn">Whether Samovar is measured beside it, in front of the same upstreams, the two taking turns.</param>
    /// <returns>The target's, and Samovar's behind it.</returns>
    /// <inheritdoc cref="MeasureOtherAsync(Target, int, TimeSpan, RunFolder?, Action{string}, CancellationToken)"/>
    public async Task<IReadOnlyList<TargetReport>> MeasureOtherAsync(Target target, bool isBesideOwn, int port, TimeSpan patience,
        RunFolder? folder, Action<string> say, CancellationToken stop)
    {
        await using var upstreams = await TargetUpstreams.StartAsync(port);
        foreach (var address in upstreams.Addresses) say($"upstream for the target: {address} (any key, model {target.Model})");
        await WaitAsync(target, upstreams, patience, say, stop);
        await using var samovar = isBesideOwn ? await GatewayServer.StartAsync("responses-ws", upstreams.Addresses) : null;
        return await MeasureAsync(samovar is null ? [target] : [target, Own(samovar)], upstreams, folder, say, stop);
    }

    /// <summary>Until a turn through the target reaches one of the upstreams.</summary>
    private static async Task WaitAsync(
        Target target, TargetUpstreams upstreams, TimeSpan patience, Action<string> say, CancellationToken stop)
    {
        var (started, newest) = (TimeProvider.System.GetTimestamp(), "");
        while (TimeProvider.System.GetElapsedTime(started) < patience)
        {
            await using var conversation = new TargetConversation(target, TargetMode.All[0]);
            var said = await conversation.SayAsync("Are you there?", stop);
            if (said.Error is null && (await upstreams.CountsAsync()).Sum(count => count.Requests) > 0) return;
            var why = said.Error is { } error ? ModeProbe.Short(error) : "it answered, but asked none of the upstreams above";
            if (why != newest) say("waiting for the target: " + why);
            newest = why;
            await Task.Delay(Pause, stop);
        }
        throw new InvalidOperationException($"No turn through {target.Address} reached an upstream within {patience}: {newest}");
    }

    private async Task<IReadOnlyList<TargetReport>> MeasureAsync(
        IReadOnlyList<Target> targets, TargetUpstreams upstreams, RunFolder? folder, Action<string> say, CancellationToken stop)
    {
        await using var beside = await PlainUpstream.StartAsync();
        var measured = new List<MeasuredTarget>();
        foreach (var target in targets) measured.Add(await WarmAsync(target, beside, upstreams, stop));
        var earlier = folder?.Samples().Select(sample => sample.Round).DefaultIfEmpty(0).Max() ?? 0; // a run gets more rounds
        for (var round = earlier + 1; round <= earlier + Rounds; round++)
            foreach (var (mode, bytes) in Modes.SelectMany(mode => HistoryBytes.Select(bytes => (mode, bytes))))
                foreach (var one in measured.Where(one => one.Modes.Contains(mode)))
                {
                    say($"round {round - earlier} of {Rounds}: {one.Target.Name}, {mode.Name} behind {bytes:N0} bytes");
                    var costs = await one.Costs.MeasureAsync(mode, bytes, round, stop);
                    one.Report.Add(mode, bytes, costs);
                    foreach (var cell in costs.Samples.GroupBy(sample => CellOf(sample, one.Target, targets)))
                        folder?.Add(cell.Key, round, cell.Select(sample => sample with { Cell = cell.Key }));
                }
        foreach (var one in measured) await BreakAsync(one, upstreams, say, stop);
        foreach (var value in measured.SelectMany(one => one.Report.Values(one.Target))) folder?.Add(value);
        return [.. measured.Select(one => one.Report)];
    }

    /// <summary>Where targets take turns, the upstream has been asked directly beside each of them.</summary>
    private static SampleCell CellOf(TurnSample sample, Target target, IReadOnlyList<Target> targets) =>
        targets.Count == 1 || sample.Cell.Backend == target.Name ? sample.Cell
            : sample.Cell with { Backend = $"{sample.Cell.Backend}, beside {target.Name}" };

    private async Task<MeasuredTarget> WarmAsync(
        Target target, PlainUpstream beside, TargetUpstreams upstreams, CancellationToken stop)
    {
        var report = new TargetReport();
        foreach (var mode in Modes) report.Probes.Add(await ModeProbe.OfAsync(target, mode, stop));
        var direct = Target.Direct(beside.BaseUrl);
        var one = new MeasuredTarget(target, report, new HistoryCosts(target, direct, upstreams, Turns));
        foreach (var mode in one.Modes)
            await new HistoryCosts(target, direct, upstreams, WarmUpTurns).MeasureAsync(mode, WarmUpBytes, 0, stop);
        return one;
    }

    private async Task BreakAsync(MeasuredTarget one, TargetUpstreams upstreams, Action<string> say, CancellationToken stop)
    {
        foreach (var mode in one.Modes)
        {
            await RecoveredAsync(one.Target, upstreams, stop);
            say($"connections that end, and a destination that dies: {one.Target.Name}, {mode.Name}");
            one.Report.Reconnects.Add(await Reconnects.MeasureAsync(one.Target, upstreams, mode, ReconnectTurns, stop));
            one.Report.Deaths.Add(await Death.MeasureAsync(one.Target, upstreams, mode, stop));
        }
    }

    /// <summary>A target may leave a destination alone for a while that was dead: until both are asked again.</summary>
    private static async Task RecoveredAsync(Target target, TargetUpstreams upstreams, CancellationToken stop)
    {
        var before = await upstreams.CountsAsync();
        for (var tries = 0; tries < 60; tries++)
        {
            await using var conversation = new TargetConversation(target, TargetMode.All[0]);
            await conversation.SayAsync(Speech.OfLength(WarmUpBytes, 90_000 + tries), stop);
            var now = await upstreams.CountsAsync();
            if (now.Select((count, number) => count.Requests > before[number].Requests).All(isAsked => isAsked)) return;
            await Task.Delay(Pause / 2, stop);
        }
    }

    private sealed record MeasuredTarget(Target Target, TargetReport Report, HistoryCosts Costs)
    {
        public IReadOnlyList<TargetMode> Modes { get; } =
            [.. Report.Probes.Where(probe => probe.Refusal is null).Select(probe => probe.Mode)];
    }
}
