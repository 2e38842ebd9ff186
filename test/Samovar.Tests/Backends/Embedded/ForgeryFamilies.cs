using System.Text.Json;
using Samovar.Testing.Engines;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>
/// Templates with the constructs of the families that people run, and the tokens that are structure in each (cases/families.json).
/// </summary>
internal static class ForgeryFamilies
{
    private const string Begin = "<|begin_of_text|>";

    private static readonly JsonElement All = JsonDocument.Parse(File.ReadAllText(
        Path.Combine(AppContext.BaseDirectory, "Backends", "Embedded", "cases", "families.json"))).RootElement;

    public static IEnumerable<string> Names => All.EnumerateArray().Select(one => one.GetProperty("name").GetString()!);

    /// <summary>A family whose tokens are of kinds as chance has it: control, user-defined, or ordinary ones that text merges to.</summary>
    public static Family Of(string name, Random random, bool hasWords)
    {
        var family = All.EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);
        var template = family.GetProperty("template").GetString()!;
        string[] spellings = [.. family.GetProperty("spellings").EnumerateArray().Select(one => one.GetString()!)];
        var end = spellings[^1]; // the last one ends a turn
        var specials = spellings.Select(text => new FakeSpecial(text, IsControl: random.Next(2) == 0, EndsTurn: text == end)).ToArray();
        for (var at = 0; at < specials.Length - 1; at++)
            if (hasWords && random.Next(4) == 0 && IsTagOf(template, spellings[at]))
                specials[at] = specials[at] with { IsControl = false, IsWord = true };
        return new Family(name, template, end, specials, spellings.Contains(Begin) ? Begin : null);
    }

    /// <summary>Whether an ordinary token of this spelling would be written by the template, and not only looked for.</summary>
    private static bool IsTagOf(string template, string spelling) =>
        spelling[0] is '<' or '[' && !spelling.Contains('|')
        && template.Replace("'</think>'", "", StringComparison.Ordinal).Contains(spelling, StringComparison.Ordinal);
}
