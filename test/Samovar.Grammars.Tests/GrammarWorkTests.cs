using System.Globalization;
using System.Text;
using Samovar.Grammars.Rules;
using Samovar.Grammars.Schemas;
using Samovar.Testing.Grammars;

namespace Samovar.Grammars.Tests;

/// <summary>Making a grammar is bounded, whatever the schema or the pattern is.</summary>
public sealed class GrammarWorkTests
{
    private const StringComparison Ordinal = StringComparison.Ordinal;
    private const string IsObject = ", \"type\": \"object\"";

    public static TheoryData<string, string> HostileSchemas() => new()
    {
        { "references that double", Doubling("""{"allOf": [NEXT, NEXT]}""") },
        { "properties that double", Doubling("""{"type": "object", "properties": {"a": NEXT, "b": NEXT}}""", IsObject) },
        { "branches that double", Doubling("""{"anyOf": [NEXT, NEXT]}""", IsObject) },
        { "two long enums", """{"allOf": [{"enum": [ALL]}, {"enum": [ALL]}]}""".Replace("ALL", Numbers(20_000), Ordinal) },
        { "a name without an end", """{"properties": {"NAME": {}}, "additionalProperties": {}}""".Replace("NAME", Long('n'), Ordinal) },
        { "one reference in many spellings", """{"abcdefghijkl": SCHEMA, "anyOf": [REFS]}""".Replace("SCHEMA", Properties(1000), Ordinal)
            .Replace("REFS", string.Join(',', Enumerable.Range(0, 4096).Select(at => "{\"$ref\": \"#/" + Spelled(at) + "\"}")), Ordinal) },
        { "a schema in a schema", Nested("""{"items": """, "true", "}", 5000) },
        { "a count beyond all", """{"type": "string", "minLength": 2000000000}""" },
        { "names that are long", """{"$ref": "x", "$defs": {"NAME": [ALL]}}""".Replace("NAME", Long('n'), Ordinal)
            .Replace("ALL", Numbers(5000), Ordinal) },
        { "a long pattern", """{"type": "string", "pattern": "LONG"}""".Replace("LONG", Long('a'), Ordinal) },
    };

    public static TheoryData<string> OddPatterns() => new()
    {
        "(a?){300}a{300}",
        "((a|b|c|d)*x?){50}",
        "((a{1000}){1000}){1000}",
        "((((((((a?){99}){99}){99}){99}){99}){99}){99}){99}",
        "[a-z]{1,5000}",
        $"[{string.Concat(Enumerable.Range(0, 20_000).Select(at => (char)(0x4E00 + at)))}]*",
        string.Join('|', Enumerable.Range(0, 5000)),
        $"({string.Join('|', Enumerable.Range(1, 999).Select(n => $"a{{{n}}}"))}){{999}}",
        string.Concat(Enumerable.Repeat("(a|b?c)+", 5000)),
    };

    [Theory]
    [MemberData(nameof(HostileSchemas))]
    public void HostileSchema_IsRefused_WithItsPlace(string name, string schema)
    {
        var (path, reason) = Fault(Compile(schema, GrammarLimits.Default));
        Assert.StartsWith("text.format.schema", path, Ordinal);
        Assert.True(path.Length + reason.Length < 2000, name);
    }

    /// <summary>What is left free has no end of its own: a schema that need not be followed costs no more than others.</summary>
    [Theory]
    [MemberData(nameof(HostileSchemas))]
    public void HostileSchema_IsBounded_WhereItIsNotStrict(string name, string schema)
    {
        var rules = new GrammarRules(GrammarLimits.Default);
        var result = JsonSchemaGrammar.Guard("text.format.schema", () => new GrammarResult.Compiled(
            rules.Build(JsonSchemaGrammar.Write(rules, Encoding.UTF8.GetBytes(schema), "text.format.schema", isLoose: true))));
        Assert.False(result is GrammarResult.Unsupported, name);
        if (result is GrammarResult.Compiled compiled) GbnfGrammar.Parse(compiled.Grammar.ToString());
    }

