namespace Samovar.Gateway.Drivers.Responses;

/// <summary>The ids of one response: one that comes a second time names nothing any more.</summary>
internal struct SeenIds
{
    private string? _first;
    private HashSet<string>? _all; // of more than one

    /// <summary>False for one that was there before.</summary>
    public bool Add(string id)
    {
        if (id == _first) return false;
        _first ??= id;
        return id == _first || (_all ??= new HashSet<string>(StringComparer.Ordinal)).Add(id);
    }
}
