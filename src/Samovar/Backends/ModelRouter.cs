
namespace Samovar.Backends;

/// <summary>Finds who serves a model name.</summary>
internal sealed class ModelRouter(IEnumerable<IBackend> backends, RoutingOptions options)
{
    private readonly IBackend[] _backends = [.. backends];

    /// <summary>What their engines keep in files.</summary>
    public KeptStates States => new(_backends);

    /// <summary>Every model that is served, in the order of the backends.</summary>
    public IEnumerable<BackendModel> Models => _backends.SelectMany(backend => backend.Models);

    /// <summary>The same for lists, with what upstreams list that any name is passed on to.</summary>
    public IEnumerable<BackendModel> Listed =>
        _backends.SelectMany(backend => backend.ListedModels).DistinctBy(model => model.Name, StringComparer.Ordinal);

    /// <summary>The other names of those, of which clients take some for models of a provider that they know: <c>claude-…</c>.</summary>
    public IEnumerable<BackendModel> ListedAliases
    {
        get
        {
            var listed = Listed.ToDictionary(model => model.Name, StringComparer.Ordinal);
            return options.Aliases.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Where(pair => !listed.ContainsKey(pair.Key) && listed.ContainsKey(pair.Value))
                .Select(pair => listed[pair.Value] with { Name = pair.Key, MeansOther = pair.Value });
        }
    }

    /// <summary>The model of a name: one that is listed, an alias of one, or one that is passed on; null for any other.</summary>
    public BackendModel? Find(string name)
    {
        if (Listed.FirstOrDefault(model => string.Equals(model.Name, name, StringComparison.Ordinal)) is { } listed) return listed;
        if (options.Aliases.TryGetValue(name, out var alias) && alias != name)
            return Listed.FirstOrDefault(model => string.Equals(model.Name, alias, StringComparison.Ordinal)) is { } meant
                ? meant with { Name = name } : PassedOn(alias) is null ? null : BackendModel.Named(name);
        return PassedOn(name);
    }

    private BackendModel? PassedOn(string name) => _backends.Any(backend => backend.ServesAnyModel) ? BackendModel.Named(name) : null;

    /// <summary>Where a request for <paramref name="name"/> goes.</summary>
    /// <remarks>
    /// With one model loaded every name is that model, as local engines do; with several a name must be one of them or an alias.
    /// </remarks>
    public RouteDecision Route(string? name)
    {
        if (Only() is { } only) return only;
        var asked = name ?? options.DefaultModel;
        if (asked is null) return new RouteDecision.NoName();
        if (options.Aliases.TryGetValue(asked, out var alias)) asked = alias;
        return ServerOf(asked) ?? (RouteDecision)new RouteDecision.Unknown(name ?? asked);
    }

    /// <summary>Whether the words of a model are made in this process; upstreams have their own ways to what is warm.</summary>
    public bool IsMadeHere(string? name) => Route(name) is RouteDecision.To to
        && to.Backend.Models.Any(served => served.Name == to.Model && !served.IsElsewhere);

    private RouteDecision.To? Only()
    {
        if (_backends.Any(backend => backend.ServesAnyModel)) return null;
        RouteDecision.To? only = null;
        foreach (var backend in _backends)
            foreach (var model in backend.Models)
            {
                if (only is not null) return null;
                only = new RouteDecision.To(backend, model.Name);
            }
        return only;
    }

    private RouteDecision.To? ServerOf(string name)
    {
        foreach (var backend in _backends)
            foreach (var model in backend.Models)
                if (string.Equals(model.Name, name, StringComparison.Ordinal)) return new RouteDecision.To(backend, model.Name);
        return _backends.FirstOrDefault(backend => backend.ServesAnyModel) is { } any ? new RouteDecision.To(any, name) : null;
    }
}

/// <summary>Where a request goes.</summary>
internal abstract record RouteDecision
{
    private RouteDecision() { }

    /// <param name="Backend">Who runs it.</param>
    /// <param name="Model">The model's own name there.</param>
    public sealed record To(IBackend Backend, string Model) : RouteDecision;
    public sealed record Unknown(string Model) : RouteDecision;

    /// <summary>Several models are served, and the request names none.</summary>
    public sealed record NoName : RouteDecision;
}
