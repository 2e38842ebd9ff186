using System.Text.Json;
using Microsoft.Extensions.Logging;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Stores;
using Samovar.Turns;

namespace Samovar.Running;

/// <summary>Notes where it outlives the process which background turns run here, and how those ended that left no response.</summary>
/// <remarks>
/// Each process says now and then that it lives. What a dead one ran has failed: whichever process of the store notices it says so, the
/// same one at its next start or another.
/// </remarks>
internal sealed partial class RunningJournal(
    IRunningRows rows, IChainStore store, BackgroundOptions options, RunningMetrics metrics, IdSource ids,
    TimeProvider time, ILogger<RunningJournal> logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
    private string? _process;

    /// <summary>Whether there is anything that outlives the process.</summary>
    public bool IsDurable => store.IsDurable;

    /// <summary>Names this process; it says that it lives before it runs anything.</summary>
    private string Process => _process ??= "proc_" + ids.Next();

    /// <summary>After this returns the turn is known, whatever becomes of this process.</summary>
    /// <exception cref="ApiException">The store cannot be written now.</exception>
    public async Task NoteAsync(RunningTurn turn)
    {
        try
        {
            await rows.NoteAsync(new RunningRow
            {
                Tenant = turn.Owner.Tenant,
                Id = turn.Id,
                Process = Process,
                StartedAt = time.GetUtcNow(),
                Snapshot = turn.Snapshot(),
            }, CancellationToken.None); // a client that leaves must not leave a row without its turn
        }
        catch (StoreAwayException exception)
        {
            throw Away(exception);
        }
    }

    /// <summary>Before anybody sees that a turn ended badly it is kept: nothing else would know.</summary>
    public async Task NoteEndAsync(RunningTurn turn, LoggedEvent end)
    {
        var ended = EventSplice.ResponseOf(end.Json).Utf8;
        CountEnd(ended);
        if (end.Type != "response.failed") return;
        try
        {
            await rows.EndAsync(turn.Owner.Tenant, turn.Id, ended, CancellationToken.None);
        }
        catch (StoreAwayException exception)
        {
            Log.NotNoted(logger, turn.Id, exception); // it will be found unfinished, and fail then
        }
    }

    /// <summary>The response is stored: what was noted of its turn goes.</summary>
    public async Task ForgetAsync(TenantId tenant, ResponseId id)
    {
        try
        {
            await rows.DeleteAsync(tenant, id, CancellationToken.None);
        }
        catch (StoreAwayException exception)
        {
            Log.NotNoted(logger, id, exception); // as above: the stored response counts
        }
    }

    /// <summary>What is known of a turn that left no response here; null where nothing is.</summary>
    public async ValueTask<RunningRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        IsDurable ? await AskAsync(rows.FindAsync(tenant, id, caller)) : null;

    public async ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        IsDurable && await AskAsync(rows.DeleteAsync(tenant, id, caller));

    /// <summary>Says that this process lives, and ends what dead ones left.</summary>
    public async Task RenewAsync(CancellationToken nodeStopping)
    {
        if (!IsDurable) return;
        try
        {
            var lease = new ProcessLease(Process, options.LeaseMax, options.EndsKeptFor);
            while (await rows.RenewAsync(lease, nodeStopping) is { Count: > 0 } left)
                foreach (var row in left) await EndLeftAsync(row, nodeStopping);
        }
        catch (Exception exception) when (exception is StoreAwayException or ApiException { Kind.Status: 503 })
        {
            Log.NotRenewed(logger, exception);
        }
    }

    private void CountEnd(ReadOnlyMemory<byte> ended)
    {
        var status = ResponseSplice.StatusOf(ended) ?? ResponseStatus.Failed;
        var code = status != ResponseStatus.Failed ? null
            : ResponseReader.TryRead(ended, ProtocolLimits.Peer, out var failed) ? failed.Error?.Code : Errors.Internal.Code;
        metrics.BackgroundEnded(ResponseWriter.StatusName(status), code);
    }

    private static async ValueTask<T> AskAsync<T>(ValueTask<T> asking)
    {
        try { return await asking; }
        catch (StoreAwayException exception) { throw Away(exception); }
    }

    private static ApiException Away(StoreAwayException cause) =>
        new(Errors.StoreUnavailable, [RetryAfter], retryAfter: RetryAfter, cause: cause);

    private async Task EndLeftAsync(RunningRow row, CancellationToken nodeStopping)
    {
        if (await store.FindAsync(row.Tenant, row.Id, nodeStopping) is not null)
        {
            await rows.DeleteAsync(row.Tenant, row.Id, nodeStopping); // it ended well, and its process died before it could say so
            return;
        }
        var error = ErrorBody.OfResponse(new ApiException(Errors.ServerRestart));
        if (await rows.EndAsync(row.Tenant, row.Id, FailedOf(row, error), nodeStopping))
            metrics.BackgroundEnded("failed", Errors.ServerRestart.Code);
        Log.LeftBehind(logger, row.Id, row.Process);
    }

    /// <summary>What was noted, failed; a row that cannot be read must not keep the others from their ends.</summary>
    private static byte[] FailedOf(RunningRow row, ResponseError error)
    {
        try
        {
            return ResponseSplice.With(row.Snapshot, ResponseStatus.Failed, [], error);
        }
        catch (JsonException)
        {
            return ResponseWriter.Bytes(new Response
            {
                Id = row.Id,
                CreatedAt = row.StartedAt,
                Status = ResponseStatus.Failed,
                Model = "",
                Request = new CreateRequest(),
                IsBackground = true,
                Error = error,
            });
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2510, LogLevel.Error, "It could not be noted how response {ResponseId} ended")]
        public static partial void NotNoted(ILogger logger, ResponseId responseId, Exception exception);

        [LoggerMessage(2511, LogLevel.Debug, "The store of responses could not be told that this process lives")]
        public static partial void NotRenewed(ILogger logger, Exception exception);

        [LoggerMessage(2512, LogLevel.Warning, "Response {ResponseId} has failed: process {Process}, which ran it, is gone")]
        public static partial void LeftBehind(ILogger logger, ResponseId responseId, string process);
    }
}
