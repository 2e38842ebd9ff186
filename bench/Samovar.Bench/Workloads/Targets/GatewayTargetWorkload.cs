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
        return await MeasureAsync(new Target(OwnName, samovar.BaseUrl, null, "bench"), upstreams, folder, say, stop);
    }

    /// <param name="port">Of the first upstream; 0 takes free ones.</param>
    /// <param name="patience">How long the target may take to be there and to know its upstreams.</param>
    public async Task<TargetReport> MeasureOtherAsync(
        Target target, int port, TimeSpan patience, RunFolder? folder, Action<string> say, CancellationToken stop)
    {
        await using var upstreams = await TargetUpstreams.StartAsync(port);
        foreach (var address in upstreams.Addresses) say($"upstream for the target: {address} (any key, model {target.Model})");
        await WaitAsync(target, upstreams, patience, say, stop);
        return await MeasureAsync(target, upstreams, folder, say, stop);
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

    private async Task<TargetReport> MeasureAsync(
        Target target, TargetUpstreams upstreams, RunFolder? folder, Action<string> say, CancellationToken stop)
    {
        await using var beside = await PlainUpstream.StartAsync();
        var report = new TargetReport();
        foreach (var mode in Modes) report.Probes.Add(await ModeProbe.OfAsync(target, mode, stop));
        var modes = report.Probes.Where(probe => probe.Refusal is null).Select(probe => probe.Mode).ToList();
        var costs = new HistoryCosts(target, Target.Direct(beside.BaseUrl), upstreams, Turns);
        foreach (var mode in modes) await new HistoryCosts(target, Target.Direct(beside.BaseUrl), upstreams, WarmUpTurns)
            .MeasureAsync(mode, WarmUpBytes, 0, stop);
        var earlier = folder?.Samples().Select(sample => sample.Round).DefaultIfEmpty(0).Max() ?? 0; // a run gets more rounds
        for (var round = earlier + 1; round <= earlier + Rounds; round++)
        {
            foreach (var (mode, bytes) in modes.SelectMany(mode => HistoryBytes.Select(bytes => (mode, bytes))))
            {
                say($"round {round - earlier} of {Rounds}: {mode.Name} behind {bytes:N0} bytes");
                var measured = await costs.MeasureAsync(mode, bytes, round, stop);
                report.Add(mode, bytes, measured);
                foreach (var cell in measured.Samples.GroupBy(sample => sample.Cell)) folder?.Add(cell.Key, round, cell);
            }
        }
        foreach (var mode in modes)
        {
            say($"connections that end, and a destination that dies: {mode.Name}");
            report.Reconnects.Add(await Reconnects.MeasureAsync(target, upstreams, mode, ReconnectTurns, stop));
            report.Deaths.Add(await Death.MeasureAsync(target, upstreams, mode, stop));
            if (mode != modes[^1]) await RecoveredAsync(target, upstreams, stop);
        }
        foreach (var value in report.Values(target)) folder?.Add(value);
        return report;
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
}
