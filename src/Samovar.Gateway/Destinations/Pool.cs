namespace Samovar.Gateway.Destinations;

/// <summary>Destinations that can stand in for each other; immutable, so that a turn sees one configuration from begin to end.</summary>
internal sealed class Pool
{
    private readonly IReadOnlyDictionary<string, string> _aliases;

    public Pool(PoolOptions options, IReadOnlyList<Destination> destinations)
    {
        Name = options.Name;
        (QueueMax, QueueWaitMax, OwnerWaitMax) = (options.QueueMax, options.QueueWaitMax, options.OwnerWaitMax);
        OpenPart = options.OpenPart;
        KeyPolicy = ConfigurationNames.KeyPolicies[options.PromptCacheKey];
        Compaction = ConfigurationNames.CompactionPolicies[options.Compaction];
        Destinations = destinations;
        IsLimited = destinations.Any(destination => destination.IsLimited);
        _aliases = ModelNames.Read(options.Aliases);
        Models = destinations.SelectMany(destination => destination.Models).Concat(_aliases.Keys)
            .Where(model => model != "*").Distinct(StringComparer.Ordinal).ToList();
    }

    public string Name { get; }
    public PromptCacheKeyPolicy KeyPolicy { get; }
    public CompactionPolicy Compaction { get; }

    /// <summary>Turns that may wait for a place; 0 lets none wait.</summary>
    public int QueueMax { get; }
    public TimeSpan QueueWaitMax { get; }

    /// <summary>How long a turn waits for the destination that holds its chain before it goes elsewhere.</summary>
    public TimeSpan OwnerWaitMax { get; }

    /// <summary>One of that many places is kept open for flows that hold none or few; 0 keeps none open.</summary>
    public int OpenPart { get; }
    public IReadOnlyList<Destination> Destinations { get; }

    /// <summary>Whether any destination takes only so much.</summary>
    public bool IsLimited { get; }

    /// <summary>Names that clients may use, aliases included; a pool that passes any name on cannot list those.</summary>
    public IReadOnlyList<string> Models { get; }

    /// <summary>The name behind an alias.</summary>
    public string Resolve(string model) => _aliases.GetValueOrDefault(model, model);

    public bool Serves(string model)
    {
        var resolved = Resolve(model);
        foreach (var destination in Destinations)
            if (destination.ModelFor(resolved) is not null) return true;
        return false;
    }

    /// <summary>Whether another destination is fit to take a turn of the model, if only when it has a place again.</summary>
    public bool HasOther(Destination than, string model) => Destinations.Any(other => other.Name != than.Name
        && other.ModelFor(model) is not null
        && other.State.Refusal?.Reason is not (RefusalReason.Unhealthy or RefusalReason.Cooldown or RefusalReason.CircuitOpen));

    public Destination? Find(string name) => Destinations.FirstOrDefault(destination => destination.Name == name);
}
