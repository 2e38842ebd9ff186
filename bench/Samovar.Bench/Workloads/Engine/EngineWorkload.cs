using Samovar.Bench.Samples;

namespace Samovar.Bench.Workloads.Engine;

/// <summary>
/// The KV workloads at every server, round by round, each on a server that was started for it and is warm: what one leaves behind is not
/// in another's way.
/// </summary>
internal sealed class EngineWorkload(
    IReadOnlyList<EngineWork> works, IReadOnlyList<EngineContender> contenders, int rounds, RunFolder folder, Action<string> say)
{
    private const int WarmUps = 4, WarmUpTokens = 200;

    /// <summary>Measures what the folder does not have yet.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var plan = (from round in Enumerable.Range(1, rounds)
            from work in works
            from contender in contenders
            where !(contender.IsPrivate && work.Needs.Memory is not null) // cells for each session would be more than the room
            select (Round: round, Work: work, Contender: contender)).ToList();
        var left = plan.Where(one => !folder.IsFinished(CellOf(one.Work, one.Contender), one.Round)).ToList();
        if (left.Count == 0) return;
        if (left.Count < plan.Count) say($"going on: {plan.Count - left.Count} of {plan.Count} are measured");
        var meter = await MeterAsync(stop);
        var ended = plan.Count - left.Count;
        foreach (var (round, work, contender) in left)
        {
            var cell = CellOf(work, contender);
            var samples = await MeasureAsync(cell, round, work, contender, meter, stop);
            stop.ThrowIfCancellationRequested(); // what ends a run may have ended the server first: its turns are no measurement
            folder.Add(cell, round, samples);
            say($"{++ended}/{plan.Count} {cell.Workload} {cell.Backend} {cell.Transport}, round {round}");
            if (samples.FirstOrDefault(sample => sample.Error is not null) is { } failed)
                say($"  {samples.Count(sample => sample.Error is not null)} turns failed: {failed.Error}");
        }
    }

    private static SampleCell CellOf(EngineWork work, EngineContender contender) =>
        new(work.Name, contender.Transport, contender.Name, "lan");

    /// <summary>The same texts for every server: the first one counts.</summary>
    private async Task<TokenMeter> MeterAsync(CancellationToken stop)
    {
        await using var server = await contenders[0].StartAsync(new EngineNeeds(1, 0));
        return await TokenMeter.MeasureAsync(async text =>
            (await server.AskAsync(new EngineAsk(0, null, text, EngineAsk.OutputLeast), stop)).InputTokens);
    }

    private static async Task<IReadOnlyList<TurnSample>> MeasureAsync(
        SampleCell cell, int round, EngineWork work, EngineContender contender, TokenMeter meter, CancellationToken stop)
    {
        await using var server = await contender.StartAsync(work.Needs);
        await WarmUpAsync(server, meter, stop);
        var measured = new EngineRound(cell, round, server, meter);
        await work.RunAsync(measured, stop);
        return measured.Samples;
    }

    /// <summary>A process' first turns are its compiler's.</summary>
    private static async Task WarmUpAsync(IEngineTarget server, TokenMeter meter, CancellationToken stop)
    {
        AnsweredTurn? newest = null;
        for (var turn = 0; turn < WarmUps; turn++)
            newest = await server.AskAsync(new EngineAsk(0, newest, meter.OfTokens(WarmUpTokens, -turn - 1), EngineAsk.OutputLeast), stop);
    }
}
