using System.Text;
using System.Text.Json;
using Samovar.Engine.Grammars;
using Samovar.Engine.Llama;
using Samovar.Engine.Sampling;
using Samovar.Scheduling.Fairness;

namespace Samovar.Engine.Tests.Sampling;

/// <summary>How tokens are chosen: grammars, seeds, bias, stops, log-probabilities.</summary>
public sealed class SamplingTests : IAsyncLifetime
{
    private const string Json = """
        root ::= "{" ws "\"name\":" ws string "," ws "\"count\":" ws number "}"
        string ::= "\"" [a-z]{1,12} "\""
        number ::= [1-9] [0-9]{0,3}
        ws ::= " "?
        """;

    private readonly Random _random = new(5);
    private LlamaEngine _engine = null!;

    public ValueTask InitializeAsync()
    {
        _engine = EngineLab.Start();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public async Task Grammar_MakesWhatParses(float temperature)
    {
        for (var seed = 0u; seed < 8; seed++)
        {
            var (end, steps) = await RunAsync(200, new SamplingSettings { Temperature = temperature, Seed = seed, Grammar = Json });
            Assert.Equal(EngineTurnEndKind.EndOfGeneration, end.Kind);
            using var parsed = JsonDocument.Parse(Text(steps));
            Assert.True(parsed.RootElement.GetProperty("count").GetInt32() > 0);
            Assert.NotEmpty(parsed.RootElement.GetProperty("name").GetString()!);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("root ::= \"a\"")]
    public void LogitsWithoutNumbers_AreTheModelsFault_NotTheGrammars(string? gbnf)
    {
        var grammar = gbnf is null ? null
            : new GrammarCompiler(_engine.Tokenizer, new EngineOptions()).Use(gbnf, GrammarTriggers.None, new FlowId("a"));
        var logits = new float[_engine.Tokenizer.VocabularySize];
        logits.AsSpan().Fill(float.NaN);
        using var candidates = new CandidateBuffer(logits.Length);
        using var sampler = new SamplerChain(logits.Length, new SamplingSettings { Temperature = 0 }, grammar);
        Assert.Throws<InvalidOperationException>(() => sampler.Sample(logits, candidates, new StepAllowance(1000)));
    }

    [Fact]
    public async Task BusyGrammars_AreAnAnswerAtTheDoor_UntilATurnEnds()
    {
        await using var engine = EngineLab.Start(options => (options.Streams, options.GrammarBytesMax) = (1, 1 << 20));
        var turns = new List<EngineTurn>();
        EngineAdmission? last = null;
        while (turns.Count < 200 && (last = engine.Begin(Endless(turns.Count))) is EngineAdmission.Admitted admitted)
            turns.Add(admitted.Turn);
        Assert.IsType<EngineAdmission.Busy>(last);
        Assert.InRange(turns.Count, 2, 60);
        var plain = Endless(turns.Count);
        plain = plain with { Sampling = plain.Sampling with { IsGrammarDemanded = false } };
        turns.Add(Assert.IsType<EngineAdmission.Admitted>(engine.Begin(plain)).Turn); // nobody asked for the grammar: it goes without
        foreach (var turn in turns)
        {
            turn.Cancel();
            await turn.Ended;
        }
        Assert.IsType<EngineAdmission.Admitted>(engine.Begin(Endless(turns.Count))).Turn.Cancel();

        EngineTurnSpec Endless(int at) => EngineLab.Spec(EngineLab.Prompt(_random, 20), 900) with
        {
            Sampling = new SamplingSettings { Temperature = 0, Grammar = $"root ::= [a-z]+ \"{at}{new string('x', 4000)}\"" },
        };
    }

    [Fact]
    public async Task LazyGrammar_BindsFromItsTriggerOn()
    {
        // The bias makes <tool_call> (510) likely soon; what follows must obey the grammar.
        var settings = new SamplingSettings
        {
            Temperature = 1,
            Seed = 3,
            Grammar = """root ::= "<tool_call>" "[" [0-9]+ "]" """,
            GrammarTriggers = new(["<tool_call>"]),
            LogitBias = new Dictionary<int, float> { [507] = -1000, [509] = -1000, [510] = 6 },
        };
        var (_, steps) = await RunAsync(120, settings);
        var at = steps.FindIndex(step => step.Token == 510);
        Assert.InRange(at, 0, 100);
        Assert.Matches("^\\[[0-9]*(\\]|$)", Text(steps[(at + 1)..]));
    }

    [Fact]
    public void BrokenGrammar_IsAnAnswerWithAReason()
    {
        foreach (var grammar in (string[])["root ::= (", "other ::= \"a\"", "", "root ::= missing", "root ::= root \"a\""])
        {
            var spec = EngineLab.Spec(EngineLab.Prompt(_random, 10), 5) with { Sampling = new SamplingSettings { Grammar = grammar } };
            var bad = Assert.IsType<EngineAdmission.BadGrammar>(_engine.Begin(spec));
            Assert.NotEmpty(bad.Reason);
        }
        Assert.Equal(0, _engine.Counters.TurnsRunning);
    }

    [Fact]
    public async Task Seed_ReproducesTheOutput()
    {
        var settings = new SamplingSettings
        { Temperature = 1.2f, TopP = 0.95f, TopK = 50, MinP = 0.01f, Seed = 42, LogitBias = EngineLab.NoEnd };
        var prompt = EngineLab.Prompt(_random, 40);
        var runs = new List<int[]>();
        foreach (var seed in (uint[])[42, 42, 43, uint.MaxValue, uint.MaxValue])
        {
            var spec = EngineLab.Spec(prompt, 30, scope: "run" + runs.Count) with { Sampling = settings with { Seed = seed } };
            runs.Add([.. (await EngineLab.RunAsync(_engine, spec)).Steps.Select(step => step.Token)]);
        }
        Assert.Equal(runs[0], runs[1]);
        Assert.NotEqual(runs[0], runs[2]);
        Assert.Equal(runs[3], runs[4]); // to libllama it means any
    }

    /// <summary>Logits that are divided by next to nothing are no numbers.</summary>
    [Theory]
    [InlineData(1.17e-38f)]
    [InlineData(1e-6f)]
    public async Task TemperatureOfNextToNothing_IsThatOfNothing(float temperature)
    {
        var prompt = EngineLab.Prompt(_random, 40);
        var runs = new List<int[]>();
        foreach (var one in (float[])[0, temperature])
        {
            var spec = EngineLab.Spec(prompt, 30, scope: "run" + runs.Count) with
            {
                Sampling = new SamplingSettings { Temperature = one, TopP = 0.9f, Seed = 42, LogitBias = EngineLab.NoEnd },
            };
            runs.Add([.. (await EngineLab.RunAsync(_engine, spec)).Steps.Select(step => step.Token)]);
        }
        Assert.Equal(runs[0], runs[1]);
    }

    [Fact]
    public unsafe void Biases_AreAdded_InTheWholeSet_AndInAMaskedOne()
    {
        var logits = Enumerable.Range(0, 200).Select(static token => (float)token).ToArray();
        (int, float)[] biases = [(150, 7), (3, -2), (64, 1), (199, 5)];
        using var candidates = new CandidateBuffer(logits.Length);
        var whole = candidates.Fill(logits, biases);
        Assert.Equal([157, 1, 65, 204, 4], (int[])[.. new[] { 150, 3, 64, 199, 4 }.Select(token => (int)whole.Data[token].Logit)]);
        var mask = new ulong[4];
        foreach (var token in (int[])[3, 5, 150, 199]) mask[token / 64] |= 1UL << token;
        var masked = candidates.Fill(logits, mask, biases);
        Assert.Equal([(3, 1), (5, 5), (150, 157), (199, 204)],
            Enumerable.Range(0, (int)masked.Size).Select(at => (masked.Data[at].Token, (int)masked.Data[at].Logit)));
    }

    [Fact]
    public async Task EndOfGeneration_EndsTheTurn_WithoutAPiece()
    {
        var (end, steps) = await RunAsync(50,
            new SamplingSettings { Temperature = 0, LogitBias = new Dictionary<int, float> { [509] = 1000 } });
        Assert.Equal(EngineTurnEndKind.EndOfGeneration, end.Kind);
        var step = Assert.Single(steps);
        Assert.True(step is { Token: 509, IsEnd: true } && step.Piece.IsEmpty);
    }

    [Fact]
    public async Task StopToken_EndsTheTurn()
    {
        var free = await RunAsync(20, new SamplingSettings { Temperature = 0, LogitBias = EngineLab.NoEnd });
        var stop = free.Steps[^1].Token;
        var first = free.Steps.FindIndex(step => step.Token == stop);
        var spec = EngineLab.Spec(TokenPath.Empty.Append(free.End.Path.ToArray().AsMemory()[..^20]), 20) with { StopTokens = [stop] };
        var (end, steps) = await EngineLab.RunAsync(_engine, spec);
        Assert.Equal((EngineTurnEndKind.EndOfGeneration, first + 1, true), (end.Kind, steps.Count, steps[^1].IsEnd));
    }

    [Fact]
    public async Task LogProbabilities_AreTheModelsOwn()
    {
        var (_, steps) = await RunAsync(10, new SamplingSettings { Temperature = 0, TopLogprobs = 20, LogitBias = EngineLab.NoEnd });
        foreach (var step in steps)
        {
            Assert.Equal(20, step.Top!.Count);
            Assert.Equal(step.Top.OrderByDescending(one => one.LogProb).Select(one => one.Token), step.Top.Select(one => one.Token));
            Assert.True(step.Top.Sum(one => Math.Exp(one.LogProb)) <= 1.0001);
            Assert.Equal(step.LogProb, step.Top.First(one => one.Token == step.Token).LogProb);
        }
    }

    [Fact]
    public async Task Penalties_KeepATokenFromComingAgain()
    {
        var settings = new SamplingSettings { Temperature = 0, FrequencyPenalty = 1000, LogitBias = EngineLab.NoEnd };
        var (_, steps) = await RunAsync(100, settings);
        Assert.Equal(100, steps.Select(step => step.Token).Distinct().Count());
    }

    private static string Text(IEnumerable<TokenStep> steps) =>
        Encoding.UTF8.GetString(steps.SelectMany(step => step.Piece.ToArray()).ToArray());

    private Task<(EngineTurnEnd End, List<TokenStep> Steps)> RunAsync(int outputMax, SamplingSettings sampling) =>
        EngineLab.RunAsync(_engine, EngineLab.Spec(EngineLab.Prompt(_random, 30), outputMax) with { Sampling = sampling });
}
