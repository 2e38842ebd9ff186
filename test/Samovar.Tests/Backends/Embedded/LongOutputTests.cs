using System.Text.Json;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Protocol.Json;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Outputs that repeat what opens calls are read in time that grows as they do, and nothing of them is lost.</summary>
public sealed class LongOutputTests
{
    private const int Times = 20_000;
    private const Dialect LlamaCalls = Dialect.Llama;

    public static TheoryData<string> Families =>
        new(DialectFixtures.Turns.EnumerateArray().Select(turn => turn.GetProperty("name").GetString()!));

    [Theory, MemberData(nameof(Families))]
    public void OpeningsWithoutCalls_AreText(string name)
    {
        var dialect = Of(name);
        foreach (var format in dialect.Formats.Where(format => format.Trigger.Length > 0))
        {
            var written = "a" + string.Concat(Enumerable.Repeat(format.Open + format.CallOpen, Times)) + " b";
            Assert.Equal("text: " + written, Read(dialect, written));
        }
    }

    [Fact]
    public void ObjectsThatNameNothing_AreText()
    {
        var dialect = DialectFixtures.Family(DialectFixtures.Named(DialectFixtures.Turns, "control"));
        var written = "a" + string.Concat(Enumerable.Repeat("<tool_call>{\"arguments\": [\n", Times)) + "!";
        Assert.Equal("text: " + written, Read(new Talk(dialect).Backend.Model.Writes, written));
    }

    [Fact]
    public void LinesOfAnObjectThatNamesNothing_AreText()
    {
        var lines = string.Concat(Enumerable.Repeat("{\"parameters\": {\n", 100))
            + string.Concat(Enumerable.Repeat("\"a\": 1,\n", Times));
        Assert.Equal("text: " + lines + "!", Read(FixedDialects.Of(LlamaCalls), lines + "!"));
    }

    [Fact]
    public void KeyThatIsWrittenAgainAndAgain_HasANameEachTime_AndEachIsShort()
    {
        const int Keys = 5000;
        var written = "<tool_call>\n<function=lookup>\n"
            + string.Concat(Enumerable.Repeat("<parameter=q>\nx\n</parameter>\n", Keys)) + "</function>\n</tool_call>";
        var read = Read(Of("xml-function"), written);
        var arguments = JsonDocument.Parse(read["call lookup: ".Length..]).RootElement;
        var keys = arguments.EnumerateObject().Select(pair => pair.Name).ToList();
        Assert.Equal(Keys, keys.Distinct(StringComparer.Ordinal).Count());
        Assert.True(keys.Max(key => key.Length) < 10);
    }

    [Theory]
    [InlineData("{\"$ref\":\"#/$defs/A\"}")]
    [InlineData("{\"$ref\":\"#/$defs/A\"},{\"$ref\":\"#/%24defs/A\"}")]
    [InlineData("{\"anyOf\":[{\"$ref\":\"#/$defs/A\"},{\"$ref\":\"#\"},{\"$ref\":\"#/properties/a\"}]}")]
    public void SchemaWhoseReferencesComeRound_IsReadOnce(string branch)
    {
        const string Shape = """
            {
              "type": "object", "properties": {"a": {"$ref": "#/$defs/A"}},
              "$defs": {"A": {"anyOf": [BRANCHES, {"type": "null"}, {"type": "string"}]}}
            }
            """;
        var branches = string.Join(',', Enumerable.Repeat(branch, 30));
        var types = new ArgumentTypes(RawJson.Of(Shape.Replace("BRANCHES", branches, StringComparison.Ordinal)));
        Assert.False(types.IsText("a"));
        Assert.Equal("null", types.ToJson("a", "null", _ => null));
        Assert.Equal("\"7\"", types.ToJson("a", "7", _ => null));
    }

    [Fact]
    public void SchemaOfTooManyBranches_AdmitsAnything()
    {
        var branches = string.Join(',', Enumerable.Repeat("{\"type\":\"string\"}", 2000));
        var types = new ArgumentTypes(RawJson.Of($"{{\"properties\":{{\"a\":{{\"anyOf\":[{branches}]}}}}}}"));
        Assert.Equal("7", types.ToJson("a", "7", _ => null));
    }

    private static ModelDialect Of(string name) =>
        new Talk(DialectFixtures.Family(DialectFixtures.Named(DialectFixtures.Turns, name))).Backend.Model.Writes;

    private static string Read(ModelDialect dialect, string written) =>
        DialectFixtures.Read(dialect, "", written.Chunk(5).Select(piece => new string(piece)));
}
