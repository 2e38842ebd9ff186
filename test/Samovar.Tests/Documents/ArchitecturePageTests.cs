using System.Text.RegularExpressions;
using Samovar.Tests.Tidy;

namespace Samovar.Tests.Documents;

public sealed partial class ArchitecturePageTests
{
    [Fact]
    public void EveryAnswer_NamesAPlaceThatExists()
    {
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "architecture.md"));
        var questions = page[page.IndexOf("## Where is", StringComparison.Ordinal)..];
        var places = Place().Matches(questions).Select(match => match.Groups[1].Value).ToList();
        Assert.True(places.Count > 20);
        Assert.All(places, place => Assert.True(Exists(place), place));
    }

    private static bool Exists(string place)
    {
        var project = place.StartsWith("Samovar/", StringComparison.Ordinal) ? place : "Samovar." + place;
        var path = Path.Combine(SourceTree.Root, "src", project);
        return File.Exists(path + ".cs") || Directory.Exists(path);
    }

    [GeneratedRegex(@"`([A-Z]\w+/[\w/]+)`")]
    private static partial Regex Place();
}
