using System.Text;
using System.Text.Json;
using Samovar.Grammars.Lark;
using Samovar.Grammars.Rules;
using Samovar.Grammars.Schemas;
using Samovar.Testing.Grammars;

namespace Samovar.Grammars.Tests;

public sealed class LarkGrammarTests
{
    private const string Param = "tools[0].format.definition";

    [Fact]
    public void ThousandPatches_HaveNoSyntaxError()
    {
        var run = new GrammarRun(Gbnf(PatchReader.Grammar));
        var random = new Random(7);
        var (read, faults) = (0, new List<string>());
        for (var patch = 0; patch < 1000; patch++)
        {
            if (Sample(run, random) is not { } json) continue;
            read++;
            var text = JsonSerializer.Deserialize<string>("\"" + json + "\"")!;
            if (PatchReader.FaultOf(text) is { } fault) faults.Add($"{fault}: {JsonSerializer.Serialize(text)}");
        }
        Assert.Equal((1000, ""), (read, string.Join('\n', faults)));
    }

    /// <summary>A model that says anything: any byte that is admitted, line ends more often, and after a while nothing else.</summary>
    private static string? Sample(GrammarRun run, Random random)
    {
        const int EagerBytes = 200;
        const int BytesMax = 2000;
        var written = 0;
        byte last = 0;
        return run.Walk((next, mayEnd) =>
        {
            if (mayEnd && (written > EagerBytes || random.Next(3) == 0)) return null;
            return last = written++ > EagerBytes
                ? (last == '\\' ? "n"u8 : "\\* EndPatch"u8).ToArray().Where(next.Contains).DefaultIfEmpty(next[0]).First()
                : random.Next(4) == 0 && next.Contains((byte)'\\') ? (byte)'\\' : next[random.Next(next.Count)];
        }, BytesMax);
    }

    [Theory]
    [InlineData("start: \"a\" B+\nB: \"b\"", "ab abb", "a b aab")]
    [InlineData("start: a | b\na: \"x\"~2..3\nb: /y{2}/", "xx xxx yy", "x xxxx y")]
    [InlineData("start: [\"-\"] INT\n%import common.INT", "-12 7", "- a 1.")]
    [InlineData("start: \"select\"i NAME\nNAME.2: \"a\"..\"f\"", "SELECTa selEctf", "selecg select")]
    [InlineData("?start: sum\n?sum: sum \"+\" n | n\nn: /[0-9]+/", "1 1+2 1+2+34", "+1 1+ 1++2")]
    [InlineData("start: (A | \"(\" start \")\")+\nA: /a/i", "a A(aA) ((a))a", "( () a)")]
    [InlineData("start: x // a comment\n  | y -> other\nx: \"x\"\n# another\ny: \"y\" \"\\n\"", "x y\\n", "y \\n")]
    [InlineData("start: W W2\n%import common (WORD, CNAME)\n%import common.WORD -> W\nW2: \"-\" CNAME", "ab-c_1", "a- -a 1-a")]
    [InlineData("start: /(?P<x>a|b)c(?<y>d)?/", "ac bcd", "c acc")]
    [InlineData("start: /a.c/s", "abc a\\nc", "ac")]
    [InlineData("start: /a.c/", "abc a\\tc aéc", "a\\nc")]
    [InlineData("start: /[\\s\\S]+/", "é \\n", "")]
    [InlineData("start: _sep{1} \"a\"", null, "`{`")]
    [InlineData("start: \"\\\"q\\\" \\u00e9\"", "\\\"q\\\"\u0020é", "q")]
    public void Grammar_AdmitsWhatLarkReads(string definition, string? admitted, string refused)
    {
        if (admitted is null)
        {
            Assert.Contains("parameters", Assert.IsType<GrammarResult.Unsupported>(Compile(definition)).Keyword, StringComparison.Ordinal);
            return;
        }
        var run = new GrammarRun(Gbnf(definition));
        foreach (var text in Texts(admitted, definition)) Assert.True(run.Accepts(text), $"'{text}' is refused");
        foreach (var text in Texts(refused, definition)) Assert.False(run.Accepts(text), $"'{text}' is admitted");
    }

