using System.Text.RegularExpressions;

namespace Samovar.Tests.Tidy;

/// <summary>Holds the house's floors: a folder uses floors below its own, never a neighbour, never one above.</summary>
public sealed partial class FloorTests
{
    /// <summary>Rooms whose folders still stand on one floor. Nothing is added here.</summary>
    private static readonly string[] Undivided = ["Samovar.Gateway.Drivers", "Samovar.Gateway.Wire"];

    /// <summary>Namespace → floor, the longest matching name counts. Parts of one room share its first name.</summary>
    private static readonly Dictionary<string, int> Floors = new(StringComparer.Ordinal)
    {
        ["Samovar.Cli"] = 106,
        ["Samovar.Cli.Commands"] = 105,
        ["Samovar.Cli.Connect"] = 104,
        ["Samovar.Cli.Connect.Checks"] = 103,
        ["Samovar.Cli.Connect.Setups"] = 102,
        ["Samovar.Cli.Connect.Edits"] = 101,
        ["Samovar.Cli.Cluster"] = 102,
        ["Samovar.Cli.Edge"] = 101,
        ["Samovar.Cli.Models"] = 101,
        ["Samovar.Cli.Top"] = 101,
        ["Samovar.Cli.Traces"] = 101,
        ["Samovar.Cli.Prefixes"] = 101,
        ["Samovar.Cli.Pull"] = 101,
        ["Samovar.Cli.Agents"] = 100,
        ["Samovar.Client.Chat"] = 28,
        ["Samovar.Client"] = 27, // the client's side: on Protocol alone
        ["Samovar.Client.Turns"] = 26,
        ["Samovar.Client.Transports"] = 25,
        ["Samovar.Client.History"] = 24,
        ["Samovar.Client.Requests"] = 23,
        ["Samovar.Client.Events"] = 22,
        ["Samovar.Client.Errors"] = 21,
        ["Samovar.Client.Settings"] = 20,
        ["Samovar.Server.Hosting"] = 90,
        ["Samovar.Server.Settings"] = 81,
        ["Samovar.Server.Page"] = 87,
        ["Samovar.Server.Monitoring.Status"] = 86,
        ["Samovar.Server.Monitoring.Traces"] = 86,
        ["Samovar.Server.Cluster"] = 85, // what other nodes ask for
        ["Samovar.Server.Http"] = 84,
        ["Samovar.Server.WebSockets"] = 84,
        ["Samovar.Server.Monitoring"] = 84,
        ["Samovar.Server.Peers"] = 83, // what other nodes are asked for
        ["Samovar.Server.Auth"] = 82,
        ["Samovar.Server.Tools"] = 82,
        ["Samovar.Server.Draining"] = 81,
        ["Samovar.Server.Decoding"] = 81,
        ["Samovar.Server.Preferences"] = 81,
        ["Samovar.Sessions"] = 80,
        ["Samovar.Relays"] = 76, // turns that run at other nodes, and theirs that run here
        ["Samovar.Running"] = 75, // turns that may outlive their readers
        ["Samovar.Prefixes"] = 75,
        ["Samovar.Turns"] = 70,
        ["Samovar.Gateway"] = 69,
        ["Samovar.Gateway.Choice"] = 68,
        ["Samovar.Gateway.Metrics"] = 66,
        ["Samovar.Gateway.Affinity"] = 67,
        ["Samovar.Gateway.Attempts"] = 65,
        ["Samovar.Gateway.Drivers"] = 64,
        ["Samovar.Gateway.Wire"] = 63,
        ["Samovar.Gateway.Tools"] = 62,
        ["Samovar.Gateway.Destinations"] = 61,
        ["Samovar.Gateway.Faults"] = 61,
        ["Samovar.Gateway.Json"] = 60,
        ["Samovar.Tools"] = 60,
        ["Samovar.Quotas"] = 56,
        ["Samovar.Compaction"] = 59,
        ["Samovar.Backends.Models"] = 55,
        ["Samovar.Backends.Embedded"] = 54,
        ["Samovar.Backends.Embedded.Sampling"] = 53,
        ["Samovar.Backends.Embedded.Dialects"] = 52,
        ["Samovar.Backends.Embedded.Rendering"] = 51,
        ["Samovar.Backends"] = 50,
        ["Samovar.Conversations"] = 45,
        ["Samovar.Context"] = 40,
        ["Samovar.Cluster"] = 40,
        ["Samovar.Chains.Durable"] = 32,
        ["Samovar.Chains.Packing"] = 31,
        ["Samovar.Chains"] = 30,
        ["Samovar.Accounting"] = 30,
        ["Samovar.Tracing"] = 20, // how a turn went: noted by all who work on it
        ["Samovar.Templates"] = 23,
        ["Samovar.Templates.Syntax"] = 22,
        ["Samovar.Templates.Builtins"] = 21,
        ["Samovar.Templates.Values"] = 20,
        ["Samovar.Grammars.Schemas"] = 22,
        ["Samovar.Grammars.Lark"] = 21,
        ["Samovar.Grammars.Rules"] = 20,
        ["Samovar.Engine.Llama"] = 29,
        ["Samovar.Engine.Decoding"] = 28,
        ["Samovar.Engine.Disk"] = 27,
        ["Samovar.Engine.Parking"] = 26,
        ["Samovar.Engine.Sequences"] = 25,
        ["Samovar.Engine.Devices"] = 24,
        ["Samovar.Engine.Sampling"] = 24,
        ["Samovar.Engine.States"] = 24,
        ["Samovar.Engine.Grammars"] = 23,
        ["Samovar.Engine.Tokens"] = 23,
        ["Samovar.Engine.Drafting"] = 22,
        ["Samovar.Engine.Retention"] = 22,
        ["Samovar.Engine.Native"] = 22,
        ["Samovar.Engine"] = 20, // what others see of it, and all of it rests on
        ["Samovar.Stores"] = 21, // what a store keeps, and how it is asked
        ["Samovar.Storage"] = 25, // the stores themselves
        ["Samovar.Storage.Chains"] = 23,
        ["Samovar.Storage.Running"] = 23,
        ["Samovar.Storage.Conversations"] = 24,
        ["Samovar.Storage.Nodes"] = 24,
        ["Samovar.Storage.Quotas"] = 24,
        ["Samovar.Storage.Sql"] = 22,
        ["Samovar.Budgets"] = 20,
        ["Samovar.Disks"] = 20,
        ["Samovar.Protocol.Chat"] = 19,
        ["Samovar.Protocol.Messages"] = 19,
        ["Samovar.Protocol.Translation"] = 18,
        ["Samovar.Protocol.Events"] = 17,
        ["Samovar.Protocol.Frames"] = 16,
        ["Samovar.Protocol.Responses"] = 16,
        ["Samovar.Protocol.Requests"] = 15,
        ["Samovar.Protocol.Items"] = 14,
        ["Samovar.Protocol.Fields"] = 13,
        ["Samovar.Protocol.Json"] = 12,
        ["Samovar.Protocol.Errors"] = 11,
        ["Samovar.Protocol.Ids"] = 10,
        ["Samovar.Metering"] = 10,
        ["Samovar.Scheduling.Budgets"] = 9,
        ["Samovar.Scheduling.Fairness"] = 8,
        ["Samovar.Escaping"] = 0, ["Samovar.Liveness"] = 0,
        ["Samovar.Packing"] = 0,
        ["Samovar.Web"] = 0,
    };

