using Samovar.Bench.Reports;
using Samovar.Engine.Llama;

namespace Samovar.Bench.Workloads.Fairness;

/// <summary>
/// The rounds of an engine while somebody looks: every turn that speaks has a token in each, so they are the tokens' intervals.
/// </summary>
internal sealed class RoundLog
{
    private readonly Lock _gate = new();
    private readonly List<(double Milliseconds, int Prefilled)> _intervals = [];
    private readonly TimeProvider _time;
    private long? _newest;
    private int _least = int.MaxValue;

    public RoundLog(LlamaEngine engine, TimeProvider time)
    {
        _time = time;
        engine.Loop.RoundDone = Note;
    }

    /// <summary>From now on rounds count in which that many turns have a token.</summary>
    public void Begin(int speakers)
    {
        lock (_gate)
        {
            _intervals.Clear();
            (_newest, _least) = (null, speakers);
        }
    }

    /// <summary>Milliseconds of each interval, and of those in which a part of a prompt was computed.</summary>
    public (List<double> All, List<double> Beside) End()
    {
        lock (_gate)
        {
            _least = int.MaxValue;
            return ([.. _intervals.Select(interval => interval.Milliseconds)],
                [.. _intervals.Where(interval => interval.Prefilled > 0).Select(interval => interval.Milliseconds)]);
        }
    }

    public static string[] Row(List<double> intervals) =>
    [
        Figures.Show(intervals.Count), Figures.Show(intervals.DefaultIfEmpty().Average(), 1), Figures.Show(Figures.Median(intervals), 1),
        Figures.Show(Figures.Percentile(intervals, 0.95), 1), Figures.Show(intervals.DefaultIfEmpty().Max(), 1),
    ];

    private void Note(int decoded, int prefilled)
    {
        var now = _time.GetTimestamp();
        lock (_gate)
        {
            if (decoded >= _least && _newest is { } before)
                _intervals.Add((_time.GetElapsedTime(before, now).TotalMilliseconds, prefilled));
            _newest = decoded >= _least ? now : null;
        }
    }
}
