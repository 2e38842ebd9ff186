using Samovar.Engine.Llama;
using Samovar.Engine.States;
using Samovar.Engine.Tests.Turns;

namespace Samovar.Engine.Tests.Drafting;

/// <summary>With drafts a turn says what it says without, to the last bit of its log-probabilities.</summary>
public sealed class DraftTests(ITestOutputHelper output)
{
    private const int Talks = 12, Turns = 8;

    [Fact]
    public async Task RandomConversations_SayTheSame_HoweverTheirTokensAreChosen()
    {
        await using var plain = DraftLab.Start(drafts: false);
        await using var drafting = DraftLab.Start(drafts: true);
        for (var talk = 0; talk < Talks; talk++)
        {
            var random = new Random(talk);
            var (path, pin) = (TokenPath.Empty, (SequencePin?)null);
            for (var turn = 0; turn < Turns && path.Length < 700; turn++)
            {
                var spec = new EngineTurnSpec
                {
                    Namespace = "talk" + talk, Prompt = path.Append(DraftLab.Tokens(random)), OutputTokensMax = random.Next(1, 60),
                    Sampling = DraftLab.Sampling(random), StopTokens = random.Next(4) == 0 ? [random.Next(33, 123)] : [],
                };
                var (expected, said) = await EngineLab.RunAsync(plain, spec);
                var (end, steps) = await EngineLab.RunAsync(drafting, spec with { ContinueFrom = pin });
                Assert.Equal(DraftLab.Text(expected, said), DraftLab.Text(end, steps));
                Assert.Equal(expected.Path.ToArray(), end.Path.ToArray());
                Assert.InRange(end.AcceptedTokens, 0, Math.Min(end.DraftedTokens, end.OutputTokens));
                expected.Pin?.Dispose();
                pin?.Dispose();
                (path, pin) = (end.Path, end.Pin);
            }
            pin?.Dispose();
        }
        EngineAudit.Check(drafting);
        Report(drafting);
        Assert.Equal(0, plain.Counters.DraftedTokens);
        Assert.True(drafting.Counters.Batches < plain.Counters.Batches * 3 / 4);
        Assert.True(drafting.Counters.DraftedTokens > drafting.Counters.AcceptedTokens + 200, "No draft was wrong.");
    }

    /// <summary>Forks, cancelled turns, turns at once, streams that are taken, parked, restored and evicted.</summary>
    [Fact]
    public async Task RandomTalk_IsBitEqualToColdTurnsWithoutDrafts()
    {
        await using var cold = DraftLab.Start(drafts: false, options => (options.Streams, options.ParkedBytesMax) = (1, 0));
        for (var seed = 0; seed < 4; seed++)
        {
            var budget = seed % 2 == 0 ? 1L << 30 : 500L * cold.Model.StateBytesPerToken;
            await using var warm = DraftLab.Start(drafts: true, options => options.ParkedBytesMax = budget);
            var talk = new RandomTalk(warm, new Random(seed * 7 + 1), DraftLab.Piece);
            for (var step = 0; step < 20; step++)
                foreach (var (prompt, steps) in await talk.StepAsync())
                    await ExactLab.CompareAsync(cold, prompt, steps);
            EngineAudit.Check(warm);
            Report(warm);
            Assert.True(warm.Counters.AcceptedTokens > 20);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task TurnsAtOnce_SayWhatTheySayAlone(int streams)
    {
        await using var plain = DraftLab.Start(drafts: false);
        await using var drafting = DraftLab.Start(drafts: true, options => options.Streams = streams);
        for (var round = 0; round < 8; round++)
        {
            var random = new Random(round);
            var specs = Enumerable.Range(0, streams + 1).Select(turn => new EngineTurnSpec
            {
                Namespace = $"{round} {turn}", Prompt = TokenPath.Empty.Append(DraftLab.Tokens(random)),
                OutputTokensMax = random.Next(20, 90),
                Sampling = DraftLab.Sampling(random) with { Grammar = null },
            }).ToList();
            var turns = specs.ConvertAll(spec => EngineLab.Begin(drafting, spec));
            var ends = await Task.WhenAll(turns.Select(EngineLab.ReadAsync));
            for (var turn = 0; turn < turns.Count; turn++)
            {
                var (expected, said) = await EngineLab.RunAsync(plain, specs[turn]);
                Assert.Equal(DraftLab.Text(expected, said), DraftLab.Text(ends[turn].End, ends[turn].Steps));
            }
        }
        EngineAudit.Check(drafting);
        Report(drafting);
        Assert.True(drafting.Counters.AcceptedTokens > 100);
    }

    /// <summary>Tokens that are drawn with other seeds come as often with drafts as without.</summary>
    [Fact]
    public async Task SampledTokens_HaveTheSameDistribution()
    {
        const int turns = 500;
        await using var plain = DraftLab.Start(drafts: false);
        await using var drafting = DraftLab.Start(drafts: true);
        var prompt = TokenPath.Empty.Append(DraftLab.Rings.Take(0, 0, 60)).Append(DraftLab.Rings.Take(0, 10, 20));
        var (without, with) = (await CountAsync(plain, 1), await CountAsync(drafting, 100_000));
        var (distance, degrees) = (0.0, 0);
        foreach (var (outcome, _) in without.Concat(with).GroupBy(one => one.Key).Select(group => (group.Key, 0)))
        {
            var (one, other) = (without.GetValueOrDefault(outcome), with.GetValueOrDefault(outcome));
            if (one + other < 10) continue; // too rare to say anything
            distance += Math.Pow(one - other, 2) / (one + other);
            degrees++;
        }
        output.WriteLine($"chi square {distance:F1} of {degrees} outcomes");
        Report(drafting);
        Assert.True(degrees > 5);
        Assert.True(distance < degrees + 4 * Math.Sqrt(2 * degrees));
        Assert.True(drafting.Counters.AcceptedTokens > turns);

        async Task<Dictionary<string, int>> CountAsync(LlamaEngine engine, uint seed)
        {
            var counts = new Dictionary<string, int>();
            for (var turn = 0u; turn < turns; turn++)
            {
                var (end, steps) = await EngineLab.RunAsync(engine, new EngineTurnSpec
                {
                    Namespace = "same", Prompt = prompt, OutputTokensMax = 6,
                    Sampling = new SamplingSettings { Temperature = 30, TopK = 6, Seed = seed + turn, LogitBias = EngineLab.NoEnd },
                });
                end.Pin!.Dispose();
                for (var at = 0; at < steps.Count; at++)
                {
                    var outcome = $"{at}: {steps[at].Token}";
                    counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
                }
            }
            return counts;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(29)]
    public async Task Limits_EndATurnInTheMiddleOfADraft(int outputMax)
    {
        await using var engine = DraftLab.Start(drafts: true, options => options.ContextTokens = 256);
        var prompt = TokenPath.Empty.Append(DraftLab.Rings.Take(0, 0, 200));
        var (end, steps) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt, outputMax));
        Assert.Equal((EngineTurnEndKind.OutputLimit, outputMax, 200 + outputMax), (end.Kind, steps.Count, end.Path.Length));
        var (full, rest) = await EngineLab.RunAsync(engine, EngineLab.Spec(end.Path, 1000, end.Pin));
        Assert.Equal((EngineTurnEndKind.ContextFull, 257), (full.Kind, full.Path.Length));
        Assert.Equal(DraftLab.Rings.Take(0, 200 + outputMax, rest.Count), rest.Select(step => step.Token));
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task StopToken_InADraft_EndsTheTurn_AndItsStateGoesOn()
    {
        await using var engine = DraftLab.Start(drafts: true);
        var prompt = TokenPath.Empty.Append(DraftLab.Rings.Take(0, 0, 100));
        var (end, steps) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt, 200) with { StopTokens = [33 + 31] });
        Assert.Equal((EngineTurnEndKind.EndOfGeneration, 22), (end.Kind, steps.Count));
        Assert.True(steps[^1].IsEnd);
        var (next, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(end.Path.Append(DraftLab.Rings.Take(1, 0, 9)), 3, end.Pin));
        Assert.Equal((121, 10), (next.CachedTokens, next.PrefilledTokens));
    }

