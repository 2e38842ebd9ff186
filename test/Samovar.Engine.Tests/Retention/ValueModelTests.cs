using Samovar.Engine.Retention;

namespace Samovar.Engine.Tests.Retention;

/// <summary>What the policy learns and says over random events is what a model says that remembers everybody.</summary>
public sealed class ValueModelTests
{
    private static readonly TurnEnding[] Endings =
    [
        new(StopKind.ToolCall, "read"), new(StopKind.ToolCall, "test"), new(StopKind.ToolCall), new(StopKind.EndTurn),
        new(StopKind.EndTurn, IsSubAgent: true), new(StopKind.Unknown),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Worth_IsThatOfAModelThatRemembersEverybody(int seed)
    {
        var (policy, plain, random) = (new ValuePolicy(), new PlainValue(), new Random(seed));
        var waiting = new PriorityQueue<(TurnEnding Ending, TimeSpan EndedAt), TimeSpan>();
        var now = TimeSpan.Zero;
        for (var step = 0; step < 3000; step++)
        {
            now += TimeSpan.FromSeconds(random.NextDouble() * 4);
            while (waiting.TryPeek(out var back, out var at) && at <= now)
            {
                waiting.Dequeue();
                policy.Returned(back.Ending, back.EndedAt, at);
                plain.Returned(back.Ending, back.EndedAt, at);
            }
            var ending = Endings[random.Next(Endings.Length)];
            policy.Ended(ending, now);
            plain.Ended(ending, now);
            if (random.Next(4) > 0) waiting.Enqueue((ending, now), now + TimeSpan.FromSeconds(Math.Pow(2, random.NextDouble() * 10)));
            var state = new HeldState
            {
                Bytes = 1 + random.Next(1000), RecomputeSeconds = random.NextDouble() * 100, Users = random.Next(4),
                LastUsed = now - TimeSpan.FromSeconds(Math.Pow(2, random.NextDouble() * 12)), Ending = Endings[random.Next(Endings.Length)],
            };
            var (said, expected) = (policy.Worth(state, now), plain.Worth(state, now));
            Assert.True(Math.Abs(said - expected) <= 1e-9 * Math.Abs(expected), $"step {step}: {said} instead of {expected} for {state}");
        }
    }

    /// <summary>Everybody in lists, counted again each time.</summary>
    private sealed class PlainValue
    {
        private const int LearnEvery = 64;
        private readonly Dictionary<TurnEnding, List<(double EndedAt, double? CameAt)>> _seen = [];
        private readonly Dictionary<TurnEnding, int> _fresh = [];
        private readonly Dictionary<TurnEnding, double[]> _chances = [];

        public void Ended(TurnEnding ending, TimeSpan at) =>
            Learn(ending, at, seen => seen.Add((at.TotalSeconds, null)));

        public void Returned(TurnEnding ending, TimeSpan endedAt, TimeSpan at) => Learn(ending, at, seen =>
        {
            var index = seen.FindIndex(one => one.EndedAt == endedAt.TotalSeconds && one.CameAt is null);
            seen[index] = (endedAt.TotalSeconds, at.TotalSeconds);
        });

        public double Worth(HeldState state, TimeSpan now)
        {
            if (state.Users == 0) return state.LastUsed.TotalSeconds - 1e12;
            var (chances, from) = (Of(state.Ending), IdleSteps.Of((now - state.LastUsed).TotalSeconds));
            var best = 0.0;
            for (var until = from; until < IdleSteps.Count - 1; until++) best = Math.Max(best, Rate(chances, from, until));
            return state.RecomputeSeconds / state.Bytes * state.Users * best;
        }

        /// <summary>Of the plan to keep it until a step is over.</summary>
        private static double Rate(double[] chances, int from, int until)
        {
            var (waits, comes, holds) = (1.0, 0.0, 0.0);
            for (var step = from; step <= until; step++)
            {
                var length = IdleSteps.To(step) - IdleSteps.From(step);
                comes += waits * chances[step];
                holds += waits * (1 - chances[step] / 2) * length;
                waits *= 1 - chances[step];
            }
            return comes / holds;
        }

        private void Learn(TurnEnding ending, TimeSpan at, Action<List<(double EndedAt, double? CameAt)>> note)
        {
            TurnEnding[] both = ending.Tool is null ? [ending] : [ending, ending.OfAnyTool()];
            foreach (var one in both)
            {
                Of(one);
                note(_seen[one]);
                if (++_fresh[one] < LearnEvery) continue;
                _fresh[one] = 0;
                _chances[one] = Count(one, at.TotalSeconds);
            }
        }

        private double[] Of(TurnEnding ending)
        {
            if (_chances.TryGetValue(ending, out var known)) return known;
            (_seen[ending], _fresh[ending]) = ([], 0);
            return _chances[ending] = ending.Tool is null ? PublishedReturns.Chances(ending) : [.. Of(ending.OfAnyTool())];
        }

        private double[] Count(TurnEnding ending, double now)
        {
            var (prior, weight) = ending.Tool is null ? (PublishedReturns.Chances(ending), 32.0) : (Of(ending.OfAnyTool()), 16.0);
            return [.. Enumerable.Range(0, IdleSteps.Count).Select(step =>
            {
                var came = _seen[ending].Count(one => one.CameAt is { } back && IdleSteps.Of(back - one.EndedAt) == step);
                var waited = step == IdleSteps.Count - 1 ? 0 : _seen[ending].Count(one => HasWaited(one, step, now));
                return (came + prior[step] * weight) / (came + waited + weight);
            })];
        }

        /// <summary>Those who ended within an eighth of a step's end are counted together, when the last of them has waited.</summary>
        private static bool HasWaited((double EndedAt, double? CameAt) one, int step, double now)
        {
            if (one.CameAt is { } back && IdleSteps.Of(back - one.EndedAt) <= step) return false;
            var eighth = IdleSteps.To(step) / 8;
            return Math.Floor(one.EndedAt / eighth) < Math.Floor((now - IdleSteps.To(step)) / eighth);
        }
    }
}
