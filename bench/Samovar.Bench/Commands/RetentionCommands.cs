using System.CommandLine;
using System.Globalization;
using Samovar.Bench.Workloads.Retention;
using Samovar.Engine.Retention;
using Samovar.Testing.Models;

namespace Samovar.Bench.Commands;

/// <summary>Workloads of what memory keeps.</summary>
internal static class RetentionCommands
{
    private const int SecondsMax = 7 * 24 * 3600;
    private static readonly int[] CalibratedLengths = [512, 1024, 2048, 4096];

    private static readonly Option<string> Trace = new("--trace") { Description = "The folder of recorded sessions.", Required = true };

    private static readonly Option<int> Sessions = new("--sessions")
    {
        Description = "Sessions drawn from the recorded ones' shapes and pauses; 0 plays each recorded one once.",
        DefaultValueFactory = _ => 0,
    };

    private static readonly Option<double> AtOnce = new("--at-once")
    {
        Description = "Sessions that have begun and not ended, on average.", DefaultValueFactory = _ => 40,
    };

    private static readonly Option<double[]> Pauses = new("--pauses-max")
    {
        Description = "Longest pause of a client in seconds, a table for each; 0: as recorded.", AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [0, 10],
    };

    private static readonly Option<double[]> Percents = new("--memory")
    {
        Description = "Memory in per cent of the live tokens.", AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [10, 25, 50, 100],
    };

    private static readonly Option<int> Seeds = new("--seeds")
    {
        Description = "Replays that differ in who comes when.", DefaultValueFactory = _ => 5,
    };

    private static readonly Option<bool> Cross = new("--cross")
    {
        Description = "Judges by one half of the sessions, with policies that have learned from the other half beside those that have not.",
    };

    private static readonly Option<string[]> Cost = new("--cost")
    {
        Description = "Measured seconds of prompts by their tokens, as 4096=7.8; default: a model of 100M parameters on two cores.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> Calibrate = new("--calibrate")
    {
        Description = "Measures these seconds first, in the engine with a random model of 15M parameters or --model.",
    };

    private static readonly Option<string?> Model = new("--model") { Description = "GGUF to measure." };

    private static readonly Option<int> Smaller = new("--smaller")
    {
        Description = "Tokens of a recorded session that become one.", DefaultValueFactory = _ => 256,
    };

    private static readonly Option<int> FirstSessions = new("--sessions")
    {
        Description = "Recorded sessions that are played; 0: all of them.", DefaultValueFactory = _ => 0,
    };

    public static IEnumerable<Command> All() => [Retention(), OnTheEngine()];

    private static Command OnTheEngine()
    {
        AtLeast(Smaller, 1, 1_000_000);
        AtLeast(FirstSessions, 0, 1_000_000);
        var command = new Command("retention-engine", "The same sessions, made small, through the simulator of retention and the engine.")
            { Trace, FirstSessions, AtOnce, Pauses, Percents, Seeds, Smaller, Model };
        command.SetAction((parsed, _) => new EngineRetentionWorkload(
            new RetentionPlan(parsed.GetValue(Trace)!, parsed.GetValue(FirstSessions), parsed.GetValue(AtOnce),
                [.. parsed.GetValue(Pauses)!.Select(TimeSpan.FromSeconds)], parsed.GetValue(Percents)!, parsed.GetValue(Seeds),
                PrefillCost.Measured),
            parsed.GetValue(Model) ?? EngineCommands.RandomModelOf(RandomModelSize.Tiny), parsed.GetValue(Smaller)).RunAsync());
        return command;
    }

    private static Command Retention()
    {
        AtLeast(Sessions, 0, 1_000_000);
        AtLeast(Seeds, 1, 1000);
        Within(AtOnce, 0.1, 100_000);
        Within(Pauses, 0, SecondsMax);
        Within(Percents, 0, 1000);
        Cost.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
                if (Pair(token.Value) is null) result.AddError($"--cost: '{token.Value}' is not TOKENS=SECONDS, both above 0.");
        });
        var command = new Command("retention", "What is computed again because memory gave it up: policies, and those who know the future.")
            { Trace, Sessions, AtOnce, Pauses, Percents, Seeds, Cross, Cost, Calibrate, Model };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Cross) && result.GetValue(Sessions) > 0) result.AddError("--cross plays each recorded session once.");
        });
        command.SetAction(async (parsed, _) => new RetentionWorkload(new RetentionPlan(parsed.GetValue(Trace)!, parsed.GetValue(Sessions),
            parsed.GetValue(AtOnce), [.. parsed.GetValue(Pauses)!.Select(TimeSpan.FromSeconds)], parsed.GetValue(Percents)!,
            parsed.GetValue(Seeds), await CostAsync(parsed)) { Crosses = parsed.GetValue(Cross) }).Run());
        return command;
    }

    private static async Task<PrefillCost> CostAsync(ParseResult parsed) =>
        parsed.GetValue(Calibrate) || parsed.GetValue(Model) is not null
            ? await PrefillCalibration.MeasureAsync(
                parsed.GetValue(Model) ?? EngineCommands.RandomModelOf(RandomModelSize.M15), CalibratedLengths)
        : parsed.GetValue(Cost) is { Length: > 0 } given ? PrefillCost.Fit([.. given.Select(pair => Pair(pair)!.Value)])
        : PrefillCost.Measured;

    private static (double Tokens, double Seconds)? Pair(string text) =>
        text.Split('=') is [var left, var right] && Number(left) is { } tokens && Number(right) is { } seconds ? (tokens, seconds) : null;

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0 and < 1e9 ? value : null;

    private static void AtLeast(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
            result.AddError($"{option.Name} is from {least} to {most}.");
    });

    private static void Within(Option<double> option, double least, double most) => option.Validators.Add(result =>
    {
        if (!(result.GetValueOrDefault<double>() is var value && value >= least && value <= most))
            result.AddError($"{option.Name} is from {least} to {most}.");
    });

    private static void Within(Option<double[]> option, double least, double most) => option.Validators.Add(result =>
    {
        foreach (var value in result.GetValueOrDefault<double[]>() ?? [])
            if (!(value >= least && value <= most)) result.AddError($"{option.Name} is from {least} to {most}.");
    });
}
