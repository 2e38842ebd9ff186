namespace Samovar.Running;

/// <summary>Tasks that somebody has to await: those that ended well are forgotten, the others wait for the end. Safe for all
/// threads.</summary>
internal sealed class KeptTasks
{
    private const int PrunedAtLeast = 64;
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _tasks = [];
    private int _prunedAt = PrunedAtLeast; // tasks of which those that have ended are dropped

    /// <summary>How many run, or ended badly.</summary>
    public int Running => Unfinished().Length;

    public void Add(Task task)
    {
        lock (_gate)
        {
            if (_tasks.Count >= _prunedAt)
            {
                _tasks.RemoveWhere(static task => task.IsCompletedSuccessfully);
                _prunedAt = Math.Max(PrunedAtLeast, 2 * _tasks.Count);
            }
            _tasks.Add(task);
        }
    }

    /// <summary>Ends when none runs any more, those that are added meanwhile included.</summary>
    public async Task IdleAsync()
    {
        while (Unfinished() is { Length: > 0 } running) await Task.WhenAll(running);
    }

    private Task[] Unfinished()
    {
        lock (_gate) return [.. _tasks.Where(static task => !task.IsCompletedSuccessfully)];
    }
}
