using Microsoft.Extensions.Logging;
using Samovar.Protocol.Ids;
using Samovar.Stores;

namespace Samovar.Chains.Durable;

/// <summary>
/// Responses that were reported as failed although the store may have them, or may get them yet: found by nobody, and deleted as soon as
/// the store can be reached.
/// </summary>
/// <remarks>
/// Where a commit's answer was lost, it may still come true after a deletion found nothing: so an id stays hidden, and is deleted again,
/// until it has been absent for <see cref="SettledAfter"/>. One whose tree somebody else has claimed by then stays, and is hidden no more:
/// whoever has the tree may have told it as complete.
/// </remarks>
internal sealed partial class TakenBackResponses(IChainRows rows, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int CountMax = 10_000;

    /// <summary>How long a response must have been absent before its id is forgotten.</summary>
    public static readonly TimeSpan SettledAfter = TimeSpan.FromMinutes(1);

    /// <summary>How long a deletion waits that could not be made, or found nothing.</summary>
    public static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<(TenantId Tenant, ResponseId Id), Hidden> _hidden = [];
    private readonly CancellationTokenSource _stopping = new(); // never disposed: no timer, no link
    private Task _loop = Task.CompletedTask;

    /// <summary>Whether so many wait that no more may be added: the store has been away for long.</summary>
    public bool IsFull { get { lock (_gate) return _hidden.Count >= CountMax; } }

    public bool Has(TenantId tenant, ResponseId id)
    {
        lock (_gate) return _hidden.Count > 0 && _hidden.ContainsKey((tenant, id));
    }

    /// <summary>Hides the response at once, and tries to delete it; what is left to do is done later.</summary>
    /// <param name="claim">That it was appended with; a later one of the same response counts.</param>
    public async ValueTask AddAsync(TenantId tenant, ResponseId id, ChainClaim claim)
    {
        lock (_gate)
        {
            if (!_hidden.TryGetValue((tenant, id), out var known) || known.Claim != claim) _hidden[(tenant, id)] = new(claim);
        }
        await DeleteAsync(tenant, id);
        lock (_gate)
        {
            if (_hidden.Count > 0 && _loop.IsCompleted && !_stopping.IsCancellationRequested) _loop = DeleteLaterAsync();
        }
    }

    /// <summary>Whether it is still hidden when the store was asked once more.</summary>
    public async ValueTask<bool> HasStillAsync(TenantId tenant, ResponseId id)
    {
        if (Has(tenant, id)) await DeleteAsync(tenant, id);
        return Has(tenant, id);
    }

    public async ValueTask DisposeAsync()
    {
        _stopping.Cancel();
        await _loop;
        int left;
        lock (_gate) left = _hidden.Count(static entry => entry.Value.AbsentSince is null);
        if (left > 0) Log.Left(logger, left);
    }

    private async Task DeleteLaterAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(TryAgainAfter, time, _stopping.Token);
                (TenantId Tenant, ResponseId Id)[] hidden;
                lock (_gate) hidden = [.. _hidden.Keys];
                foreach (var (tenant, id) in hidden) await DeleteAsync(tenant, id);
                lock (_gate)
                {
                    if (_hidden.Count > 0) continue;
                    _loop = Task.CompletedTask; // under the lock: whoever adds one now begins another
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the node stops
        }
    }

    private async ValueTask DeleteAsync(TenantId tenant, ResponseId id)
    {
        Hidden hidden;
        lock (_gate)
        {
            if (!_hidden.TryGetValue((tenant, id), out hidden)) return;
        }
        try
        {
            Note(tenant, id, hidden.Claim, await rows.TakeBackAsync(tenant, id, hidden.Claim, _stopping.Token));
        }
        catch (StoreAwayException) { /* the store says so itself, once; it is tried again */ }
        catch (Exception exception) when (exception is not OperationCanceledException) // the response: it is tried again
        {
            Log.NotDeleted(logger, id, exception);
        }
    }

    private void Note(TenantId tenant, ResponseId id, ChainClaim claim, TakenBack outcome)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (!_hidden.TryGetValue((tenant, id), out var hidden) || hidden.Claim != claim) return; // it was reported once more
            if (outcome != TakenBack.Absent) _hidden.Remove((tenant, id));
            else if (hidden.AbsentSince is not { } first) _hidden[(tenant, id)] = hidden with { AbsentSince = now };
            else if (time.GetElapsedTime(first, now) >= SettledAfter) _hidden.Remove((tenant, id));
        }
        if (outcome == TakenBack.Left) Log.IsLeft(logger, id);
    }

    /// <param name="AbsentSince">Since when it is known to be absent.</param>
    private readonly record struct Hidden(ChainClaim Claim, long? AbsentSince = null);

    private static partial class Log
    {
        [LoggerMessage(1004, LogLevel.Warning, "Response {ResponseId}, which was reported as failed, could not be deleted yet")]
        public static partial void NotDeleted(ILogger logger, ResponseId responseId, Exception exception);

        [LoggerMessage(1017, LogLevel.Information,
            "Response {ResponseId}, which was reported as failed, is stored and stays: its chain has been claimed meanwhile")]
        public static partial void IsLeft(ILogger logger, ResponseId responseId);

        [LoggerMessage(1005, LogLevel.Error,
            "The server stops with {Count} responses that were reported as failed and may be in the store all the same")]
        public static partial void Left(ILogger logger, int count);
    }
}
