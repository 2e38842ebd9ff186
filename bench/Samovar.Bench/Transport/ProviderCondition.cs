using Samovar.Bench.Stub;

namespace Samovar.Bench.Transport;

/// <summary>
/// Under which a published time is measured again: who says nothing of its provider's replicas is compared with the provider that has
/// one, and with those that have several.
/// </summary>
/// <param name="Name">For people.</param>
/// <param name="Backend">The provider.</param>
/// <param name="Whole">The transport that sends whole histories: as it reaches that provider without Samovar where replicas matter.</param>
internal sealed record ProviderCondition(string Name, TransportBackend Backend, string Whole)
{
    private static readonly TransportBackend Slow = TransportBackend.All.First(backend => backend.Name == "provider-65");

    public static readonly ProviderCondition
        One = new("one replica", Slow, TransportKind.HttpWhole.Name),
        Several = Of("4 replicas, in turn", new ReplicaPlan(4)),
        Fleet = Of("64 replicas, in turn", new ReplicaPlan(64)),
        ByPrefix = Of("4 replicas, by prefix", new ReplicaPlan(4, ReplicaSpread.Prefix));

    public static readonly IReadOnlyList<ProviderCondition> All = [One, ByPrefix, Several, Fleet];

    private static ProviderCondition Of(string name, ReplicaPlan replicas) =>
        new(name, Slow.With(replicas), TransportKind.HttpDirect.Name);
}
