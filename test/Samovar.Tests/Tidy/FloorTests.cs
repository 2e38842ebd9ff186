using System.Text.RegularExpressions;

namespace Samovar.Tests.Tidy;

/// <summary>Holds the house's floors: a folder uses floors below its own, never a neighbour, never one above.</summary>
public sealed partial class FloorTests
{
    /// <summary>Namespace → floor, the longest matching name counts. Parts of one room share its first name.</summary>
    private static readonly Dictionary<string, int> Floors = new(StringComparer.Ordinal)
    {
        ["Samovar.Server"] = 9,
        ["Samovar.Sessions"] = 8,
        ["Samovar.Turns"] = 7,
        ["Samovar.Routing"] = 6,
        ["Samovar.Backends"] = 5,
        ["Samovar.Context"] = 4,
        ["Samovar.Cluster"] = 4,
        ["Samovar.Chains"] = 3,
        ["Samovar.Templates"] = 3,
        ["Samovar.Grammars"] = 3,
        ["Samovar.Accounting"] = 3,
        ["Samovar.Protocol"] = 1,
        ["Samovar.Engine"] = 2,
        ["Samovar.Budgets"] = 2,
        ["Samovar.Metering"] = 1,
        ["Samovar.Scheduling"] = 1,
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
