using Microsoft.Extensions.Logging;

namespace Samovar.Gateway.Destinations;

/// <summary>The pools in force. A new configuration replaces them at once; a destination that is still the same keeps its state.</summary>
internal sealed class PoolTable
{
    private readonly Lock _applying = new();
    private readonly TimeProvider _time;
    private readonly Func<string, string?> _environment;
    private readonly DestinationShares? _shares;
    private volatile IReadOnlyList<Pool> _current;
    private Action? _loosened;

    /// <param name="shares">The limits' parts of this node; null: it stands alone.</param>
    /// <exception cref="InvalidOperationException">A key is not where the options say.</exception>
    public PoolTable(UpstreamOptions options, TimeProvider time, Func<string, string?> environment, ILogger<PoolTable>? logger = null,
        DestinationShares? shares = null)
    {
        (_time, _environment, _shares, Log) = (time, environment, shares, logger is null ? null : new DestinationLog(logger));
        _current = [];
        Apply(options);
    }

    public IReadOnlyList<Pool> Current => _current;

    /// <summary>Keys that clients sent, for destinations that get them; null: nobody passes any on.</summary>
    public CallerKeys? Callers { get; init; }

    /// <summary>Gets notified of changes; null: nothing does.</summary>
    public DestinationLog? Log { get; }

    /// <summary>
    /// Called when a turn that found no place may find one: one was given back, a destination is fit again, the pools are others.
    /// </summary>
    public void OnLoosened(Action loosened) => _loosened += loosened;

    /// <summary>All or nothing: where a key is missing the old pools stay as they are.</summary>
    /// <exception cref="InvalidOperationException">A key is not where the options say.</exception>
    public void Apply(UpstreamOptions options) => Apply(Made(options));

    /// <summary>Pools as the options want them, with all their keys; none is in force before they are applied.</summary>
    /// <exception cref="InvalidOperationException">A key is not where the options say.</exception>
    public List<Pool> Made(UpstreamOptions options)
    {
        var before = Destinations();
        return [.. options.Pools.Select(pool => new Pool(pool, pool.Destinations.Select(Make).ToList()))];

        Destination Make(DestinationOptions destination) =>
            new(destination, StateFor(destination, before.GetValueOrDefault(destination.Name))
                ?? new DestinationState(destination, options, _time, Loosen, Log, _shares?.Of(destination, Loosen)), _environment);
    }

    /// <param name="pools">Made from those in force: one configuration is applied after the other.</param>
    public void Apply(List<Pool> pools)
    {
        lock (_applying)
        {
            var before = Destinations();
            foreach (var destination in pools.SelectMany(pool => pool.Destinations))
                destination.State.Apply(destination.Options, destination.KeyDigest);
            _current = pools;
            foreach (var (name, _) in before.Where(known => HasOtherKey(known.Value, pools))) Log?.KeyChanged(name);
        }
        Loosen();
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

    private Dictionary<string, Destination> Destinations() => _current.SelectMany(pool => pool.Destinations)
        .ToDictionary(destination => destination.Name, StringComparer.Ordinal);

    private void Loosen() => _loosened?.Invoke();

    private static bool HasOtherKey(Destination before, List<Pool> pools) =>
        pools.Select(pool => pool.Find(before.Name)).FirstOrDefault(found => found is not null) is { } now
        && now.BaseUrl == before.BaseUrl && now.KeyDigest != before.KeyDigest;

    /// <summary>The same machine or account under the same name: what runs there still runs there.</summary>
    private static DestinationState? StateFor(DestinationOptions options, Destination? before) =>
        before is not null && before.Options.BaseUrl == options.BaseUrl ? before.State : null;
}
