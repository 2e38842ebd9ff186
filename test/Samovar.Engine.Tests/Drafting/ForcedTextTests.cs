using Samovar.Engine.Drafting;
using Samovar.Engine.Grammars;

namespace Samovar.Engine.Tests.Drafting;

/// <summary>What a grammar leaves no choice about is drafted, though nothing like it was said before.</summary>
public sealed class ForcedTextTests
{
    private const string Call = "root ::= \"<call name=\" [a-z]+ \" with=nothing>\" [0-9]*";

    [Fact]
    public async Task TextThatMustCome_IsDrafted_ThoughItStandsNowhere()
    {
        await using var plain = DraftLab.Start(drafts: false);
        await using var drafting = DraftLab.Start(drafts: true);
        var spec = EngineLab.Spec(TokenPath.Empty.Append(DraftLab.Rings.Take(1, 0, 6)), 60) with
        {
            Sampling = new SamplingSettings
            {
                Temperature = 0, LogitBias = EngineLab.NoEnd, Grammar = "root ::= \"" + new string('!', 3) + "ZY54XW32VU10\" [#-$]*",
            },
        };
        var (expected, said) = await EngineLab.RunAsync(plain, spec);
        var (end, steps) = await EngineLab.RunAsync(drafting, spec);
        Assert.Equal(DraftLab.Text(expected, said), DraftLab.Text(end, steps));
        Assert.True(end.AcceptedTokens >= 10, $"{end.AcceptedTokens} of {end.DraftedTokens}");
    }

    [Fact]
    public async Task Draft_HasWhatMustCome_AndWhatWasFoundOnlyAsFarAsBothAgree()
    {
        await using var engine = DraftLab.Start(drafts: true);
        Assert.Equal("<call name=", Shaped(engine.Tokenizer, Call, "", ""));
        Assert.Equal("<call name=read with=nothing>", Shaped(engine.Tokenizer, Call, "", "<call name=read with=all>"));
        Assert.Equal("<call name=read with=nothing>12", Shaped(engine.Tokenizer, Call, "", "<call name=read with=nothing>12x"));
        Assert.Equal("<call name=", Shaped(engine.Tokenizer, Call, "", "other"));
        Assert.Equal("ad", Shaped(engine.Tokenizer, Call, "<call name=re", "ad.cfg"));
        Assert.Equal("", Shaped(engine.Tokenizer, Call, "<call name=re", ""));
        Assert.Equal("th=nothing>", Shaped(engine.Tokenizer, Call, "<call name=re wi", ""));
        Assert.Equal("", Shaped(engine.Tokenizer, Call, "<call name=re with=nothing>", "all"));
    }

    [Fact]
    public async Task Draft_StaysInItsRoom()
    {
        await using var engine = DraftLab.Start(drafts: true);
        for (var room = 0; room < 8; room++) Assert.Equal(room, Shape(engine.Tokenizer, Call, "", [], room).Length);
    }

    private static string Shaped(ITokenizer tokenizer, string gbnf, string written, string found) =>
        string.Concat(Shape(tokenizer, gbnf, written, tokenizer.Tokenize(found, addSpecial: false, parseSpecial: false), 64)
            .Select(token => System.Text.Encoding.UTF8.GetString(tokenizer.Piece(token, special: true).Span)));

    private static int[] Shape(ITokenizer tokenizer, string gbnf, string written, int[] found, int room)
    {
        var bounds = GrammarBounds.Of(new EngineOptions());
        var program = ProgramBuilder.Build(gbnf, bounds, TestContext.Current.CancellationToken);
        var grammar = new CompiledGrammar(
            program, new TriggerWatch(GrammarTriggers.None), tokenizer, new VocabularyTree(tokenizer), bounds);
        var gate = new GrammarGate(grammar, null, []);
        var steps = new StepAllowance(int.MaxValue);
        foreach (var token in tokenizer.Tokenize(written, addSpecial: false, parseSpecial: false))
        {
            Assert.Equal(GateAnswer.Allowed, gate.Judge(token, steps));
            gate.Accept();
        }
        var (tokens, agreed) = (new int[room], new int[room]);
        found.AsSpan(0, Math.Min(room, found.Length)).CopyTo(tokens);
        return tokens[..gate.Shape(new DraftText(tokens, agreed, Math.Min(room, found.Length)), steps)];
    }
}
