using Samovar.Chains;
using Samovar.Protocol.Ids;

namespace Samovar.Backends;

/// <summary>What backends kept with stored responses, written and read by whichever of them made it.</summary>
internal sealed class BackendStates(IEnumerable<IBackend> backends) : IStatePacking
{
    private readonly IBackend[] _backends = [.. backends];

    public void Forget(TenantId tenant, ResponseId id) => new KeptStates(_backends).Forget(tenant, id);

    public PackedState? Pack(ChainNode node)
    {
        if (node.State is null) return null;
        foreach (var backend in _backends)
            if (backend.PackState(node) is { } packed) return packed;
        return null;
    }

    public BackendState? Read(PackedState packed, StoredTurn turn)
    {
        try
        {
            foreach (var backend in _backends)
                if (backend.ReadState(packed, turn) is { } state) return state;
        }
        catch (Exception broken) when (broken is InvalidDataException or IndexOutOfRangeException)
        {
            // then its continuation costs more, and is the same
        }
        return null;
    }
}
