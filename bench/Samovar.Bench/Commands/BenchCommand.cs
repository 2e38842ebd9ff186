using System.CommandLine;
using System.CommandLine.Help;

namespace Samovar.Bench.Commands;

/// <summary>The command line of the benchmarks: <c>samovar bench WORKLOAD</c>.</summary>
internal static class BenchCommand
{
    private const int HelpColumns = 110;

    public static Command Create()
    {
        var bench = new Command("bench", "Samovar's benchmarks: Markdown tables, one workload each.")
        {
            new HelpOption { Action = new HelpAction { MaxWidth = HelpColumns } }, // the launcher shows the same pages without a build
        };
        foreach (var command in EngineCommands.All().Concat(KindCommands.All()).Concat(GatewayCommands.All()).Concat(StoreCommands.All())
            .Concat(StoredTurnCommands.All()).Concat(ClusterCommands.All()).Concat(TransportCommands.All()).Concat(StoryCommands.All())
            .Concat(EdgeCommands.All()).Concat(ComparisonCommands.All()).Concat(RetentionCommands.All()).Concat(ReportCommands.All()))
            bench.Add(command);
        return bench;
    }
}
