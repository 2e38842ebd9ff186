using System.Text.RegularExpressions;

namespace Samovar.Tests.Tidy;

/// <summary>Holds the house's floors: a folder uses floors below its own, never a neighbour, never one above.</summary>
public sealed partial class FloorTests
{
    /// <summary>Namespace → floor, the longest matching name counts. Parts of one room share its first name.</summary>
    private static readonly Dictionary<string, int> Floors = new(StringComparer.Ordinal)
    {
        ["Samovar.Cli"] = 100,
        ["Samovar.Server"] = 90,
        ["Samovar.Sessions"] = 80,
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
        ["Samovar.Backends"] = 50,
        ["Samovar.Context"] = 40,
        ["Samovar.Cluster"] = 40,
        ["Samovar.Chains"] = 30,
        ["Samovar.Accounting"] = 30,
        ["Samovar.Templates"] = 22,
        ["Samovar.Grammars"] = 22,
        ["Samovar.Grammars.Schemas"] = 21,
        ["Samovar.Grammars.Rules"] = 20,
        ["Samovar.Engine"] = 20,
        ["Samovar.Budgets"] = 20,
        ["Samovar.Disks"] = 20,
        ["Samovar.Protocol"] = 10,
        ["Samovar.Metering"] = 10,
        ["Samovar.Scheduling"] = 10,
        ["Samovar.Escaping"] = 0,
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
    public void EveryFolder_HasAFloor()
    {
        var faults = SourceTree.Files
            .Where(file => file.Name.StartsWith("src/Samovar/", StringComparison.Ordinal)).Select(NamespaceOf)
            .Where(name => name is not null && Room(name) is null).Distinct(StringComparer.Ordinal);
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
