using Samovar.Engine.Llama;
using Samovar.Engine.Parking;
using Samovar.Engine.States;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests.Turns;

/// <summary>The same request says the same warm, cold, forked, shared, evicted and restored.</summary>
/// <remarks>
/// Where the batch shapes are the same, every reported number is the same to the bit. Elsewhere sums are taken in another order: then the
/// greedy token must be the same wherever the cold run's first two lie further apart than the noise that libllama itself shows for this
/// model when only the batch shapes change.
/// </remarks>
public sealed class WarmEqualsColdTests(ITestOutputHelper output)
{
    private const int Steps = 14;

    [Fact]
    public async Task InterleavedSessions_AreBitEqualToLoneOnes()
    {
        var tokens = 0;
        for (var seed = 0; seed < 3; seed++)
        {
            var random = new Random(seed);
            var type = seed % 2 == 0 ? WeightType.F32 : WeightType.Q8;
            await using var busy = EngineLab.Start(
                options => (options.Streams, options.KvType) = (1 + seed % 3, seed % 2 == 0 ? "f32" : "f16"), type);
            await using var lone = EngineLab.Start(options => (options.Streams, options.KvType) = (1, seed % 2 == 0 ? "f32" : "f16"), type);
            var sessions = Enumerable.Range(0, 5).Select(_ => new LinearSession()).ToList();
            for (var step = 0; step < 25; step++)
                await sessions[random.Next(sessions.Count)]
                    .TakeTurnAsync(busy, EngineLab.Tokens(random, random.Next(1, 50)), random.Next(1, 9));
            Assert.True(busy.Counters.Restores > 0);
            for (var index = 0; index < sessions.Count; index++) tokens += await sessions[index].ReplayAsync(lone, "lone" + index);
            EngineAudit.Check(busy);
        }
        output.WriteLine(
            $"{tokens} tokens: 20 log-probabilities each, equal to the bit alone and among 5 sessions that take each other's streams");
    }

