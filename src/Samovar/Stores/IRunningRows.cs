using Samovar.Protocol.Ids;

namespace Samovar.Stores;

/// <summary>What background turns leave where it outlives the process: that they run, and how those ended that left no response.</summary>
/// <remarks>
/// All calls throw <see cref="StoreAwayException"/> where the store cannot be reached or written now. Calls may come from many threads at
/// once. A response that ended well stands among the stored responses, and its row here goes.
/// </remarks>
public interface IRunningRows
{
    /// <summary>After this returns it is durable that the turn waits or runs in that process.</summary>
    ValueTask NoteAsync(RunningRow row, RunningRowInput input, CancellationToken caller);

    /// <summary>
    /// After this returns it is durable how the turn ended. A row that has ended stays as it is; others of the tenant that have ended go
    /// where there is no room for all, those that ended first before the others.
    /// </summary>
    /// <returns>Whether this was its end.</returns>
    ValueTask<bool> EndAsync(
        TenantId tenant, ResponseId id, ReadOnlyMemory<byte> snapshot, RunningRowRoom room, CancellationToken caller);

    /// <summary>Null for an unknown id and for somebody else's alike.</summary>
    ValueTask<RunningRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller);

    /// <summary>What the turn is or was made from; null for an unknown id and for somebody else's alike.</summary>
    ValueTask<RunningRowInput?> FindInputAsync(TenantId tenant, ResponseId id, CancellationToken caller);

    /// <returns>Whether it was there.</returns>
    ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller);

    /// <summary>The store's own clock, which says who lives and how old what is: it may be set.</summary>
    ValueTask<DateTimeOffset> NowAsync(CancellationToken caller);

    /// <summary>
    /// Notes that a process lives, and forgets rows that ended long ago. Time is the store's own: processes need not agree on it.
    /// </summary>
    /// <returns>Rows that have not ended, of processes that live no more: some of them, where there are many. Where others may have the
    /// store and this process may not judge them, only those of nodes whose rows say that they are dead.</returns>
    ValueTask<IReadOnlyList<RunningRow>> RenewAsync(ProcessLease lease, CancellationToken caller);
}

/// <summary>One background turn.</summary>
public sealed record RunningRow
{
    public required TenantId Tenant { get; init; }
    public required ResponseId Id { get; init; }

    /// <summary>Which process runs it.</summary>
    public required string Process { get; init; }
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Whether it has ended, without a response that is stored.</summary>
    public bool IsEnded { get; init; }

    /// <summary>The response as it is shown, in JSON: as it began, or as it ended.</summary>
    public required ReadOnlyMemory<byte> Snapshot { get; init; }
}

/// <summary>What a background turn is made from.</summary>
/// <param name="Parent">The response that it continues; null where it begins a conversation.</param>
/// <param name="Items">Its own items, packed.</param>
public sealed record RunningRowInput(ResponseId? Parent, ReadOnlyMemory<byte> Items);

/// <summary>How much is kept of one tenant's turns that have ended; the newest end is kept in any case.</summary>
public readonly record struct RunningRowRoom(int CountMax, long BytesMax);

/// <summary>A sign of life.</summary>
/// <param name="Process">Whose.</param>
/// <param name="DeadAfter">A process that was not seen for so long lives no more; where no other can have the store, none of the others
/// does.</param>
/// <param name="KeptFor">How long rows stay after their end; null: none goes now.</param>
/// <param name="MayJudge">Whether it may say of others that have the store, too, that they live no more; else it says only that it lives
/// itself, and hears of nodes that their rows call dead.</param>
public sealed record ProcessLease(string Process, TimeSpan DeadAfter, TimeSpan? KeptFor, bool MayJudge);
