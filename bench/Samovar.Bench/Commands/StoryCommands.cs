using System.CommandLine;
using Samovar.Bench.Links;
using Samovar.Bench.Samples;
using Samovar.Bench.Story;

namespace Samovar.Bench.Commands;

/// <summary>A long session on a bad link.</summary>
internal static class StoryCommands
{
    public static IEnumerable<Command> All() => [Airplane()];

    /// <summary>How links are made.</summary>
    public static Option<LinkMethod> Method()
    {
        var option = new Option<LinkMethod>("--link-method")
        {
            Description = "How links are made slow: by the kernel (network namespaces, needs root), by a relay that models TCP, "
                + "or as the machine can.",
            CustomParser = result => Enum.Parse<LinkMethod>(result.Tokens[0].Value, ignoreCase: true),
            DefaultValueFactory = _ => LinkMethod.Auto,
        };
        option.AcceptOnlyFromAmong("auto", "netem", "userspace");
        return option;
    }

    private static Command Airplane()
    {
        var plan = new StoryPlan();
        var (method, turn, silence) = (Method(), Seconds("--turn-max", "Seconds after which the client gives a turn up.", plan.TurnMax),
            Seconds("--silence-max", "Seconds after which it takes an answer that has stopped for lost.", plan.SilenceMax));
        var folder = new Option<string?>("--run")
        {
            Description = "Folder of the run; what was measured there is not measured again. [artifacts/runs/airplane-story]",
            HelpName = "DIR",
        };
        var command = new Command("airplane-story",
            "A long agent session in an airplane: which turn times out, and what a cut in the middle of an answer costs.")
            { method, turn, silence, folder };
        command.SetAction((parsed, stop) => RunAsync(plan with
        {
            TurnMax = TimeSpan.FromSeconds(parsed.GetValue(turn)), SilenceMax = TimeSpan.FromSeconds(parsed.GetValue(silence)),
        }, parsed.GetValue(method), parsed.GetValue(folder) ?? TransportCommands.Artifact("runs", "airplane-story"), stop));
        return command;
    }

    private static async Task RunAsync(StoryPlan plan, LinkMethod method, string folder, CancellationToken stop)
    {
        var run = RunFolder.Open(folder, RunFacts.Here("./samovar bench airplane-story", TimeProvider.System));
        await new StoryWorkload(plan, run, method).RunAsync(stop);
        StoryTables.Write(plan, run.Samples());
        Console.WriteLine($"\nLink: {run.Facts.LinkMethod}.");
    }

    private static Option<double> Seconds(string name, string description, TimeSpan otherwise) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise.TotalSeconds };
}
