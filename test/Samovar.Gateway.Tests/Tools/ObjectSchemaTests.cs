using Samovar.Gateway.Tools;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tests.Tools;

/// <summary>Tools whose schema is no object's, as clients send them, are tools of an object with the same fields.</summary>
public sealed class ObjectSchemaTests
{
    private const string Empty = """{"type":"object","properties":{}}""";

    [Theory]
    [InlineData("{}", Empty)]
    [InlineData("true", Empty)]
    [InlineData("[]", Empty)]
    [InlineData("""{"type":"object"}""", """{"type":"object"}""")]
    [InlineData("""{ "properties" : {"a":{}}, "type" : "object" }""", """{ "properties" : {"a":{}}, "type" : "object" }""")]
    [InlineData("""{"properties":{"a":{}},"required":["a"]}""", """{"type":"object","properties":{"a":{}},"required":["a"]}""")]
    [InlineData("""{"properties":{"a":{}},"type":null}""", """{"type":"object","properties":{"a":{}}}""")]
    [InlineData("""{"type":["object","null"],"properties":{}}""", Empty)]
    public void Schema_SaysThatItIsAnObjects(string schema, string right)
    {
        Assert.Equal(right, ObjectSchema.Typed(RawJson.Of(schema)).ToString());
        Assert.Equal(right, ObjectSchema.Flat(RawJson.Of(schema)).ToString());
    }

    /// <summary>A schema is any client's: what would take for ever to join is what it says itself.</summary>
    [Fact]
    public void SchemaThatIsTooWide_IsNotJoined()
    {
        var names = string.Join(',', Enumerable.Range(0, 2000).Select(static at => $"\"a{at}\""));
        var ways = string.Join(',', Enumerable.Range(0, 4000)
            .Select(static at => $$$$"""{"$ref":"#/$defs/D","properties":{"p":{"const":{{{{at}}}}}}}"""));
        var schema = $$$$"""{"type":"object","properties":{"q":{}},"anyOf":[{{{{ways}}}}],"$defs":{"D":{"required":[{{{{names}}}}]}}}""";
        var flat = ObjectSchema.Flat(RawJson.Of(schema)).ToString();
        Assert.StartsWith("""{"type":"object","properties":{"q":{}},"$defs":""", flat, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"anyOf":[{"type":"object"}]}""", Empty)]
    [InlineData("""{"type":"object","properties":{"a":{},"b":{}},"anyOf":[{"required":["a"]},{"required":["b"]}]}""",
        """{"type":"object","properties":{"a":{},"b":{}}}""")]
    [InlineData("""{"oneOf":[{"properties":{"kind":{"const":"x"},"a":{}},"required":["kind","a"]},""" +
        """{"properties":{"kind":{"const":"y"},"a":{}},"required":["kind"]}],"additionalProperties":false}""",
        """{"type":"object","properties":{"kind":{"anyOf":[{"const":"x"},{"const":"y"}]},"a":{}},"required":["kind"],""" +
        "\"additionalProperties\":false}")]
    [InlineData("""{"allOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}],"required":["a"]}""",
        """{"type":"object","properties":{"a":{},"b":{}},"required":["a","b"]}""")]
    [InlineData("""{"$ref":"#/$defs/A~1b","$defs":{"A/b":{"properties":{"a":{"$ref":"#/$defs/A~1b"}}}}}""",
        """{"type":"object","properties":{"a":{"$ref":"#/$defs/A~1b"}},"$defs":{"A/b":{"properties":{"a":{"$ref":"#/$defs/A~1b"}}}}}""")]
    [InlineData("""{"anyOf":[{"$ref":"#/$defs/A"},{"$ref":"#/$defs/none"}],"$defs":{"A":{"anyOf":[{"$ref":"#/$defs/A"}]}}}""",
        """{"type":"object","properties":{},"$defs":{"A":{"anyOf":[{"$ref":"#/$defs/A"}]}}}""")]
    public void ChoiceAtTheTop_IsOneObject(string schema, string right)
    {
        Assert.Equal(right, ObjectSchema.Flat(RawJson.Of(schema)).ToString());
        Assert.Equal(right, ObjectSchema.Flat(RawJson.Of(right)).ToString());
    }
}
