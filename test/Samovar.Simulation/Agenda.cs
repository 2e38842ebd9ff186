namespace Samovar.Simulation;

/// <summary>What happens when, in a time that nobody waits for. One seed, one story.</summary>
internal sealed class Agenda(int seed)
{
    private readonly PriorityQueue<Action, (long At, long Number)> _due = new();
    private long _number;

    public Random Random { get; } = new(seed);

    /// <summary>Milliseconds from the schedule's start.</summary>
    public long Now { get; private set; }

    public void After(long delay, Action action) => _due.Enqueue(action, (Now + delay, _number++));

    /// <summary>How long a message takes.</summary>
    public void Travel(Action action) => After(Between(1, 20), action);

    public Task PauseAsync(long delay)
    {
        var over = new TaskCompletionSource(); // goes on where it is completed, on this thread
        After(delay, over.SetResult);
        return over.Task;
    }

    public void Run(long end, Func<bool> isOver)
    {
        while (!isOver() && _due.TryDequeue(out var action, out var due) && due.At <= end)
        {
            Now = due.At;
            action();
        }
    }

    public long Between(long min, long max) => Random.NextInt64(min, max + 1);

    public bool OneIn(int count) => Random.Next(count) == 0;

    public T Pick<T>(IReadOnlyList<T> things) => things[Random.Next(things.Count)];
}
