using System.Globalization;
using Samovar.Cli.Top;
using Samovar.Server.Monitoring.Status;

namespace Samovar.Cli.Cluster;

/// <summary>A cluster as lines of text.</summary>
internal static class ClusterText
{
    private const string Gap = "  ", Unknown = "-";

    /// <param name="at">When it was like this.</param>
    public static IEnumerable<string> Lines(ClusterStatus cluster, DateTimeOffset at)
    {
        string[][] rows =
        [
            ["", "node", "state", "address", "up", "chains", "running", "waiting", "version"],
            .. cluster.Nodes.Select(node => Row(node, at)),
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

    private static string[] Row(NodeStatus node, DateTimeOffset at) =>
    [
        node.Self ? "*" : "", Figures.Plain(node.Name), node.State, Figures.Plain(node.Address),
        node.Since is { } since ? Age(at - since) : Unknown, Count(node.Chains), Count(node.Running), Count(node.Waiting),
        node.Version is { Length: > 0 } version ? Figures.Plain(version.Split('+')[0]) : Unknown,
    ];

    private static string Age(TimeSpan time) => TimeSpan.FromSeconds(Math.Max(0, Math.Floor(time.TotalSeconds)))
        .ToString("g", CultureInfo.InvariantCulture);

    private static string Count(long? number) => number is { } known ? Figures.Count(known) : Unknown;
}