    [Fact]
    public void Folder_UsesOnlyFloorsBelow()
    {
        var faults =
            from file in SourceTree.Files
            where file.Name.StartsWith("src/", StringComparison.Ordinal)
            let own = Room(NamespaceOf(file))
            where own is not null
            from line in file.Lines
            let used = Room(Using().Match(line) is { Success: true } match ? match.Groups[1].Value : null)
            where used is not null && used != own && Floors[used] >= Floors[own]
            select $"{file.Name}: {own} (floor {Floors[own]}) uses {used} (floor {Floors[used]})";
        Holds(faults);
    }

    /// <summary>What a parent namespace has needs no <c>using</c>: the types show it.</summary>
    [Fact]
    public void File_NamesOnlyTypesOfFloorsBelow()
    {
        var graph = TypeGraph.Sources;
        var faults =
            from pair in graph.Uses
            let own = Room(graph.NamespaceOf(pair.Key))
            where own is not null
            from other in pair.Value
            let used = Room(graph.NamespaceOf(other))
            where used is not null && used != own && Floors[used] >= Floors[own]
            select $"{pair.Key.Name} (floor {Floors[own]}) names a type of {other.Name} (floor {Floors[used]})";
        Holds(faults);
    }

    [Fact]
    public void File_StandsInTheFolderOfItsNamespace()
    {
        var faults =
            from file in SourceTree.Files
            where file.Name.StartsWith("src/", StringComparison.Ordinal)
            let name = NamespaceOf(file)
            where name is not null
            let folder = string.Join('.', file.Name.Split('/')[1..^1])
            where name != folder
            select $"{file.Name}: namespace {name}";
        Holds(faults);
    }

    [Fact]
    public void EveryFolder_HasAFloorOfItsOwn()
    {
        var faults = SourceTree.Files
            .Where(file => file.Name.StartsWith("src/", StringComparison.Ordinal)).Select(NamespaceOf)
            .Where(name => name is not null && Room(name) != name && !Undivided.Contains(Room(name), StringComparer.Ordinal));
        Holds(faults!);
    }

    private static void Holds(IEnumerable<string> faults)
    {
        var found = faults.Distinct(StringComparer.Ordinal).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    private static string? NamespaceOf(SourceFile file) =>
        file.Lines.Select(line => Namespace().Match(line)).FirstOrDefault(match => match.Success)?.Groups[1].Value;

    private static string? Room(string? name)
    {
        for (; name is not null; name = name.LastIndexOf('.') is > 0 and var dot ? name[..dot] : null)
            if (Floors.ContainsKey(name)) return name;
        return null;
    }

    [GeneratedRegex(@"^namespace ([\w.]+);")]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^(?:global )?using (?:static )?(?:\w+ = )?(Samovar[\w.]*)")]
    private static partial Regex Using();
}
