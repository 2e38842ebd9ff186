namespace Samovar.Gateway.Destinations;

/// <summary>
/// Models that a destination said it does not have: for a while others of its pool are asked for them, and it only where they all say so.
/// Safe for all threads.
/// </summary>
internal sealed class LackedModels(UpstreamOptions options, TimeProvider time)
{
    private const int ModelsMax = 1000; // clients may name them: with one more, all are asked for again
    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);
    private volatile bool _hasAny; // each turn asks, and most destinations have all of theirs

    /// <param name="model">As the destination calls it.</param>
    public void Note(string model)
    {
        lock (_lock)
        {
            if (_until.Count >= ModelsMax) _until.Clear();
            _until[model] = time.GetUtcNow() + options.ModelRetryAfter;
            _hasAny = true;
        }
    }

    public bool Has(string model)
    {
        if (!_hasAny) return false;
        lock (_lock) return _until.TryGetValue(model, out var until) && time.GetUtcNow() < until;
    }

    /// <summary>It answered for the model, or its settings are others.</summary>
    /// <param name="model">Null: all of them.</param>
    public void Clear(string? model = null)
    {
        if (!_hasAny) return;
        lock (_lock)
        {
            if (model is null) _until.Clear();
            else _until.Remove(model);
            _hasAny = _until.Count > 0;
        }
    }
}