    [Theory]
    [MemberData(nameof(OddPatterns))]
    public void Pattern_BecomesAGrammar_OfItsOwnSize(string pattern)
    {
        var rules = new GrammarRules(GrammarLimits.Default);
        var text = rules.Build(new PatternGrammar(rules, PatternGrammar.Whole(pattern), "tools[0].format.definition").Write()).ToString();
        Assert.InRange(text.Length, 1, 2000 + 40 * pattern.Length);
    }

    [Fact]
    public void Steps_GrowWithTheSchema_AndNoFaster()
    {
        // What a hundred properties take, a thousand take ten times: nothing in between looks at each with each.
        var (few, many) = (Properties(100), Properties(1000));
        Assert.IsType<GrammarResult.Compiled>(Compile(few, new GrammarLimits { StepsMax = 40_000 }));
        Assert.IsType<GrammarResult.Compiled>(Compile(many, new GrammarLimits { StepsMax = 440_000 }));
        Assert.IsType<GrammarResult.Invalid>(Compile(many, new GrammarLimits { StepsMax = 40_000 }));
    }

    [Fact]
    public void Schema_IsGivenUp_WithItsTurn()
    {
        var rules = new GrammarRules(GrammarLimits.Default, new CancellationToken(true));
        Assert.ThrowsAny<OperationCanceledException>(() => JsonSchemaGrammar.Guard("tools", () =>
            new GrammarResult.Compiled(rules.Build(JsonSchemaGrammar.Write(rules, Encoding.UTF8.GetBytes(Properties(10)), "tools")))));
    }

    [Theory]
    [InlineData("tools[0].format.definition", "a{3000000}")]
    [InlineData("tools[0].format.definition", "(?=a)b")]
    public void Pattern_IsRefused_WithItsField(string param, string pattern)
    {
        var tool = new ToolSignature("shell", ReadOnlyMemory<byte>.Empty, IsStrict: true, pattern);
        var result = ToolCallGrammar.Compile(
            [tool], ToolCallSyntax.Hermes, new ToolCallDemand(AllowsText: false, NeedsCall: true, 1), "tools", GrammarLimits.Default);
        Assert.Equal(param, Fault(result).Path);
    }

    private static (string Path, string Reason) Fault(GrammarResult result) => result is GrammarResult.Invalid invalid
        ? (invalid.Path, invalid.Reason) : (((GrammarResult.Unsupported)result).Path, ((GrammarResult.Unsupported)result).Keyword);

    private static GrammarResult Compile(string schema, GrammarLimits limits) =>
        JsonSchemaGrammar.Compile(Encoding.UTF8.GetBytes(schema), "text.format.schema", limits);

    private static string Properties(int count)
    {
        var names = Enumerable.Range(0, count).Select(at => FormattableString.Invariant($"\"p{at:D4}\"")).ToList();
        return """{"type": "object", "properties": {ALL}, "required": [NAMES]}"""
            .Replace("ALL", string.Join(',', names.Select(name => name + ": {\"type\": \"null\"}")), Ordinal)
            .Replace("NAMES", string.Join(',', names), Ordinal);
    }

    /// <summary>Definitions of which each names the next one twice.</summary>
    private static string Doubling(string shape, string beside = "")
    {
        const int Times = 40;
        var definitions = Enumerable.Range(0, Times).Select(at => $"\"d{at}\": "
            + shape.Replace("NEXT", "{\"$ref\": \"#/$defs/d" + (at + 1) + "\"" + beside + "}", Ordinal));
        return """{"$ref": "#/$defs/d0", "$defs": {ALL, "d40": {"type": "object"}}}"""
            .Replace("ALL", string.Join(',', definitions), Ordinal);
    }

    private static string Spelled(int spelling) => string.Concat("abcdefghijkl".Select((letter, at) =>
        (spelling >> at & 1) == 0 ? letter.ToString() : string.Create(CultureInfo.InvariantCulture, $"%{(int)letter:X2}")));

    private static string Long(char one) => new(one, 200_000);

    private static string Numbers(int count) =>
        string.Join(',', Enumerable.Range(0, count).Select(one => one.ToString(CultureInfo.InvariantCulture)));

    private static string Nested(string open, string inner, string close, int times) =>
        string.Concat(Enumerable.Repeat(open, times)) + inner + string.Concat(Enumerable.Repeat(close, times));
}
