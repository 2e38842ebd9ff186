using Samovar.Engine.Llama;
using Samovar.Engine.Parking;
using Samovar.Engine.States;

namespace Samovar.Engine.Tests.Turns;

/// <summary>Whatever became of a state (forked, cancelled, stopped, parked, restored, evicted, lost in a race), nothing in it is
/// wrong.</summary>
public sealed class ExactStateTests(ITestOutputHelper output)
{
    private const int Steps = 20;
    private const int Rounds = 12;
    private const int LengthMax = 800;

    [Theory]
    [InlineData("f16", nameof(StateHandling.Rows), 4)]
    [InlineData("q8_0", nameof(StateHandling.Rows), 2)]
    [InlineData("f16", nameof(StateHandling.Whole), 2)]
    [InlineData("f16", nameof(StateHandling.Snapshots), 2)]
    public async Task RandomConversations_AreBitEqualToColdOnes(string kvType, string handling, int seeds)
    {
        ExactLab.NeedEqualSums(kvType);
        await using var cold = ExactLab.StartCold(kvType);
        var (turns, tokens, parks, restores, evictions) = (0, 0, 0L, 0L, 0L);
        for (var seed = 0; seed < seeds; seed++)
        {
            var random = new Random(seed * 17 + 3);
            long[] budgets = [1500L * cold.Model.StateBytesPerToken, 300L * cold.Model.StateBytesPerToken, 1L << 30, 0];
            await using var warm = ExactLab.Start(
                options => options.ParkedBytesMax = budgets[seed % budgets.Length], kvType, Enum.Parse<StateHandling>(handling));
            var talk = new RandomTalk(warm, random);
            for (var step = 0; step < Steps; step++)
                foreach (var (prompt, steps) in await talk.StepAsync())
                {
                    await ExactLab.CompareAsync(cold, prompt, steps);
                    (turns, tokens) = (turns + 1, tokens + steps.Count);
                }
            EngineAudit.Check(warm);
            var counters = warm.Counters;
            (parks, restores, evictions) = (parks + counters.Parks, restores + counters.Restores, evictions + counters.Evictions);
        }
        output.WriteLine(
            $"{handling}, {kvType}: {turns} turns, {tokens} tokens, {parks} parks, {restores} restores, {evictions} evictions");
        Assert.True(parks > 10 && restores > 0 && evictions > 2);
    }

    /// <summary>
    /// As servers do that share a store: each goes on from the same end, one of them wins, and the other takes the winner's tokens over.
    /// </summary>
    [Fact]
    public async Task EnginesThatRaceForOneEnd_AreBitEqualToColdOnes_WhoeverWins()
    {
        ExactLab.NeedEqualSums("f16");
        await using var cold = ExactLab.StartCold();
        var tallies = new int[Enum.GetValues<Fate>().Length];
        for (var seed = 0; seed < 4; seed++)
        {
            var random = new Random(seed * 5 + 1);
            var budget = seed % 2 == 0 ? 1L << 30 : 400L * cold.Model.StateBytesPerToken;
            // Few tokens have room until they are read: who cancels in their midst is not too late, however slowly they are read.
            void Narrow(EngineOptions options) => (options.ParkedBytesMax, options.StepsBufferedMax) = (budget, 1);
            await using var one = ExactLab.Start(Narrow);
            await using var other = ExactLab.Start(Narrow);
            Racer[] racers = [new(one, random), new(other, random)];
            var head = EngineLab.Prompt(random, random.Next(40, 120));
            for (var round = 0; round < Rounds && head.Length < LengthMax; round++)
            {
                var ends = await Task.WhenAll(racers.Select(racer => racer.RunAsync(head)));
                foreach (var (end, steps, prompt, fate) in ends)
                {
                    await ExactLab.CompareAsync(cold, prompt, steps);
                    tallies[(int)fate]++;
                }
                var winner = random.Next(2);
                if (ends[winner].Fate is Fate.Cancelled) winner = 1 - winner;
                if (ends[winner].Fate is Fate.Cancelled) continue; // the next round begins at the same end
                head = ends[winner].End.Path;
                foreach (var racer in racers) racer.Take(head, racer == racers[winner] ? ends[winner].End.Pin : null);
            }
            foreach (var racer in racers)
            {
                var (_, steps, prompt, _) = await racer.RunAsync(head);
                await ExactLab.CompareAsync(cold, prompt, steps);
            }
            EngineAudit.Check(one);
            EngineAudit.Check(other);
        }
        output.WriteLine(string.Join(", ", tallies.Zip(Enum.GetNames<Fate>(), (count, fate) => $"{fate} {count}")));
        Assert.All(tallies, count => Assert.True(count > 5));
    }

    /// <summary>How a turn of a race ends.</summary>
    private enum Fate { Whole, Refused, Stopped, Cancelled }

    private sealed record Ended(EngineTurnEnd End, IReadOnlyList<TokenStep> Steps, TokenPath Prompt, Fate Fate);

    private sealed class Racer(LlamaEngine engine, Random random)
    {
        private readonly List<SequencePin> _left = [];
        private (TokenPath Path, SequencePin? Pin) _head = (TokenPath.Empty, null);

        /// <summary>The end that both go on from; without a pin it is another's, and its tokens come from the store.</summary>
        public void Take(TokenPath head, SequencePin? pin)
        {
            if (_head.Pin is { } before) _left.Add(before);
            _head = pin is null ? (TokenPath.Empty.Append(head.ToArray()), null) : (head, pin);
            while (_left.Count > 0 && random.Next(2) == 0)
            {
                _left[0].Dispose();
                _left.RemoveAt(0);
            }
        }

        public Task<Ended> RunAsync(TokenPath head)
        {
            if (_head.Path.Length == 0) _head = (head, null);
            var (fate, outputMax) = ((Fate)random.Next(4), random.Next(4, 24));
            var prompt = _head.Path.Append(EngineLab.Tokens(random, random.Next(1, 70)));
            var turn = EngineLab.Begin(engine, EngineLab.Spec(prompt, outputMax, _head.Pin));
            return EndAsync(turn, prompt, fate, random.Next(0, outputMax));
        }

        private async Task<Ended> EndAsync(EngineTurn turn, TokenPath prompt, Fate fate, int after)
        {
            var steps = new List<TokenStep>();
            await foreach (var step in turn.Steps.ReadAllAsync(TestContext.Current.CancellationToken))
            {
                steps.Add(step);
                if (steps.Count <= after) continue;
                if (fate == Fate.Stopped) turn.Stop();
                if (fate == Fate.Cancelled) turn.Cancel();
            }
            var end = await turn.Ended;
            Assert.True(end.Pin is not null, end.Failure);
            if (fate == Fate.Refused) end.Pin.Dispose(); // generated, and then not kept
            if (end.Kind == EngineTurnEndKind.OutputLimit && fate is Fate.Cancelled) fate = Fate.Whole; // too late
            return new Ended(end, steps, prompt, fate);
        }
    }
}
