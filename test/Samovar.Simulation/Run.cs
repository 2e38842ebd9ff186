namespace Samovar.Simulation;

/// <summary>One run of a turn in one life of a node, and those who read it: from its start, whenever they come.</summary>
internal sealed class Run(SimTurn turn)
{
    private readonly List<(Action<string> Heard, Action<TurnEnd> Ended)> _readers = [];
    private string? _output;

    public SimTurn Turn => turn;

    /// <summary>Under which it was begun; 0 where it begins a tree.</summary>
    public long Epoch { get; set; }
    public TurnEnd? End { get; private set; }

    /// <summary>Nobody reads it any more, and it stops where it is.</summary>
    public bool IsCancelled { get; set; }

    public void Read(Action<string> heard, Action<TurnEnd> ended)
    {
        _readers.Add((heard, ended));
        if (_output is not null) heard(_output);
        if (End is { } end) ended(end);
    }

    public void Tell(string output)
    {
        _output = output;
        foreach (var (heard, _) in _readers.ToArray()) heard(output);
    }

    public void Finish(TurnEnd end)
    {
        End = end;
        foreach (var (_, ended) in _readers.ToArray()) ended(end);
    }
}
