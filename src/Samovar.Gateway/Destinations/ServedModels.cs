using Samovar.Backends;

namespace Samovar.Gateway.Destinations;

/// <summary>What pools serve.</summary>
/// <param name="IsAny">Whether names beyond the models' are passed on as they are.</param>
internal sealed record ServedModels(IReadOnlyList<Pool> Pools, IReadOnlyList<BackendModel> Models, bool IsAny)
{
    public static ServedModels Of(IReadOnlyList<Pool> pools) => new(
        pools,
        pools.SelectMany(pool => pool.Models.Select(BackendModel.Upstream))
            .DistinctBy(model => model.Name, StringComparer.Ordinal).ToList(),
        pools.SelectMany(pool => pool.Destinations).Any(destination => destination.Models.Contains("*", StringComparer.Ordinal)));

    /// <summary>The same, and what the upstreams list that a name is passed on to.</summary>
    public IReadOnlyList<BackendModel> Listed()
    {
        if (!IsAny) return Models;
        var listed = Pools.SelectMany(pool => pool.Destinations.Where(static destination => destination.PassesNamesOn)
            .SelectMany(destination => destination.State.Listed.Names)
            .Where(name => ReferenceEquals(Pools.First(first => first.Serves(name)), pool))); // it would not come that far
        return [.. Models.Concat(listed.Select(BackendModel.Upstream)).DistinctBy(model => model.Name, StringComparer.Ordinal)];
    }
}