    [Theory]
    [InlineData("start: /a{,3}/", "|a|aa|aaa", "aaaa|a{,3}")]
    [InlineData("start: /xa{,}/", "x|xaaaa", "a")]
    [InlineData("start: /(?i)select/", "select|SELECT|SeLect", "selec")]
    [InlineData("start: /(?i:se)lect/", "select|SElect", "SELECT|seLect")]
    [InlineData("start: /a(?i:b(?-i:c)d)e/", "abcde|aBcDe", "Abcde|abCde|abcdE")]
    [InlineData("start: /(?is)a.c/", "a\\nC|ABC", "ac")]
    [InlineData("start: /(?s:a.)./", "a\\nx", "a\\n\\n")]
    [InlineData("start: /[^a]b/i", "cB|Cb", "ab|AB|Ab")]
    [InlineData("start: /[^]]+/", "a|[b", "]|a]")]
    [InlineData("start: /[]a-]+/", "]|-a]", "b|[")]
    [InlineData("start: /[]-a]+/", "]^_`a", "b|[|-")]
    [InlineData("start: \"a\" B+\nB: \"b\"\n%ignore \" \"", "ab|a b| a  b b |abb", "a|b a|a\\nb")]
    [InlineData("%import common.WS\n%ignore WS\nstart: \"let\" NAME \"=\" n\nn: /[0-9]+/\nNAME: \"a\" \"b\"",
        "letab=1|let ab = 12|\\n let\\tab=1 ", "let a b=1|let ab=1 2|")]
    [InlineData("start: sum\nsum: sum \"+\" n | n\nn: \"1\" | \"(\" sum \")\"\n%ignore / +/\n%ignore \"#\" \"!\"",
        "1 + 1+1|(1 )+ #!1", "1 1|# !1|+")]
    public void Grammar_AdmitsSpacesAndCases_AsLarkDoes(string definition, string admitted, string refused)
    {
        var run = new GrammarRun(Gbnf(definition));
        foreach (var text in admitted.Split('|')) Assert.True(run.Accepts(text), $"'{text}' is refused");
        foreach (var text in refused.Split('|')) Assert.False(run.Accepts(text), $"'{text}' is admitted");
    }

    [Theory]
    [InlineData("a: \"x\"", "'start'")]
    [InlineData("start: b", "'b' is not defined")]
    [InlineData("start: \"x\" start", "can never come to an end")]
    [InlineData("start: \"x\" a | \"y\"\na: \"y\"? b\nb: (\"z\" | \"w\"~2) a", "'a' can never come to an end")]
    [InlineData("start: \"x", "has no end")]
    [InlineData("start: \"x\" )", "is not expected")]
    [InlineData("start: \"x\"\nstart: \"y\"", "defined twice")]
    [InlineData("start: A\nA: b\nb: \"x\"", "uses the rule")]
    [InlineData("start: \"x\"~3..2", "ends before it begins")]
    [InlineData("start: \"b\"..\"a\"", "a range")]
    [InlineData("%import common.NOPE\nstart: \"x\"", "no terminal 'NOPE'")]
    [InlineData("start: \"x\"~99999999999", "too large")]
    [InlineData("start: \"x\"\n%ignore /a*/", "may not be empty")]
    [InlineData("start: \"x\"\n%ignore gap\ngap: \" \"", "only terminals")]
    [InlineData("start: \"x\"\n%ignore NOPE", "'NOPE' is not defined")]
    public void WrongGrammar_IsInvalid_WithItsReason(string definition, string reason)
    {
        var fault = Assert.IsType<GrammarResult.Invalid>(Compile(definition));
        Assert.Equal(Param, fault.Path);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("start: \"x\"\n%declare A", "%declare")]
    [InlineData("%import other.A\nstart: A", "an import")]
    [InlineData("start: /a(?=b)/", "pattern")]
    [InlineData("start: /a/x", "flags")]
    [InlineData("start: /(?x:a)/", "pattern")]
    [InlineData("start: (\"a\"?)*", "may be empty")]
    [InlineData("start: a\na: b \"x\" | \"y\"\nb: a \"z\"", "begins with itself")]
    [InlineData("start: a\na: \"q\"? a \"x\" | \"y\"", "begins with itself")]
    public void UnknownAbility_IsUnsupported_WithItsPlace(string definition, string keyword)
    {
        var fault = Assert.IsType<GrammarResult.Unsupported>(Compile(definition));
        Assert.Equal(Param, fault.Path);
        Assert.Contains(keyword, fault.Keyword, StringComparison.Ordinal);
    }

