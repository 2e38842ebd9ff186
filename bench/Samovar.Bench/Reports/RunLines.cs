using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Reports;

/// <summary>A run's progress as lines of the error output, where no screen is.</summary>
internal sealed class RunLines(TextWriter writer, TimeProvider time) : IRunProgress
{
    private readonly Lock _lock = new();
    private RunPace _pace = new(0, 0, time);

    public void Begin(int rounds, int finished)
    {
        _pace = new RunPace(rounds, finished, time);
        if (finished > 0) writer.WriteLine($"going on: {finished} of {rounds} are measured");
    }

    public void Says(string what) => writer.WriteLine(what);

    public void Began(PlannedRound round)
    {
        lock (_lock) _pace.Began();
    }

    public void Turn(PlannedRound round, TurnSample sample)
    {
        if (sample.Error is { } error) writer.WriteLine($"{round.Cell} turn {sample.Turn}: {error}");
    }

    public void Ended(PlannedRound round)
    {
        var (task, transport, backend, link) = round.Cell;
        lock (_lock)
        {
            _pace.Ended();
            writer.WriteLine($"{_pace.Text()}: {task} {transport} {backend} {link}");
        }
    }
}
