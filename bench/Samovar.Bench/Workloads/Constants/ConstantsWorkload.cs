using Samovar.Bench.Samples;

namespace Samovar.Bench.Workloads.Constants;

/// <summary>The measured constants of a report: what belongs to no turn. Each is measured once in a run's folder.</summary>
/// <param name="models">GGUFs: of the report's engine, and a small one that is started again and again; null where no engine can run here,
/// whose constants are then left out.</param>
/// <param name="says">Hears what is measured.</param>
internal sealed class ConstantsWorkload(RunFolder folder, (string Engine, string Small)? models, int rounds, Action<string> says)
{
    /// <summary>Measures what the folder does not have yet.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await StepAsync("durability over restarts", DurabilityWorkload.RestartNames, () => DurabilityWorkload.RestartsAsync(rounds), stop);
        await StepAsync("storing a turn", StoringWorkload.Names, () => new StoringWorkload(rounds).MeasureAsync(), stop);
        if (models is not { } of) return;
        await StepAsync("durability over kills", DurabilityWorkload.KillNames, () => DurabilityWorkload.KillsAsync(of.Small, rounds), stop);
        await StepAsync("idle sessions", SessionWorkload.Names, () => new SessionWorkload(of.Engine, rounds).MeasureAsync(), stop);
    }

    private async Task StepAsync(
        string what, IReadOnlyList<string> names, Func<Task<IReadOnlyList<MeasuredValue>>> measure, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var known = folder.Values().Select(value => value.Name).ToHashSet(StringComparer.Ordinal);
        if (names.All(known.Contains)) return;
        says(what);
        var values = await measure();
        stop.ThrowIfCancellationRequested(); // a server that was ended with the run says nothing
        foreach (var value in values) folder.Add(value);
    }
}
