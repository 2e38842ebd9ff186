namespace Samovar.Turns;

/// <summary>The readers of one log, mostly one. Under its gate.</summary>
internal sealed class LogReaders
{
    private readonly List<LogReader> _readers = new(1);

    public int Count => _readers.Count;

    /// <summary>The first event that one of them still needs.</summary>
    public long Needed => _readers.Count == 1 ? _readers[0].Passed : _readers.Min(static reader => reader.Passed);

    public void Add(LogReader reader) => _readers.Add(reader);

    public bool Remove(LogReader reader) => _readers.Remove(reader);

    /// <summary>The terminal event is there: those that want it alone read it next.</summary>
    public void ReadEnd(long number)
    {
        foreach (var reader in _readers)
            if (reader.IsForEnd) (reader.Passed, reader.Next) = (number, number);
    }

    /// <summary>Ends the waits of those for whom there is something, and of all where nothing follows; null where nobody waits.</summary>
    /// <param name="end">The number after the last event.</param>
    /// <param name="others">Those beside the first.</param>
    public LogReader? TakeWaiting(long end, bool isEnded, out List<LogReader>? others)
    {
        LogReader? first = null;
        others = null;
        foreach (var reader in _readers)
        {
            var isThere = reader.Next < end;
            if (!isThere && !isEnded || !reader.TryEndWait()) continue;
            reader.IsThere = isThere;
            if (first is null) first = reader;
            else (others ??= []).Add(reader);
        }
        return first;
    }
}
