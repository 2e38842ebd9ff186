using Samovar.Backends;

namespace Samovar.Gateway.Destinations;

/// <summary>What pools serve.</summary>
/// <param name="IsAny">Whether names beyond the models' are passed on as they are.</param>
internal sealed record ServedModels(IReadOnlyList<Pool> Pools, IReadOnlyList<BackendModel> Models, bool IsAny)
{
    private const string Owner = "samovar"; // whose it is behind this server is the operator's affair

    public static ServedModels Of(IReadOnlyList<Pool> pools) => new(
        pools,
        pools.SelectMany(pool => pool.Models.Select(model => new BackendModel(model, Owner, null)))
            .DistinctBy(model => model.Name, StringComparer.Ordinal).ToList(),
        pools.SelectMany(pool => pool.Destinations).Any(destination => destination.Models.Contains("*", StringComparer.Ordinal)));
}
