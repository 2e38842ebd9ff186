namespace Samovar.Simulation;

/// <summary>Who reaches whom.</summary>
internal sealed class Network(Agenda agenda)
{
    private readonly Dictionary<(object, object), long> _cuts = [];

    /// <summary>Whether the database answers nobody.</summary>
    public bool IsRowsAway { get; set; }

    public bool IsCut(object one, object other) => CutSince(one, other) is not null;

    public long? CutSince(object one, object other) =>
        _cuts.TryGetValue((one, other), out var at) || _cuts.TryGetValue((other, one), out at) ? at : null;

    public void Cut(object one, object other) => _cuts.TryAdd((one, other), agenda.Now);

    public void Mend(object one, object other)
    {
        _cuts.Remove((one, other));
        _cuts.Remove((other, one));
    }

    public void MendAll()
    {
        _cuts.Clear();
        IsRowsAway = false;
    }
}
