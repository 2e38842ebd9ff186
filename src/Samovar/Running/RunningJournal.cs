using System.Text.Json;
using Microsoft.Extensions.Logging;
using Samovar.Chains;
using Samovar.Chains.Packing;
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
/// same one at its next start or another. Where the store was away all seem dead to the first that finds it again: a process of a store
/// that others have, too, judges them only when it has reached that without a break for as long as they have to say that they live.
/// So it does where the store's clock was set: by that all who live have been silent for long, until their next word. Of a node that its
/// row calls dead its peers have said so, and are asked no more.
/// </remarks>
internal sealed partial class RunningJournal(
    IRunningRows rows, IChainStore store, BackgroundOptions options, RunningMetrics metrics, ProcessName process,
    TimeProvider time, ILogger<RunningJournal> logger)
{
    private readonly RunningRowRoom _room = new(options.EndsPerTenantMax, options.EndBytesPerTenantMax);
    private static readonly TimeSpan ForgetDelay = TimeSpan.FromHours(1); // time to set a clock right before ends go by their age
    private readonly SteadyClock _judging = new(time, options.LeaseMax), _forgetting = new(time, ForgetDelay);
    private readonly Lock _gate = new();
    private readonly Dictionary<(TenantId Tenant, ResponseId Id), long> _unsure = []; // refused, and in the store perhaps; since when
    private long? _renewedAt; // null: the last time failed, or there was none
    private long _steadySince;

    /// <summary>Whether there is anything that outlives the process.</summary>
    public bool IsDurable => store.IsDurable;

    /// <summary>After this returns the turn is known, whatever becomes of this process.</summary>
    /// <exception cref="ApiException">The store cannot be written now. What it may have kept of the turn all the same is taken
    /// back.</exception>
    public async Task NoteAsync(RunningTurn turn, RunningInput input)
    {
        var row = new RunningRow
        {
            Tenant = turn.Owner.Tenant, Id = turn.Id, Process = process.Value, StartedAt = time.GetUtcNow(), Snapshot = turn.Snapshot(),
        };
        try
        {
            await rows.NoteAsync(row, new RunningRowInput(input.Parent, InputPacking.Pack(input.Items)), CancellationToken.None);
            // not the caller's token: a client that leaves must not leave a row without its turn
        }
        catch (StoreAwayException exception)
        {
            TakeBack(turn.Owner.Tenant, turn.Id);
            throw StoreCalls.Unavailable(exception);
        }
    }

    /// <summary>Before anybody sees that a turn ended badly it is kept: nothing else would know. Never throws.</summary>
    public async Task NoteEndAsync(RunningTurn turn, LoggedEvent end)
    {
        var ended = EventSplice.ResponseOf(end.Json).Utf8;
        CountEnd(ended);
        if (end.Type != "response.failed") return;
        try
        {
            await rows.EndAsync(turn.Owner.Tenant, turn.Id, ended, _room, CancellationToken.None);
        }
        catch (Exception exception) // the turn: it has its end, and its client sees it
        {
            Log.NotNoted(logger, turn.Id, exception); // it will be found unfinished, and fail then
        }
    }

    /// <summary>The response is stored: what was noted of its turn goes. Never throws.</summary>
    public async Task ForgetAsync(TenantId tenant, ResponseId id)
    {
        try
        {
            await rows.DeleteAsync(tenant, id, CancellationToken.None);
        }
        catch (Exception exception) // the turn, as above: the stored response counts
        {
            Log.NotNoted(logger, id, exception);
        }
    }

    /// <summary>What is known of a turn that left no response here; null where nothing is.</summary>
    public async ValueTask<RunningRow?> FindAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        IsDurable && !IsUnsure(tenant, id) ? await StoreCalls.AskAsync(rows.FindAsync(tenant, id, caller)) : null;

    /// <summary>What such a turn is or was made from; null where nothing is known of it.</summary>
    public async ValueTask<RunningInput?> FindInputAsync(TenantId tenant, ResponseId id, CancellationToken caller)
    {
        if (!IsDurable || IsUnsure(tenant, id)) return null;
        if (await StoreCalls.AskAsync(rows.FindInputAsync(tenant, id, caller)) is not { } found) return null;
        try
        {
            return new RunningInput(found.Parent, InputPacking.Unpack(found.Items.Span));
        }
        catch (InvalidDataException broken)
        {
            throw new ApiException(Errors.StoredUnreadable, [id, broken.Message], cause: broken);
        }
    }

    public async ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        IsDurable && await StoreCalls.AskAsync(rows.DeleteAsync(tenant, id, caller));

    /// <summary>Says that this process lives, and ends what dead ones left.</summary>
    public async Task RenewAsync(CancellationToken nodeStopping)
    {
        if (!IsDurable) return;
        try
        {
            await TakeBackAsync(nodeStopping);
            var (isSteady, mayForget) = await LookAtClockAsync(nodeStopping);
            var lease = new ProcessLease(process.Value, options.LeaseMax, mayForget ? options.EndsKeptFor : null, isSteady && MayJudge());
            while (await RenewAsync(lease, nodeStopping) is { Count: > 0 } left)
            {
                if (lease.MayJudge && !_judging.IsSteady(await rows.NowAsync(nodeStopping))) return; // set just then
                foreach (var row in left) await EndLeftAsync(row, nodeStopping);
            }
        }
        catch (Exception exception) when (exception is StoreAwayException or ApiException { Kind.Status: 503 })
        {
            _renewedAt = null;
            Log.NotRenewed(logger, exception);
        }
    }

    /// <summary>Whether the store's clock has gone on by itself for long enough to end others' turns, and to forget ends. Where it cannot
    /// be read, neither: that this process lives is said all the same, or others would end its turns.</summary>
    private async ValueTask<(bool IsSteady, bool MayForget)> LookAtClockAsync(CancellationToken nodeStopping)
    {
        try
        {
            var now = await rows.NowAsync(nodeStopping);
            return (_judging.IsSteady(now), _forgetting.IsSteady(now));
        }
        catch (StoreAwayException away)
        {
            Log.NotRenewed(logger, away);
            return (false, false);
        }
    }

    private async ValueTask<IReadOnlyList<RunningRow>> RenewAsync(ProcessLease lease, CancellationToken nodeStopping)
    {
        var left = await rows.RenewAsync(lease, nodeStopping);
        var now = time.GetTimestamp();
        if (_renewedAt is not { } before || time.GetElapsedTime(before, now) >= options.LeaseMax) _steadySince = now;
        _renewedAt = now;
        return left;
    }

    /// <summary>Whether who lives has had the time to say so. One that was itself silent for too long begins anew: others may have been,
    /// for the same reason.</summary>
    private bool MayJudge() => _renewedAt is { } before && time.GetElapsedTime(before) < options.LeaseMax
        && time.GetElapsedTime(_steadySince) >= options.LeaseMax;

    private void CountEnd(ReadOnlyMemory<byte> ended)
    {
        var status = ResponseSplice.StatusOf(ended) ?? ResponseStatus.Failed;
        var code = status != ResponseStatus.Failed ? null
            : ResponseReader.TryRead(ended, ProtocolLimits.Peer, out var failed) ? failed.Error?.Code : Errors.Internal.Code;
        metrics.BackgroundEnded(ResponseWriter.StatusName(status), code);
    }

    private void TakeBack(TenantId tenant, ResponseId id)
    {
        ResponseId? given = null;
        lock (_gate)
        {
            if (_unsure.Count >= options.UnsureMax)
            {
                var oldest = _unsure.MinBy(static entry => entry.Value).Key;
                _unsure.Remove(oldest);
                given = oldest.Id;
            }
            _unsure.Add((tenant, id), time.GetTimestamp());
        }
        if (given is { } late) Log.NotTakenBack(logger, late);
    }

    private bool IsUnsure(TenantId tenant, ResponseId id)
    {
        lock (_gate) return _unsure.ContainsKey((tenant, id));
    }

    /// <summary>A commit without an answer may come true late: what is not there is looked for again until it no longer can be.</summary>
    private async Task TakeBackAsync(CancellationToken nodeStopping)
    {
        KeyValuePair<(TenantId Tenant, ResponseId Id), long>[] unsure;
        lock (_gate) unsure = [.. _unsure];
        foreach (var (key, since) in unsure)
        {
            var isSettled = time.GetElapsedTime(since) >= options.LeaseMax;
            if (!await rows.DeleteAsync(key.Tenant, key.Id, nodeStopping) && !isSettled) continue;
            lock (_gate) _unsure.Remove(key);
        }
    }

    private async Task EndLeftAsync(RunningRow row, CancellationToken nodeStopping)
    {
        if (await store.FindExcerptAsync(row.Tenant, row.Id, isHead: false, nodeStopping) is not null) // read it need not be, nor can be
        {
            await rows.DeleteAsync(row.Tenant, row.Id, nodeStopping); // it ended well, and its process died before it could say so
            return;
        }
        var error = ErrorBody.OfResponse(new ApiException(Errors.ServerRestart));
        if (await rows.EndAsync(row.Tenant, row.Id, FailedOf(row, error), _room, nodeStopping))
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

        [LoggerMessage(2513, LogLevel.Error,
            "Response {ResponseId} was refused, and may be noted all the same: it ends when this process is gone")]
        public static partial void NotTakenBack(ILogger logger, ResponseId responseId);

        [LoggerMessage(2512, LogLevel.Warning, "Response {ResponseId} has failed: process {Process}, which ran it, is gone")]
        public static partial void LeftBehind(ILogger logger, ResponseId responseId, string process);
    }
}
