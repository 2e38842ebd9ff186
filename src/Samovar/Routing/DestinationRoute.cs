using Samovar.Backends.Upstream.Destinations;

namespace Samovar.Routing;

/// <summary>Where an attempt goes, and why.</summary>
internal abstract record DestinationRoute
{
    private DestinationRoute() { }

    /// <param name="Place">The turn's place there; given back when the attempt ends.</param>
    /// <param name="Affinity">For the request's record: what held, or what was let go and why.</param>
    public sealed record To(Destination Destination, string Model, IDisposable Place, string Affinity) : DestinationRoute;

    /// <summary>Nobody can take it now.</summary>
    public sealed record Nowhere(Refusal Soonest) : DestinationRoute;
}
