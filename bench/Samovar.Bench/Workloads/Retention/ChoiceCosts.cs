using Samovar.Bench.Reports;
using Samovar.Engine;
using Samovar.Engine.Retention;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>What it takes to choose who is given up among many.</summary>
internal static class ChoiceCosts
{
    private const int Choices = 20_000;
    private static readonly StopKind[] Stops = [StopKind.ToolCall, StopKind.ToolCall, StopKind.ToolCall, StopKind.EndTurn];

    public static void Print()
    {
        var table = new Table("candidates", "µs of a choice by value, its replacement and all that got older meanwhile");
        foreach (var count in new[] { 1_000, 10_000, 100_000 }) table.Row(Figures.Show(count), Figures.Show(MicrosecondsOf(count), 2));
    }

    private static double MicrosecondsOf(int count)
    {
        var (policy, queue, random) = (new ValuePolicy(), new RetentionQueue<int>(), new Random(1));
        var states = new Dictionary<int, HeldState>();
        var now = TimeSpan.Zero;
        for (var item = 0; item < count; item++) Add(item, now -= TimeSpan.FromSeconds(600.0 / count * random.NextDouble()));
        now = TimeSpan.Zero;
        var began = TimeProvider.System.GetTimestamp();
        for (var choice = 0; choice < Choices; choice++)
        {
            now += TimeSpan.FromMilliseconds(5);
            while (queue.TryTakeStale(now, out var stale)) Set(stale);
            if (!queue.TryPeek(out var first, out _)) break;
            queue.Remove(first);
            states.Remove(first);
            Add(count + choice, now);
        }
        return TimeProvider.System.GetElapsedTime(began).TotalMicroseconds / Choices;

        void Add(int item, TimeSpan at)
        {
            states[item] = new HeldState
            {
                Bytes = 1 << 20, RecomputeSeconds = random.NextDouble(), LastUsed = at, Users = 1,
                Ending = new TurnEnding(Stops[random.Next(Stops.Length)]),
            };
            Set(item);
        }

        void Set(int item)
        {
            var state = states[item];
            queue.Set(item, policy.Worth(state, now), policy.WorthUntil(state, now));
        }
    }
}
