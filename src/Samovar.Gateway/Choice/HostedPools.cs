using Samovar.Gateway.Destinations;

namespace Samovar.Gateway.Choice;

/// <summary>Which pools run the tools themselves that run at a server: where all that serve the model speak the whole Responses
/// API.</summary>
internal static class HostedPools
{
    public static bool RunTools(Pool pool, string model)
    {
        var isAny = false;
        foreach (var destination in pool.Destinations)
        {
            if (destination.ModelFor(model) is null) continue;
            isAny = true;
            if (destination.Kind is DestinationKind.Chat or DestinationKind.Messages || destination.Dialect.FunctionsOnly) return false;
        }
        return isAny;
    }
}