    [Fact]
    public void Grammar_IsBounded()
    {
        var deep = "start: " + new string('(', 5000) + "\"x\"" + new string(')', 5000);
        Assert.IsType<GrammarResult.Unsupported>(Compile(deep));
        var many = "start: " + string.Join(" | ", Enumerable.Range(0, 6000).Select(at => $"(\"a{at}\" \"b\"~2 | \"c\")"));
        Assert.IsType<GrammarResult.Invalid>(Compile(many));
        Assert.IsType<GrammarResult.Invalid>(Compile("start: \"x\"\n" + new string('\n', 70_000)));
        var ring = string.Concat(Enumerable.Range(0, 2000).Select(at => $"r{at}: \"x\" r{at + 1}\n")) + "r2000: \"y\"\nstart: r0";
        Assert.IsType<GrammarResult.Invalid>(Compile(ring, GrammarLimits.Default with { StepsMax = 20_000 }));
    }

    [Fact]
    public void Analysis_LooksAtEachPieceOnce_HoweverTheRulesHangTogether()
    {
        const int Rules = 3000;
        var definitions = new LarkDefinitions();
        var piece = new LarkNode.Pattern("x*", "");
        for (var at = 0; at < Rules; at++)
            definitions.TryAdd($"r{at}", new LarkNode.Sequence([piece, new LarkNode.Name($"r{at + 1}")]));
        definitions.TryAdd($"r{Rules}", piece);
        var looks = 0;
        var analysis = Analyse(new GrammarLimits { StepsMax = 200_000 }, CancellationToken.None);
        Assert.Null(analysis.BeginsWithItself());
        Assert.Null(analysis.Endless());
        Assert.True(analysis.CanBeEmpty(new LarkNode.Name("r0")));
        Assert.InRange(looks, Rules, 3 * Rules);
        Assert.Throws<SchemaFaultException>(() => Analyse(new GrammarLimits { StepsMax = 10_000 }, CancellationToken.None));
        Assert.Throws<OperationCanceledException>(() => Analyse(GrammarLimits.Default, new CancellationToken(true)));

        LarkAnalysis Analyse(GrammarLimits limits, CancellationToken givenUp) =>
            new(definitions, _ => ++looks > 0, new GrammarWork(limits, givenUp));
    }

    private static string[] Texts(string texts, string definition) => texts.Length == 0 ? []
        : definition.Contains("\\u00e9", StringComparison.Ordinal) || definition.Contains("\\S]", StringComparison.Ordinal) ? [texts]
            : texts.Split(' ');

    private static string Gbnf(string definition) => Assert.IsType<GrammarResult.Compiled>(Compile(definition)).Grammar.ToString();

    private static GrammarResult Compile(string definition, GrammarLimits? limits = null)
    {
        var rules = new GrammarRules(limits ?? GrammarLimits.Default);
        return JsonSchemaGrammar.Guard(Param, () => new GrammarResult.Compiled(rules.Build(LarkGrammar.Write(rules, definition, Param))));
    }
}
