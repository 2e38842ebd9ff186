using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Running;

/// <summary>Finds a response wherever it is: being made here, stored, or noted as one that is made elsewhere or ended badly.</summary>
internal sealed class ResponseFinder(RunningTurns turns, IChainStore store, RunningJournal journal)
{
    /// <summary>Null for an unknown id, somebody else's, and one that is being made for a client that waits for it.</summary>
    public async ValueTask<FoundResponse?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        var turn = turns.Find(tenant, id) is { IsBackground: true } found ? found : null;
        if (turn is { IsEnded: false }) return new FoundResponse.Here(turn);
        if (turn is null) return await FindKeptAsync(tenant, id, caller);
        if (await IsKeptAsync(tenant, id, caller)) return new FoundResponse.Here(turn);
        turns.Remove(turn); // another process of the store has deleted it
        return null;
    }

    /// <summary>What is known of a response to whoever deletes it: nothing of its chain is read, so what cannot be read can be
    /// deleted.</summary>
    public async ValueTask<ResponseStanding> StandingOfAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        var turn = turns.Find(tenant, id) is { IsBackground: true } found ? found : null;
        if (turn is { IsEnded: false }) return ResponseStanding.Running;
        if (await store.FindExcerptAsync(tenant, id, isHead: false, caller) is not null) return ResponseStanding.Ended;
        if (await journal.FindAsync(tenant, id, caller) is { } row)
            return row.IsEnded || turn is not null ? ResponseStanding.Ended : ResponseStanding.RunningElsewhere;
        if (turn is not null) turns.Remove(turn); // another process of the store has deleted it
        return ResponseStanding.Unknown;
    }

    /// <summary>A background turn that runs here; null where none does.</summary>
    public RunningTurn? FindRunning(TenantId tenant, ResponseId id) =>
        turns.Find(tenant, id) is { IsBackground: true, IsEnded: false } turn ? turn : null;

    private async ValueTask<FoundResponse?> FindKeptAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        if (await store.FindAsync(tenant, id, caller) is { } node) return new FoundResponse.Stored(node);
        return await journal.FindAsync(tenant, id, caller) is { } row ? new FoundResponse.Noted(row) : null;
    }

    /// <summary>Reads nothing of its chain: whoever polls does so often.</summary>
    private async ValueTask<bool> IsKeptAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        (store.Peek(tenant, id) is { } node ? await store.IsThereAsync(node, caller)
            : await store.FindExcerptAsync(tenant, id, isHead: false, caller) is not null)
        || await journal.FindAsync(tenant, id, caller) is not null;

    /// <summary>What a response was made from, or is being made from; null for those that are not found.</summary>
    public async ValueTask<IChainExcerpt?> FindInputAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        if (FindRunning(tenant, id) is { Input: { } running }) return await BehindParentAsync(tenant, id, running, caller);
        if (await store.FindExcerptAsync(tenant, id, isHead: false, caller) is { } chain) return new InputExcerpt(chain);
        return await journal.FindInputAsync(tenant, id, caller) is { } noted ? await BehindParentAsync(tenant, id, noted, caller) : null;
    }

    private async ValueTask<IChainExcerpt> BehindParentAsync(
        TenantId tenant, ResponseId id, RunningInput input, CancellationToken caller) => new RunningExcerpt(
        input.Parent is { } parent ? await store.FindExcerptAsync(tenant, parent, isHead: true, caller) : null, id, input.Items);

    /// <summary>Deletes it from wherever it is.</summary>
    /// <returns>Whether it was anywhere.</returns>
    public async Task<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        var wasStored = await store.DeleteAsync(tenant, id, caller);
        var wasNoted = await journal.DeleteAsync(tenant, id, caller);
        if (turns.Find(tenant, id) is not { IsEnded: true } turn) return wasStored || wasNoted;
        turns.Remove(turn);
        return wasStored || wasNoted || turn.IsBackground;
    }
}

/// <summary>What becomes of a response, as far as deleting it goes.</summary>
internal enum ResponseStanding
{
    /// <summary>Nobody has it, or it is somebody else's, or is made for a client that waits for it.</summary>
    Unknown,

    /// <summary>It is being made here.</summary>
    Running,

    /// <summary>It is noted as one that another process makes.</summary>
    RunningElsewhere,

    /// <summary>It is stored, or noted as one that ended badly.</summary>
    Ended,
}

/// <summary>Where a response was found.</summary>
internal abstract record FoundResponse
{
    private FoundResponse() { }

    /// <summary>A background turn, running or just ended.</summary>
    public sealed record Here(RunningTurn Turn) : FoundResponse;
    public sealed record Stored(ChainNode Node) : FoundResponse;

    /// <summary>A background turn of another process, or one that ended badly.</summary>
    public sealed record Noted(RunningRow Row) : FoundResponse;
}
