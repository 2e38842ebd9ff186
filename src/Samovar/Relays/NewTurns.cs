using Samovar.Cluster;
using Samovar.Protocol.Ids;

namespace Samovar.Relays;

/// <summary>Nothing is at work under the name of a turn that a client begins here: the name is new.</summary>
/// <remarks>Who asks for a turn again asks by its name, and is answered with what runs or is stored, without another turn.</remarks>
internal sealed class NewTurns : ITurnsAtWork
{
    public static readonly NewTurns Instance = new();

    public bool TryBegin(TenantId tenant, ResponseId id, ResponseId root, long epoch) => true;
    public long? EpochOf(TenantId tenant, ResponseId id) => null;
    public bool IsBusy(TenantId tenant, ResponseId root) => false;
}
