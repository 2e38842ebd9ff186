using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Reports;

/// <summary>A run's progress as lines of the error output, where no screen is.</summary>
internal sealed class RunLines(TextWriter writer, TimeProvider time) : IRunProgress
{
    private readonly Lock _lock = new();
    private RunPace _pace = new([], 0, time);

    public RunLines() : this(Console.Error, TimeProvider.System) { }

    public void Begin(IReadOnlyCollection<PlannedRound> left, int finished)
    {
        _pace = new RunPace(left, finished, time);
        if (finished > 0) writer.WriteLine($"going on: {finished} of {_pace.All} are measured");
    }

    public void Says(string what) => writer.WriteLine(what);

    public void Began(PlannedRound round)
    {
        lock (_lock) _pace.Began();
    }

    public void Turn(PlannedRound round, TurnSample sample)
    {
        lock (_lock) _pace.Turn(round);
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