    [Fact]
    public async Task SlowReader_GetsEveryTokenOfADraft()
    {
        await using var engine = DraftLab.Start(drafts: true, options => options.StepsBufferedMax = 1);
        var prompt = TokenPath.Empty.Append(DraftLab.Rings.Take(0, 0, 100));
        var turn = EngineLab.Begin(engine, EngineLab.Spec(prompt, 150));
        var other = TokenPath.Empty.Append(DraftLab.Rings.Take(1, 0, 40));
        var beside = await EngineLab.RunAsync(engine, EngineLab.Spec(other, 50, scope: "b"));
        Assert.Equal(50, beside.Steps.Count);
        var (end, steps) = await EngineLab.ReadAsync(turn);
        Assert.Equal(DraftLab.Rings.Take(0, 100, 150), steps.Select(step => step.Token));
        Assert.True(end.AcceptedTokens > 100);
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task TurnThatIsCancelledAmongDrafts_LeavesItsPrompt()
    {
        await using var engine = DraftLab.Start(drafts: true, options => options.StepsBufferedMax = 4);
        for (var after = 1; after < 20; after++)
        {
            var prompt = TokenPath.Empty.Append(DraftLab.Rings.Take(0, after, 100));
            var turn = EngineLab.Begin(engine, EngineLab.Spec(prompt, 500, scope: "c" + after));
            for (var read = 0; read < after; read++) await turn.Steps.ReadAsync(TestContext.Current.CancellationToken);
            turn.Cancel();
            var (end, _) = await EngineLab.ReadAsync(turn);
            Assert.Equal(EngineTurnEndKind.Cancelled, end.Kind);
            var (next, _) = await EngineLab.RunAsync(
                engine, EngineLab.Spec(prompt.Append(EngineLab.Tokens(new Random(after), 5)), 2, end.Pin, "c" + after));
            Assert.Equal((100, 5), (next.CachedTokens, next.PrefilledTokens));
            EngineAudit.Check(engine);
        }
    }

    [Fact]
    public async Task ModelWhoseStateCannotBeCut_HasNoDrafts()
    {
        await using var engine = ExactLab.Start(handling: StateHandling.Snapshots);
        var block = EngineLab.Tokens(new Random(1), 20);
        var (end, steps) = await EngineLab.RunAsync(engine, EngineLab.Spec(TokenPath.Empty.Append(block).Append(block).Append(block), 30));
        Assert.Equal((30, 0, 0L), (steps.Count, end.DraftedTokens, engine.Counters.DraftedTokens));
        Assert.Equal((false, 0), (engine.Model.CanTruncate, engine.Model.DraftTokens));
    }

    private void Report(LlamaEngine engine)
    {
        var counters = engine.Counters;
        output.WriteLine($"{counters.OutputTokens} tokens in {counters.Batches} batches: "
            + $"{counters.DraftedTokens} drafted, {counters.AcceptedTokens} accepted");
    }
}
