using System.Text.Json;
using Samovar.Testing.Grammars;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>A call that must be made is written as its family writes calls, with arguments of the schema.</summary>
public sealed class FamilyGrammarTests
{
    public static readonly object[] Tools =
    [
        Strict("get_weather", new { city = new { type = "string" }, days = new { type = "integer" } }),
        Strict("lookup", new { q = new { type = "string" } }),
    ];

    /// <summary>Families with calls, but for those whose calls the dialect of channels writes in one of two ways.</summary>
    public static TheoryData<string> Families => new(DialectFixtures.All.GetProperty("families").EnumerateArray()
        .Where(family => family.GetProperty("outputs").TryGetProperty("call", out _))
        .Select(family => family.GetProperty("name").GetString()!)
        .Where(name => !name.StartsWith("gpt-oss", StringComparison.Ordinal) && name != "Llama-3 (no tools)")); // that one is shown how

    [Theory, MemberData(nameof(Families))]
    public async Task RequiredCall_IsHeldToTheFamilysForm_AndTheSchema(string name)
    {
        var family = DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name);
        var talk = new Talk(DialectFixtures.Family(family));
        await talk.AskAsync(null, new { input = "x", tools = Tools, tool_choice = "required" });
        var grammar = GbnfGrammar.Parse(talk.Engine.Turns[^1].Sampling.Grammar!);
        var written = Outputs(family).Where(text => GbnfMatcher.Accepts(grammar, text)).ToList();
        Assert.True(written.Count > 0, $"{talk.Engine.Turns[^1].Sampling.Grammar}\n{string.Join("\n---\n", Outputs(family))}");
        foreach (var text in written)
        {
            Assert.False(GbnfMatcher.Accepts(grammar, text.Replace("get_weather", "get_climate", StringComparison.Ordinal)));
            if (text.Contains('3')) Assert.False(GbnfMatcher.Accepts(grammar, text.Replace("3", "three", StringComparison.Ordinal)), text);
            Assert.False(GbnfMatcher.Accepts(grammar, text.Replace("city", "town", StringComparison.Ordinal)));
        }
        Assert.False(GbnfMatcher.Accepts(grammar, "Hello."));
    }

    [Theory, MemberData(nameof(Families))]
    public async Task StrictTools_BindFromTheFirstSignOfACall(string name)
    {
        var family = DialectFixtures.Named(DialectFixtures.All.GetProperty("families"), name);
        var talk = new Talk(DialectFixtures.Family(family));
        await talk.AskAsync(null, new { input = "x", tools = Tools });
        var sampling = talk.Engine.Turns[^1].Sampling;
        var grammar = GbnfGrammar.Parse(sampling.Grammar!);
        Assert.NotEmpty(sampling.GrammarTriggers.Texts);
        Assert.All(sampling.GrammarTriggers.Texts, trigger => Assert.True(trigger.Length > 2, $"'{trigger}' is no sign of a call"));
        var bound = Outputs(family).SelectMany(text => sampling.GrammarTriggers.Texts
            .Select(trigger => text.IndexOf(trigger, StringComparison.Ordinal)).Where(at => at >= 0).Select(at => text[at..])).ToList();
        Assert.True(bound.Exists(text => GbnfMatcher.Accepts(grammar, text)),
            $"{string.Join(" or ", sampling.GrammarTriggers.Texts)}\n{sampling.Grammar}\n{string.Join("\n---\n", bound)}");
    }

    private static IEnumerable<string> Outputs(JsonElement family)
    {
        foreach (var output in family.GetProperty("outputs").EnumerateObject())
            if (output.Name is "call" or "thought_call")
                yield return output.Value.GetString()!.Trim().Replace("abc123", "abc123def", StringComparison.Ordinal)
                    .Replace(", \"id\": \"abcdefg12\"", "", StringComparison.Ordinal);
    }

    private static object Strict(string name, object properties) => new
    {
        type = "function", name, strict = true,
        parameters = new
        {
            type = "object", properties, additionalProperties = false,
            required = properties.GetType().GetProperties().Select(property => property.Name).ToArray(),
        },
    };
}
