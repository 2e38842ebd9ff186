using Samovar.Backends;
using Samovar.Gateway.Destinations;

namespace Samovar.Gateway.Choice;

/// <summary>What a turn looks for.</summary>
/// <param name="Model">As the pool knows it.</param>
/// <param name="Excluded">Names of destinations that have failed it already.</param>
/// <param name="BoundTo">The only destination that can take it; null where any can.</param>
/// <param name="IsSealed">Whether its history is in a compaction, which only destinations that may have made it can open.</param>
internal sealed record RouteRequest(
    BackendTurn Turn, string Model, IReadOnlySet<string> Excluded, string? BoundTo = null, bool IsSealed = false)
{
    /// <summary>How long it has waited for places already: of one turn's waits all together have a bound.</summary>
    public TimeSpan Waited { get; init; }
}

/// <summary>Where an attempt goes, and why.</summary>
internal abstract record DestinationRoute
{
    private DestinationRoute() { }

    /// <param name="Place">The turn's place there; given back when the attempt ends.</param>
    /// <param name="Affinity">For the request's record: what held, or what was let go and why.</param>
    public sealed record To(Destination Destination, string Model, DestinationPlace Place, string Affinity) : DestinationRoute;

    /// <summary>The destination that holds the chain is only busy: its place is worth a moment's wait.</summary>
    public sealed record OwnerBusy(Refusal Refusal) : DestinationRoute;

    /// <summary>The other nodes are asked what they have left there, which is soon known.</summary>
    public sealed record Asking(Refusal Refusal, Task Answer) : DestinationRoute
    {
        /// <summary>For a turn that does not wait for it.</summary>
        public Nowhere Unanswered => new([Refusal]);
    }

    /// <summary>The only destination that could take it serves the model no longer.</summary>
    public sealed record MakerGone : DestinationRoute;

    /// <summary>Nobody can take it now.</summary>
    /// <param name="Refusals">What each said that could have; none where nobody serves it.</param>
    public sealed record Nowhere(IReadOnlyList<Refusal> Refusals) : DestinationRoute
    {
        private static readonly Refusal Gone = new(RefusalReason.CircuitOpen, TimeSpan.FromSeconds(1));

        /// <summary>Who may take it first.</summary>
        public Refusal Soonest => Refusals.MinBy(refusal => refusal.RetryAfter) ?? Gone;

        /// <summary>Whether those that serve the model are out of order, rather than busy.</summary>
        public bool IsUnfit => Refusals.Count > 0 && Soonest.Reason is (RefusalReason.CircuitOpen or RefusalReason.Unhealthy);

        /// <summary>Whether a turn that has this long may still find a place.</summary>
        public bool MayEndWithin(TimeSpan time) => Refusals.Any(refusal => refusal.Reason switch
        {
            RefusalReason.InFlight or RefusalReason.Share => true, // another turn's end is not foreseen
            _ when refusal.Answer is not null => true,
            RefusalReason.Unhealthy => false,
            _ => refusal.RetryAfter <= time,
        });

        /// <summary>When one of the refusals may end by itself; null where none does.</summary>
        /// <remarks>A place also gets free because nobody reads the answer of the turn that has it, which wakes nobody.</remarks>
        public TimeSpan? NextEnd => Refusals
            .Where(refusal => refusal.Reason != RefusalReason.Unhealthy)
            .Where(refusal => refusal.RetryAfter > TimeSpan.Zero)
            .Min(refusal => (TimeSpan?)refusal.RetryAfter);
    }
}
