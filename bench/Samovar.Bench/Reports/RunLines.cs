using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Reports;

/// <summary>A run's progress as lines of the error output, where no screen is.</summary>
internal sealed class RunLines : IRunProgress
{
    private int _all, _ended;

    public void Begin(int rounds, int finished)
    {
        (_all, _ended) = (rounds, finished);
        if (finished > 0) Console.Error.WriteLine($"going on: {finished} of {rounds} are measured");
    }

    public void Began(PlannedRound round) { }

    public void Turn(PlannedRound round, TurnSample sample)
    {
        if (sample.Error is { } error) Console.Error.WriteLine($"{round.Cell} turn {sample.Turn}: {error}");
    }

    public void Ended(PlannedRound round)
    {
        var (task, transport, backend, link) = round.Cell;
        Console.Error.WriteLine($"{Interlocked.Increment(ref _ended)}/{_all} {task} {transport} {backend} {link}");
    }
}
