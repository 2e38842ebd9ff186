using System.Globalization;
using Samovar.Cli.Top;
using Samovar.Server.Monitoring.Status;

namespace Samovar.Cli.Cluster;

/// <summary>A cluster as lines of text.</summary>
internal static class ClusterText
{
    private const string Gap = "  ", Unknown = "-";

    public static IEnumerable<string> Lines(ClusterStatus cluster)
    {
        string[][] rows =
        [
            ["", "node", "state", "for", "address", "chains", "running", "waiting", "relayed", "version"],
            .. cluster.Nodes.Select(Row),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToList();
        foreach (var row in rows)
            yield return string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd();
        yield return "";
        yield return Between(cluster);
    }

    /// <summary>What went between the node that was asked and the others.</summary>
    public static string Between(ClusterStatus cluster)
    {
        var taken = cluster.Takeovers.Count == 0 ? "no chain taken over"
            : "chains taken over: " + string.Join(", ", cluster.Takeovers.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => $"{Figures.Plain(pair.Key)} {Figures.Count(pair.Value)}"));
        return $"turns relayed: {Figures.Count(cluster.RelayedOut)} out, {Figures.Count(cluster.RelayedIn)} in; {taken}";
    }

    private static string[] Row(NodeStatus node) =>
    [
        node.Self ? "*" : "", Figures.Plain(node.Name), node.State, Figures.Age(node.StateSeconds), Figures.Plain(node.Address),
        Count(node.Chains), Count(node.Running), Count(node.Waiting), Count(node.Relayed),
        node.Version is { Length: > 0 } version ? Figures.Plain(version.Split('+')[0]) : Unknown,
    ];

    private static string Count(long? number) => number is { } known ? Figures.Count(known) : Unknown;
}
