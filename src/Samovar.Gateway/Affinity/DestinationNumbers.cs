namespace Samovar.Gateway.Affinity;

/// <summary>Numbers that stand for the names of destinations as long as a row has them. Not for two threads at once.</summary>
internal sealed class DestinationNumbers
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<(string Name, int Rows)> _names = [];
    private readonly Stack<int> _free = [];

    public string NameOf(int number) => _names[number].Name;

    /// <summary>One more row has the name.</summary>
    public int Enter(string name)
    {
        if (!_numbers.TryGetValue(name, out var number)) _numbers[name] = number = New(name);
        _names[number] = (name, _names[number].Rows + 1);
        return number;
    }

    /// <summary>A row has it no longer; what the last one left is forgotten.</summary>
    public void Leave(int number)
    {
        var (name, rows) = _names[number];
        _names[number] = (name, rows - 1);
        if (rows > 1) return;
        _numbers.Remove(name);
        _names[number] = ("", 0);
        _free.Push(number);
    }

    private int New(string name)
    {
        if (_free.TryPop(out var number)) return number;
        _names.Add((name, 0));
        return _names.Count - 1;
    }
}
