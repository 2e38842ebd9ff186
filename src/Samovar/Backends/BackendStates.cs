using Samovar.Chains;

namespace Samovar.Backends;

/// <summary>What backends kept with stored responses, read by whichever of them made it.</summary>
internal sealed class BackendStates(IEnumerable<IBackend> backends) : IStateReader
{
    private readonly IBackend[] _backends = [.. backends];

    public BackendState? Read(PackedState packed, StoredTurn turn)
    {
        try
        {
            foreach (var backend in _backends)
                if (backend.ReadState(packed, turn) is { } state) return state;
        }
        catch (InvalidDataException)
        {
            // then its continuation costs more, and is the same
        }
        return null;
    }
}
