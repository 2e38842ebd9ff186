using System.Globalization;
using Samovar.Engine.Llama;
using Samovar.Engine.Tests.Turns;

namespace Samovar.Engine.Tests.Drafting;

/// <summary>All at once: whatever a turn's tokens are chosen by, whatever runs beside it, was prepared before it, or became of its state,
/// it says what a turn says that has no draft and no cache.</summary>
/// <remarks><c>MIXED_TALKS=200 dotnet Samovar.Engine.Tests.dll -class '*MixedTalkTests'</c> runs several thousand turns.</remarks>
public sealed class MixedTalkTests(ITestOutputHelper output)
{
    private const int Steps = 14, LengthMax = 600;

    [Fact]
    public async Task RandomTurns_WarmWithDrafts_SayWhatTheySayColdWithout()
    {
        var asked = Environment.GetEnvironmentVariable("MIXED_TALKS");
        var talks = int.TryParse(asked, CultureInfo.InvariantCulture, out var given) ? given : 8;
        await using var cold = DraftLab.Start(drafts: false, options => (options.Streams, options.ParkedBytesMax) = (1, 0));
        var (turns, cached, accepted, evictions, background) = (0, 0L, 0L, 0L, 0L);
        for (var seed = 0; seed < talks; seed++)
        {
            var random = new Random(seed * 11 + 5);
            long[] budgets = [1L << 30, 500L * cold.Model.StateBytesPerToken, 0];
            await using var warm = DraftLab.Start(drafts: true, options =>
            {
                (options.ParkedBytesMax, options.Streams) = (budgets[random.Next(3)], random.Next(1, 4));
                options.StepsBufferedMax = random.Next(2) == 0 ? 2 : 256;
            });
            var talk = new Talk(warm, cold, random);
            for (var step = 0; step < Steps; step++) turns += await talk.StepAsync();
            EngineAudit.Check(warm);
            var counters = warm.Counters;
            (cached, accepted) = (cached + counters.CachedTokens, accepted + counters.AcceptedTokens);
            (evictions, background) = (evictions + counters.Evictions, background + counters.BackgroundTokens);
        }
        output.WriteLine($"{turns} turns compared, {cached} tokens cached, {accepted} drafted right, {background} in the background, "
            + $"{evictions} evictions");
        Assert.True(turns > talks * Steps / 2 && cached > 1000 && accepted > 100 && evictions > 2 && background > 100);
    }

    private sealed class Talk(LlamaEngine warm, LlamaEngine cold, Random random)
    {
        private readonly List<(TokenPath Path, SequencePin? Pin)> _known = [];

        /// <summary>Up to three turns at once, and what is computed for a later one; how many were compared.</summary>
        public async Task<int> StepAsync()
        {
            var ahead = random.Next(2) == 0 ? Next() : null;
            var preparing = ahead is null ? null
                : EngineLab.Begin(warm, ahead with { OutputTokensMax = 0, IsBackground = true, Sampling = new SamplingSettings() });
            if (preparing is not null && random.Next(2) == 0) await EngineLab.ReadAsync(preparing);
            List<EngineTurnSpec> specs = [.. Enumerable.Range(0, random.Next(3) == 0 ? 3 : 1).Select(_ => Next())];
            if (ahead is not null && random.Next(2) == 0) specs[0] = ahead;
            var turns = specs.ConvertAll(spec => EngineLab.Begin(warm, spec));
            preparing?.Cancel();
            var left = turns.FindAll(_ => random.Next(7) == 0);
            foreach (var turn in left) await LeaveAsync(turn);
            var compared = 0;
            for (var at = 0; at < turns.Count; at++) compared += await CompareAsync(specs[at], turns[at], left.Contains(turns[at]));
            if (preparing is not null) (await preparing.Ended).Pin?.Dispose();
            if (random.Next(3) == 0) _known[random.Next(_known.Count)].Pin?.Dispose();
            return compared;
        }

        private async Task LeaveAsync(EngineTurn turn)
        {
            if (random.Next(2) == 0) await turn.Steps.WaitToReadAsync(TestContext.Current.CancellationToken);
            if (random.Next(2) == 0) turn.Cancel();
            else turn.Stop();
        }

        private async Task<int> CompareAsync(EngineTurnSpec spec, EngineTurn turn, bool isLeft)
        {
            var (end, steps) = await EngineLab.ReadAsync(turn);
            Assert.NotEqual(EngineTurnEndKind.Refused, end.Kind);
            _known.Add((end.Kind == EngineTurnEndKind.Cancelled ? spec.Prompt : end.Path, end.Pin));
            if (end.Kind == EngineTurnEndKind.Cancelled) return 0;
            var (expected, said) = await EngineLab.RunAsync(cold, spec with
            {
                ContinueFrom = null, Namespace = Guid.NewGuid().ToString(), Prompt = TokenPath.Empty.Append(spec.Prompt.ToArray()),
            });
            expected.Pin?.Dispose();
            if (isLeft) Assert.InRange(steps.Count, 0, said.Count); // one that had ended already has its end, and no tokens for nobody
            Assert.Equal(DraftLab.Text(isLeft ? end : expected, isLeft ? said.Take(steps.Count) : said), DraftLab.Text(end, steps));
            Assert.Equal(expected.Path.ToArray().Take(end.Path.Length), end.Path.ToArray());
            return 1;
        }

        private EngineTurnSpec Next()
        {
            var (path, pin) = _known.Count == 0 || random.Next(6) == 0 ? (TokenPath.Empty, null)
                : random.Next(2) == 0 ? _known[^1] : _known[random.Next(_known.Count)];
            if (path.Length > LengthMax) (path, pin) = (TokenPath.Empty, null);
            if (path.Length > 1 && random.Next(5) == 0) // a rewritten history
                (path, pin) = (TokenPath.Empty.Append(path.ToArray().AsMemory(0, random.Next(1, path.Length))), null);
            return new EngineTurnSpec
            {
                Namespace = "one", Prompt = path.Append(DraftLab.Tokens(random)), ContinueFrom = pin, OutputTokensMax = random.Next(1, 50),
                Sampling = DraftLab.Sampling(random), StopTokens = random.Next(4) == 0 ? [random.Next(33, 123)] : [],
            };
        }
    }
}
