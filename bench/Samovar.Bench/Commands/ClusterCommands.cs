using System.CommandLine;
using Samovar.Bench.Workloads.Cluster;

namespace Samovar.Bench.Commands;

/// <summary>Workloads of several nodes that share a database.</summary>
internal static class ClusterCommands
{
    public static IEnumerable<Command> All() => [Cluster()];

    private static Command Cluster()
    {
        var parts = new Option<string[]>("--parts")
        {
            Description = "What is measured. [all]", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. ClusterWorkload.Parts.Keys],
        };
        parts.AcceptOnlyFromAmong([.. ClusterWorkload.Parts.Keys]);
        var rounds = Number("--rounds", "Measurements of each kind; medians count.", 3);
        var turns = Number("--turns", "Turns of each round, at the owner and at another node each.", 200);
        var clients = Number("--clients", "Clients that ask at once, where many do.", 24);
        var seconds = Number("--seconds", "Length of a measurement of turns a second, and of an idle server.", 5);
        var chains = Number("--chains", "Stored chains that lie idle.", 100_000);
        var command = new Command("cluster",
            "Nodes on one PostgreSQL: turns at their owner and elsewhere, nodes that die, what a node costs, turns/s, idle chains.")
            { parts, rounds, turns, clients, seconds, chains };
        command.SetAction((parsed, stop) => new ClusterWorkload(new ClusterPlan(parsed.GetValue(parts)!, parsed.GetValue(rounds),
            parsed.GetValue(turns), parsed.GetValue(clients), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(chains)))
            .RunAsync(stop));
        return command;
    }

    private static Option<int> Number(string name, string description, int otherwise)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError($"{name} is a number above 0.");
        });
        return option;
    }
}
