using Samovar.Chains;
using Samovar.Engine;
using Samovar.Protocol.Ids;

namespace Samovar.Backends;

/// <summary>The state of stored responses that engines keep in files.</summary>
internal sealed class KeptStates(IReadOnlyList<IBackend> backends)
{
    /// <summary>A turn comes that goes on from a response: what files have of it is read meanwhile.</summary>
    public void Expect(ChainNode parent)
    {
        if (parent.State?.EnginePath is not { } path) return;
        foreach (var files in Files) files.Expect(parent.Tenant.Value, path);
    }

    /// <summary>A stored response is gone.</summary>
    public void Forget(TenantId tenant, ResponseId id)
    {
        foreach (var files in Files) files.Forget(tenant.Value, id.Value);
    }

    /// <summary>Whether there are any.</summary>
    public bool Any => Files.Any();

    /// <summary>The stored responses that there is state of, from before a time.</summary>
    public IEnumerable<(TenantId Tenant, ResponseId Id)> Before(DateTimeOffset until) => Files
        .SelectMany(files => files.KeptBefore(until)).Distinct()
        .Select(static kept => (new TenantId(kept.Scope), new ResponseId(kept.StoredAs)));

    private IEnumerable<IStateFiles> Files => backends.SelectMany(static backend => backend.StateFiles);
}
