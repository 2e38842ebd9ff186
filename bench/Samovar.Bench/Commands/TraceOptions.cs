using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Samovar.Bench.Traces;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Commands;

/// <summary>What a command line says of sizes, and of recorded sessions.</summary>
internal sealed class TraceOptions
{
    private const double ScaleMin = 0.02, ScaleMax = 1, PauseSecondsMax = 3600;
    private const string NoPauses = "none";

    private readonly Option<string[]> _files = new("--trace")
    {
        Description = "Recorded sessions to play, as published at github.com/callanjfox/kv-cache-tester (Apache-2.0): "
            + "trace_NNNN.json, or .json.gz.",
        AllowMultipleArgumentsPerToken = true, HelpName = "FILE", DefaultValueFactory = _ => [],
    };

    private readonly Option<double?> _scale = new("--tokens-scale")
    {
        Description = $"Text for each token that there was, {Text(ScaleMin)} to {Text(ScaleMax)}: what the machine and the model carry. "
            + string.Join("", TransportBackend.All.Select(one => (one.TaskScale, one.TraceScale)).Distinct().Zip(["[", "; engine "],
                (scales, name) => $"{name}{Text(scales.TaskScale)}, traces {Text(scales.TraceScale)}")) + "]",
        HelpName = "SHARE",
    };

    private readonly Option<string> _pauses = new("--pauses")
    {
        Description = "The client's pauses in traces: none, or as they were and at most so many seconds.", HelpName = "none|SECONDS",
        DefaultValueFactory = _ => NoPauses,
    };

    private readonly Option<int?> _turns = new("--trace-turns")
    {
        Description = "Of each session in a trace, the first so many turns. [all]", HelpName = "N",
    };

    public TraceOptions()
    {
        _scale.Validators.Add(result => Check(result, result.GetValueOrDefault<double?>() is null or (>= ScaleMin and <= ScaleMax),
            $"--tokens-scale is a number from {Text(ScaleMin)} to {Text(ScaleMax)}."));
        _pauses.Validators.Add(result => Check(result, PauseMax(result.GetValueOrDefault<string>()) is not null,
            $"--pauses is {NoPauses}, or seconds up to {Text(PauseSecondsMax)}."));
        _turns.Validators.Add(result => Check(
            result, result.GetValueOrDefault<int?>() is null or > 0, "--trace-turns is a number above 0."));
    }

    public IEnumerable<Option> All => [_files, _scale, _pauses, _turns];

    public bool Has(ParseResult parsed) => parsed.GetValue(_files)!.Length > 0;

    /// <summary>Tasks and traces, of the size that the command line says or the backend carries.</summary>
    /// <exception cref="TraceFileException">A file is no trace.</exception>
    public Func<TransportBackend, IReadOnlyList<AgentTask>> Of(ParseResult parsed, IReadOnlyList<AgentTask> tasks)
    {
        var scale = parsed.GetValue(_scale);
        var traces = Traces(parsed.GetValue(_files)!);
        var known = new Dictionary<TransportBackend, IReadOnlyList<AgentTask>>();
        return backend =>
        {
            if (known.TryGetValue(backend, out var made)) return made;
            var play = new TracePlay(scale ?? backend.TraceScale, PauseMax(parsed.GetValue(_pauses)!)!.Value,
                parsed.GetValue(_turns) ?? int.MaxValue);
            return known[backend] = [.. tasks.Select(task => task.Scaled(scale ?? backend.TaskScale)),
                .. traces.SelectMany(trace => new TraceTasks(trace, play).All())];
        };
    }

    private static List<TraceFile> Traces(IEnumerable<string> paths)
    {
        var traces = new List<TraceFile>();
        foreach (var path in paths)
        {
            var trace = TraceFile.Read(path, new TraceLimits());
            if (traces.Any(other => other.Session.Name == trace.Session.Name))
                throw new TraceFileException(path, $"is {trace.Id}, which another file is, too.");
            traces.Add(trace);
        }
        return traces;
    }

    private static TimeSpan? PauseMax(string? text) => text == NoPauses ? TimeSpan.Zero
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= PauseSecondsMax
            ? TimeSpan.FromSeconds(seconds) : null;

    private static void Check(OptionResult result, bool isRight, string otherwise)
    {
        if (!isRight) result.AddError(otherwise);
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
