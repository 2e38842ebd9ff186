using System.Text.RegularExpressions;
using Samovar.Tests.Tidy;

namespace Samovar.Tests.Documents;

public sealed partial class ArchitecturePageTests
{
    [Theory]
    [InlineData("architecture.md", "## Where is", 20)]
    [InlineData("kv-cache.md", "# The KV cache", 20)]
    public void EveryAnswer_NamesAPlaceThatExists(string file, string start, int placesMin)
    {
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", file));
        var questions = page[page.IndexOf(start, StringComparison.Ordinal)..];
        var places = Place().Matches(questions).Select(match => match.Groups[1].Value).ToList();
        Assert.True(places.Count > placesMin);
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