    [Theory]
    [InlineData(WeightType.F32, "f32", nameof(StateHandling.Rows), 4)]
    [InlineData(WeightType.Q8, "f16", nameof(StateHandling.Rows), 4)]
    [InlineData(WeightType.F32, "f32", nameof(StateHandling.Whole), 4)]
    [InlineData(WeightType.F32, "f32", nameof(StateHandling.Snapshots), 4)]
    public async Task RandomConversations_SayTheSameWarmAndCold(WeightType type, string kvType, string handling, int seeds)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("SAMOVAR_SOAK_SEEDS"), out var more)) seeds = more; // a longer run by hand
        var noise = NoiseGauge.Measure(type, kvType);
        var tally = new Tally(noise);
        await using var cold = EngineLab.Start(options => (options.Streams, options.KvType, options.ParkedBytesMax) = (1, kvType, 0), type);
        for (var seed = 0; seed < seeds; seed++)
        {
            var random = new Random(seed * 31 + 1);
            var bytesPerToken = cold.Model.StateBytesPerToken;
            long[] budgets = [0, 300L * bytesPerToken, 1500L * bytesPerToken, 1L << 30];
            await using var warm = EngineLab.Start(options =>
            {
                (options.Streams, options.KvType, options.ParkedBytesMax) = (2, kvType, budgets[seed % budgets.Length]);
                options.BatchTokens = random.Next(2) == 0 ? 512 : 64;
            }, type, Enum.Parse<StateHandling>(handling));
            var talk = new RandomTalk(warm, random);
            for (var step = 0; step < Steps; step++)
                foreach (var (prompt, steps) in await talk.StepAsync())
                    await CompareAsync(cold, prompt, steps, tally);
            EngineAudit.Check(warm);
            tally.Add(warm.Counters);
        }
        output.WriteLine($"{handling}, {type}: {tally}");
        Assert.Equal(0, tally.Violations);
        Assert.True(tally.Tokens > 300 && tally.Parks > 10 && tally.Restores > 5 && tally.Evictions > 5);
    }

    private static async Task CompareAsync(LlamaEngine cold, TokenPath prompt, List<TokenStep> warm, Tally tally)
    {
        var (end, steps) = await EngineLab.RunAsync(cold,
            EngineLab.Spec(TokenPath.Empty.Append(prompt.ToArray()), warm.Count, scope: "cold" + tally.Cases));
        Assert.Equal(0, end.CachedTokens);
        tally.Cases++;
        for (var index = 0; index < warm.Count; index++)
        {
            var margin = steps[index].Top![0].LogProb - steps[index].Top![1].LogProb;
            tally.Tokens++;
            if (margin <= tally.Noise) tally.UnderMargin++;
            if (steps[index].Token != warm[index].Token)
            {
                if (margin > tally.Noise) tally.Violations++;
                tally.Turned++;
                return; // from here on they differ
            }
            tally.LargestDifference = Math.Max(tally.LargestDifference, Math.Abs(steps[index].LogProb!.Value - warm[index].LogProb!.Value));
        }
    }

    /// <summary>A session of one branch that remembers its inputs and outputs.</summary>
    private sealed class LinearSession
    {
        private readonly List<(int[] Delta, List<TokenStep> Said)> _turns = [];
        private readonly string _scope = Guid.NewGuid().ToString();
        private TokenPath _path = TokenPath.Empty;
        private SequencePin? _pin;

        public async Task TakeTurnAsync(LlamaEngine engine, int[] delta, int outputMax)
        {
            if (_path.Length > 800) return;
            var (end, steps) = await EngineLab.RunAsync(engine, Spec(_path.Append(delta), outputMax, _pin, _scope));
            Assert.Equal(_turns.Count == 0 ? delta.Length : delta.Length + 1, end.PrefilledTokens);
            (_path, _pin) = (end.Path, end.Pin);
            _turns.Add((delta, steps));
        }

        public async Task<int> ReplayAsync(LlamaEngine engine, string scope)
        {
            var (path, pin, tokens) = (TokenPath.Empty, default(SequencePin), 0);
            foreach (var (delta, said) in _turns)
            {
                var (end, steps) = await EngineLab.RunAsync(engine, Spec(path.Append(delta), said.Count, pin, scope));
                for (var index = 0; index < said.Count; index++)
                {
                    Assert.Equal((said[index].Token, said[index].LogProb), (steps[index].Token, steps[index].LogProb));
                    Assert.Equal(said[index].Top!.Select(one => (one.Token, one.LogProb)),
                        steps[index].Top!.Select(one => (one.Token, one.LogProb)));
                }
                (path, pin, tokens) = (end.Path, end.Pin, tokens + said.Count);
            }
            return tokens;
        }

        private static EngineTurnSpec Spec(TokenPath path, int outputMax, SequencePin? pin, string scope)
        {
            var spec = EngineLab.Spec(path, outputMax, pin, scope);
            return spec with { Sampling = spec.Sampling with { TopLogprobs = 20 } };
        }
    }

    private sealed class Tally(float noise)
    {
        public float Noise => noise;
        public int Cases, Tokens, UnderMargin, Turned, Violations;
        public long Parks, Restores, Evictions, Cached, Prefilled;
        public float LargestDifference;

        public void Add(EngineCounters counters)
        {
            (Parks, Restores, Evictions) = (Parks + counters.Parks, Restores + counters.Restores, Evictions + counters.Evictions);
            (Cached, Prefilled) = (Cached + counters.CachedTokens, Prefilled + counters.PrefilledTokens);
        }

        public override string ToString() =>
            $"{Cases} turns, {Tokens} tokens against a cold run: {Violations} violations; {UnderMargin} under the margin of {noise:G3}, "
            + $"{Turned} of them turned out differently; largest difference of a log-probability {LargestDifference:G3}; "
            + $"{Cached} prompt tokens cached, {Prefilled} prefilled; {Parks} parks, {Restores} restores, {Evictions} evictions";
    }
}
