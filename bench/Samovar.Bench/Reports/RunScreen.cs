using System.Globalization;
using System.Text;
using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Reports;

/// <summary>A run while it goes on, drawn again and again on a terminal: how far it is, what runs, the last figures.</summary>
/// <param name="columns">The terminal's width.</param>
internal sealed class RunScreen(TextWriter writer, TimeProvider time, Func<int> columns) : IRunProgress, IDisposable
{
    private const int RunningMax = 6, EndedMax = 4, FaultsMax = 3, BarCells = 24;
    private static readonly TimeSpan DrawEvery = TimeSpan.FromMilliseconds(100);
    private readonly Lock _lock = new();
    private readonly Dictionary<PlannedRound, TurnSample?> _running = [];
    private readonly Queue<string> _ended = [], _faults = [];
    private RunPace _pace = new([], 0, time);
    private string _says = "starting servers and warming up";
    private int _lines;
    private long _drawn;

    public void Begin(IReadOnlyCollection<PlannedRound> left, int finished)
    {
        lock (_lock)
        {
            _pace = new RunPace(left, finished, time);
            Draw();
        }
    }

    /// <summary>What is measured that is no round.</summary>
    public void Says(string what)
    {
        lock (_lock)
        {
            _says = what;
            Draw();
        }
    }

    public void Began(PlannedRound round)
    {
        lock (_lock)
        {
            _pace.Began();
            _running[round] = null;
            _says = "";
            DrawSoon();
        }
    }

    public void Turn(PlannedRound round, TurnSample sample)
    {
        lock (_lock)
        {
            _running[round] = sample;
            _pace.Turn(round);
            if (sample.Error is { } error) Note(_faults, $"{Name(round)} turn {sample.Turn}: {error}", FaultsMax);
            DrawSoon();
        }
    }

    public void Ended(PlannedRound round)
    {
        lock (_lock)
        {
            if (_running.Remove(round, out var last) && last is not null)
                Note(_ended, $"{Name(round)}, round {round.Round}: last turn {Bytes(last.BytesUp)} up, "
                    + $"first token {Milliseconds(last.FirstTokenMs)}, whole {Milliseconds(last.TotalMs)}", EndedMax);
            _pace.Ended();
            DrawSoon();
        }
    }

    /// <summary>The last picture stays, and the cursor stands below it.</summary>
    public void Dispose()
    {
        lock (_lock) Draw();
    }

    private void DrawSoon()
    {
        if (_drawn == 0 || time.GetElapsedTime(_drawn) >= DrawEvery) Draw();
    }

    private void Draw()
    {
        var picture = new StringBuilder();
        if (_lines > 0) picture.Append(CultureInfo.InvariantCulture, $"\e[{_lines}A");
        _lines = 0;
        void Line(string text)
        {
            var width = Math.Max(20, columns() - 1); // a line that wraps would move the picture
            picture.Append("\e[2K").Append(text.Length > width ? text[..width] : text).Append('\n');
            _lines++;
        }
        Line(Bar());
        if (_says.Length > 0) Line("  " + _says);
        foreach (var (round, sample) in _running.Take(RunningMax))
            Line($"  {Name(round)}: turn {(sample?.Turn ?? 0) + 1} of {round.Task.Steps.Count}"
                + (sample is null ? "" : $", {Bytes(sample.BytesUp)} up, first token {Milliseconds(sample.FirstTokenMs)}"));
        if (_running.Count > RunningMax) Line($"  and {_running.Count - RunningMax} more");
        foreach (var line in _ended) Line("  done " + line);
        foreach (var line in _faults) Line("  failed " + line);
        writer.Write(picture.Append("\e[J").ToString());
        writer.Flush();
        _drawn = time.GetTimestamp();
    }

    private string Bar()
    {
        var full = _pace.All == 0 ? 0 : BarCells * _pace.Done / _pace.All;
        return $"[{new string('#', full)}{new string('.', BarCells - full)}] {_pace.Text()}";
    }

    private static void Note(Queue<string> lines, string line, int max)
    {
        lines.Enqueue(line);
        if (lines.Count > max) lines.Dequeue();
    }

    private static string Name(PlannedRound round) =>
        $"{round.Cell.Workload} {round.Cell.Transport} {round.Cell.Backend} {round.Cell.Link}";

    private static string Bytes(long bytes) => Figures.Show(bytes / 1000.0, 1) + " KB";

    private static string Milliseconds(double? value) => value is { } known ? Figures.Show(known) + " ms" : Spread.None;
}
