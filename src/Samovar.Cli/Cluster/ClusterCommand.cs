using System.CommandLine;
using System.Text.Json;
using Samovar.Cli.Agents;
using Samovar.Cli.Top;
using Samovar.Escaping;
using Samovar.Server.Monitoring.Status;

namespace Samovar.Cli.Cluster;

/// <summary><c>samovar cluster</c>: the nodes that share a database, as one of them sees them.</summary>
internal static class ClusterCommand
{
    private const string Alone = "stands alone: it is no node of a cluster, or the key is no operator's.";

    public static Command Create() => new("cluster", "Show the nodes that share a database.") { Status() };

    private static Command Status()
    {
        var server = new ServerChoice("An operator's key.");
        var json = new Option<bool>("--json") { Description = "Print it as JSON." };
        var command = new Command("status", "Show each node, what it does, and what went between it and the others.") { json };
        server.AddTo(command);
        command.SetAction(async (parsed, userGone) =>
        {
            using var client = server.Open(parsed, static (address, key) => new StatusClient(address, key));
            return await PrintAsync(client, parsed.GetValue(json), Console.Out, Console.Error, userGone);
        });
        return command;
    }

    /// <returns>0 well, 1 it could not be had.</returns>
    internal static async Task<int> PrintAsync(
        StatusClient client, bool isJson, TextWriter output, TextWriter error, CancellationToken userGone)
    {
        var (report, trouble) = await client.AskAsync(userGone);
        if (report is null) return Complaint.Fail(error, trouble!);
        if (report.Cluster is not { } cluster) return Complaint.Fail(error, $"{client.Server} {Alone}");
        if (isJson) await output.WriteLineAsync(JsonSerializer.Serialize(cluster, StatusJson.Default.ClusterStatus));
        else foreach (var line in ClusterText.Lines(cluster)) await output.WriteLineAsync(ForeignText.OneLine(line));
        return 0;
    }
}
