using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Samovar.Bench.Traces;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Commands;

/// <summary>What a command line says of sizes, and of recorded sessions.</summary>
internal sealed class TraceOptions
{
    private const double ScaleMin = 0.02, ScaleMax = 1, TraceScale = 0.1, PauseSecondsMax = 3600;
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
            + $"[1; traces {Text(TraceScale)}]",
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
        _turns.Validators.Add(result => Check(result, result.GetValueOrDefault<int?>() is null or > 0, "--trace-turns is a number above 0."));
    }

    public IEnumerable<Option> All => [_files, _scale, _pauses, _turns];

    public bool Has(ParseResult parsed) => parsed.GetValue(_files)!.Length > 0;

    public double TaskScale(ParseResult parsed) => parsed.GetValue(_scale) ?? 1;

    /// <exception cref="TraceFileException">A file is no trace.</exception>
    public IReadOnlyList<AgentTask> Tasks(ParseResult parsed)
    {
        var play = new TracePlay(parsed.GetValue(_scale) ?? TraceScale, PauseMax(parsed.GetValue(_pauses)!)!.Value,
            parsed.GetValue(_turns) ?? int.MaxValue);
        var tasks = new Dictionary<string, AgentTask>(StringComparer.Ordinal);
        foreach (var file in parsed.GetValue(_files)!)
            foreach (var task in new TraceTasks(TraceFile.Read(file, new TraceLimits()), play).All())
                if (!tasks.TryAdd(task.Name, task)) throw new TraceFileException(file, $"{task.Name} was named before.");
        return [.. tasks.Values];
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
