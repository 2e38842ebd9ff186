using System.Globalization;
using Samovar.Engine.Grammars;
using Samovar.Testing.Grammars;

namespace Samovar.Engine.Tests.Grammars;

/// <summary>What grammars cost, in counted steps: hostile ones no more than their bounds, ordinary ones next to nothing.</summary>
public sealed class GrammarCostTests
{
    private static readonly EngineOptions Options = new();

    public static TheoryData<string, string> Ordinary() => new()
    {
        { "root ::= [a-z]{1,5000}", new string('a', 5000) },
        { "root ::= a{300} b{300}\na ::= \"a\"?\nb ::= \"a\"", new string('a', 500) },
        { "root ::= part{50}\npart ::= [a-d]* \"x\"?", new string('a', 2000) },
        { "root ::= (((([a-z]{1,50}){1,50}){1,50}){1,50}){1,50}", new string('q', 3000) },
        { "root ::= \"\\\"\" ([^\"\\\\] | \"\\\\\" [\"n\\\\]){0,1999000} \"\\\"\"", "\"" + new string('é', 3000) + "\"" },
        { Values(2000), "value 1999" },
        { "root ::= \"[\" (root (\",\" root)*)? \"]\"", new string('[', 200) + new string(']', 200) },
        { "root ::= item{1000}\nitem ::= \"a\" | \"aa\" | \"aaa\"", new string('a', 1500) },
        { Texts(200), string.Concat(Enumerable.Repeat("\"abc\",", 200)) },
    };

    [Theory]
    [MemberData(nameof(Ordinary))]
    public void OrdinaryGrammar_TakesFewStepsForAByte(string gbnf, string text)
    {
        var run = new GrammarRun(gbnf);
        Assert.True(run.Accepts(text));
        Assert.InRange(run.StepsMost, 1, 12_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void HostileGrammar_IsReadWithinItsBounds_OrHasAFault(int seed)
    {
        var random = new Random(seed);
        var (samples, read, faults) = (new GrammarSamples(random), 0, 0);
        var bound = Options.GrammarStepsPerRound;
        for (var round = 0; round < 150; round++)
        {
            var gbnf = samples.Hostile();
            try
            {
                var run = new GrammarRun(gbnf, Options, seen => Assert.True(seen <= bound / 2, $"{seen} steps for a byte of {gbnf}"));
                run.Begins(string.Concat(Enumerable.Range(0, 400).Select(_ => "aaab"[random.Next(4)])));
                read++;
            }
            catch (GrammarFaultException)
            {
                faults++;
            }
        }
        Assert.True(read > 20 && faults > 5, $"too few of one kind: {read} read, {faults} with faults");
    }

    [Fact]
    public void UnionThatIsKnown_TakesAStepAllTheSame()
    {
        var (bounds, steps) = (GrammarBounds.Of(Options), 0);
        var sets = new StackSets(ProgramBuilder.Build("root ::= \"a\"", bounds, CancellationToken.None), bounds, taken => steps += taken);
        var (a, b) = (sets.Push(new StackFrame(1, 0), StackSet.Empty)!, sets.Push(new StackFrame(2, 0), StackSet.Empty)!);
        var united = sets.Union(a, b);
        steps = 0;
        Assert.Same(united, sets.Union(a, b));
        Assert.Equal(1, steps);
        Assert.Same(a, sets.Union(a, a));
        Assert.Equal(1, steps);
    }

    [Fact]
    public void CountsOfCounts_AreBoundedEach_NotInTheirNumber()
    {
        Assert.True(new GrammarRun("root ::= " + string.Concat(Enumerable.Repeat("\"a\"?? ", 300))).Accepts("aaa"));
        var fault = Assert.Throws<GrammarFaultException>(() => new GrammarRun("root ::= \"a\"" + new string('?', 20)));
        Assert.Contains("counts of counts", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("comes round", "root ::= root \"a\"")]
    [InlineData("comes round", "root ::= \"a\"? (other | \"b\")\nother ::= \"x\"* root")]
    [InlineData("no rule 'missing'", "root ::= missing")]
    [InlineData("no rule 'root'", "other ::= \"a\"")]
    [InlineData("')' is expected", "root ::= (")]
    [InlineData("does not end", "root ::= \"a")]
    [InlineData("does not end", "root ::= [a")]
    [InlineData("too deep", "root ::= ((((DEEP")]
    [InlineData("in the wrong order", "root ::= \"a\"{3,2}")]
    [InlineData("nodes", "root ::= LONG")]
    public void Grammar_IsRefused_WithAReason(string reason, string gbnf)
    {
        gbnf = gbnf.Replace("DEEP", new string('(', 100_000), StringComparison.Ordinal)
            .Replace("LONG", string.Concat(Enumerable.Repeat("[à-ÿ] ", 1000)), StringComparison.Ordinal);
        var fault = Assert.Throws<GrammarFaultException>(() => new GrammarRun(gbnf, new EngineOptions { GrammarNodesMax = 2000 }));
        Assert.Contains(reason, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_BeyondItsBound_IsNotAdmitted()
    {
        var run = new GrammarRun("root ::= \"[\" root? \"]\"", new EngineOptions { GrammarDepthMax = 16 });
        Assert.True(run.Begins(new string('[', 16)));
        Assert.False(run.Begins(new string('[', 17)));
    }

    [Fact]
    public void Memory_StartsOver_AndTheGrammarAdmitsTheSame()
    {
        var run = new GrammarRun("root ::= ([a-z]{2,90} \" \"){1,500}", new EngineOptions { GrammarLearnedBytesMax = 1 << 16 });
        var text = string.Concat(Enumerable.Range(1, 400).Select(at => new string('a', 2 + at % 80) + " "));
        for (var again = 0; again < 3; again++)
        {
            Assert.True(run.Accepts(text));
            Assert.False(run.Accepts(text + "a "));
        }
        Assert.InRange(run.LearnedBytes, 1, 2 << 16);
    }

    private static string Values(int count) => "root ::= " + string.Join(" | ",
        Enumerable.Range(0, count).Select(at => "\"value " + at.ToString(CultureInfo.InvariantCulture) + "\""));

    private static string Texts(int count) => "root ::= " + string.Join(' ', Enumerable.Repeat("text", count))
        + "\ntext ::= \"\\\"\" [a-z]{0,5000} \"\\\",\"";
}
