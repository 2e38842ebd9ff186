namespace Samovar.Backends.Upstream.Destinations;

/// <summary>The pools in force. A new configuration replaces them at once; a destination that is still the same keeps its state.</summary>
internal sealed class Pools
{
    private readonly TimeProvider _time;
    private readonly Func<string, string?> _environment;
    private volatile IReadOnlyList<Pool> _current;

    /// <exception cref="InvalidOperationException">A key is not where the options say.</exception>
    public Pools(UpstreamOptions options, TimeProvider time, Func<string, string?> environment)
    {
        (_time, _environment) = (time, environment);
        _current = [];
        Apply(options);
    }

    public IReadOnlyList<Pool> Current => _current;

    public void Apply(UpstreamOptions options)
    {
        var before = _current.SelectMany(pool => pool.Destinations).ToDictionary(destination => destination.Name, StringComparer.Ordinal);
        _current = options.Pools.Select(pool => new Pool(pool, pool.Destinations.Select(Make).ToList())).ToList();

        Destination Make(DestinationOptions destination) =>
            new(destination, StateFor(destination, before.GetValueOrDefault(destination.Name))
                ?? new DestinationState(destination, options, _time), _environment);
    }

    /// <summary>The first pool that serves the model; without a name the only model of the first pool.</summary>
    public (Pool Pool, string Model)? Find(string? model)
    {
        var pools = _current;
        if (model is null) return pools is [var first, ..] && first.Models is [var only, ..] ? (first, first.Resolve(only)) : null;
        foreach (var pool in pools)
            if (pool.Serves(model)) return (pool, pool.Resolve(model));
        return null;
    }

    private static DestinationState? StateFor(DestinationOptions options, Destination? before) =>
        before is not null && before.Options.BaseUrl == options.BaseUrl && before.Options.InFlightMax == options.InFlightMax
        && before.Options.RequestsPerMinute == options.RequestsPerMinute && before.Options.TokensPerMinute == options.TokensPerMinute
            ? before.State : null;
}
