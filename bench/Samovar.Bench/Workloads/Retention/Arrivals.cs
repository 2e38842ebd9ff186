using Samovar.Engine;
using Samovar.Engine.Retention;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>Sessions as they come, at random times with a given number of them at once.</summary>
internal sealed class Arrivals(IReadOnlyList<SessionShape> shapes, double atOnce, int seed)
{
    private readonly double _each = shapes.Average(shape => shape.Length) / atOnce; // seconds from one to the next, on average

    /// <summary>Each of them once, in random order.</summary>
    public IEnumerable<SessionPlay> Recorded()
    {
        var random = new Random(seed);
        var order = shapes.ToArray();
        random.Shuffle(order);
        var at = 0.0;
        foreach (var shape in order)
        {
            yield return new SessionPlay(shape, at);
            at += Pause(random);
        }
    }

    /// <summary>
    /// Any number: what each asks for is that of a recorded one, its pauses are drawn from those that followed endings of their kind.
    /// One at a time is made, when it is asked for.
    /// </summary>
    public IEnumerable<SessionPlay> Drawn(int count)
    {
        var random = new Random(seed);
        var pauses = Pauses();
        var at = 0.0;
        for (var session = 0; session < count; session++)
        {
            var shape = shapes[random.Next(shapes.Count)];
            yield return new SessionPlay(shape, at, Starts(shape, pauses, random));
            at += Pause(random);
        }
    }

    private double Pause(Random random) => -Math.Log(1 - random.NextDouble()) * _each;

    private Dictionary<TurnEnding, double[]> Pauses() => shapes.SelectMany(shape => shape.Turns.Where(turn => turn.Before >= 0)
            .Select(turn => (shape.Turns[turn.Before].Ending, Pause: turn.Start - shape.Turns[turn.Before].End)))
        .Where(pair => pair.Pause > 0).GroupBy(pair => pair.Ending)
        .ToDictionary(group => group.Key, group => group.Select(pair => pair.Pause).Order().ToArray());

    /// <summary>Turns that run beside each other stay so; only a conversation's pause behind the turn before it is drawn.</summary>
    private static double[] Starts(SessionShape shape, Dictionary<TurnEnding, double[]> pauses, Random random)
    {
        var starts = new double[shape.Turns.Length];
        for (var turn = 1; turn < starts.Length; turn++)
        {
            var (before, own) = (shape.Turns[turn - 1], shape.Turns[turn]);
            var pause = own.Start - before.End;
            if (own.Before == turn - 1 && pause > 0 && pauses.TryGetValue(before.Ending, out var pool))
                pause = pool[random.Next(pool.Length)];
            starts[turn] = Math.Max(starts[turn - 1], starts[turn - 1] + (before.End - before.Start) + pause);
        }
        return starts;
    }
}
