using System.Data.Common;
using System.Globalization;
using Samovar.Protocol.Ids;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>
/// How much each tenant has stored, so that its bounds cost no read per response. Where several servers share a database, each sees what
/// the others added after a while. Safe for all threads.
/// </summary>
/// <remarks>
/// Pieces count when they are stored: whether they are new is known only then, and most are not. A tenant is counted by one reading at a
/// time, a slice after the other; whoever knows a former count goes on with it meanwhile. What is stored while it is counted is added to
/// the count, which may have seen it: such a count is rough, and refuses nobody before another one has.
/// </remarks>
/// <param name="quotas">Whose bound of bytes is another; null: nobody's.</param>
internal sealed class TenantTotals(
    SqlStore store, ChainTexts texts, StoredChainOptions options, TimeProvider time, IStoredQuotas? quotas = null) : IAsyncDisposable
{
    private const int SliceMax = 10_000; // looked at by one statement
    private const int CountsMax = 3; // by one that finds no room, while others of its tenant write
    private readonly CancellationTokenSource _nodeStopping = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<TenantId, Total> _totals = [];
    private int _isDisposed;

    /// <summary>Takes room for one more response.</summary>
    /// <exception cref="StoreFullException">There is none.</exception>
    public async Task TakeAsync(TenantId tenant, long bytes, CancellationToken caller)
    {
        for (var counts = 0; !TryTake(tenant, bytes, mayDoubt: counts < CountsMax, out var counting); counts++)
            if (await counting.WaitAsync(caller) is { } cause)
                throw new StoreAwayException("What the tenant has stored could not be counted.", cause);
    }

    /// <summary>What was taken is stored, or is not.</summary>
    /// <param name="taken">As it was taken.</param>
    /// <param name="stored">What was new in the store; null where nothing was stored.</param>
    public void Settle(TenantId tenant, long taken, long? stored)
    {
        lock (_gate)
        {
            if (!_totals.TryGetValue(tenant, out var total)) return;
            total.ResponsesTaken--;
            total.BytesTaken -= taken;
            if (stored is not { } bytes) return;
            total.Responses++;
            total.Bytes += bytes;
            total.ResponsesMeanwhile++;
            total.BytesMeanwhile += bytes;
            total.IsRough |= total.Counting is not null;
        }
    }

    /// <summary>A response was removed, and with it so many bytes of rows; pieces go later, when all is counted again.</summary>
    public void Remove(TenantId tenant, long bytes)
    {
        lock (_gate)
        {
            if (!_totals.TryGetValue(tenant, out var total)) return;
            total.Responses--;
            total.Bytes -= bytes;
            total.IsRough |= total.Counting is not null; // who counts now may have seen it, or not
        }
    }

    /// <summary>Something was removed, nobody knows how much: it is counted again.</summary>
    public void Forget(TenantId tenant)
    {
        lock (_gate) if (_totals.TryGetValue(tenant, out var total)) total.IsStale = total.IsRough = true;
    }

    /// <summary>Of all tenants; those that took nothing since the last time are not remembered.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            foreach (var (tenant, total) in _totals.ToArray())
            {
                if (!total.IsUsed && total.ResponsesTaken == 0 && total.Counting is null) _totals.Remove(tenant);
                total.IsStale = total.IsRough = true;
                total.IsUsed = false;
            }
        }
    }

    /// <summary>After this nobody counts any more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return; // the server's stop, and its container's end
        _nodeStopping.Cancel();
        Task[] counting;
        lock (_gate) counting = [.. _totals.Values.Select(static total => total.Counting).OfType<Task>()];
        await Task.WhenAll(counting);
        _nodeStopping.Dispose();
    }

    /// <param name="mayDoubt">Whether a count that is not exact, and leaves no room, is made again before it refuses.</param>
    /// <param name="counting">Where it is not taken: what must end first; it gives why it could not be counted.</param>
    private bool TryTake(TenantId tenant, long bytes, bool mayDoubt, out Task<Exception?> counting)
    {
        lock (_gate)
        {
            counting = Task.FromResult<Exception?>(null);
            if (!_totals.TryGetValue(tenant, out var total)) _totals[tenant] = total = new Total();
            total.IsUsed = true;
            var age = store.IsShared ? time.GetElapsedTime(total.CountedAt) : TimeSpan.Zero;
            total.IsStale |= age > options.TotalsAgeMax;
            var isForgotten = !total.IsKnown || age > 2 * options.TotalsAgeMax; // or nobody has asked for long
            var refusal = isForgotten ? null : RefusalOf(total, tenant, bytes);
            var isDoubtful = mayDoubt && (total.IsStale || total.IsRough || total.Counting is not null);
            if (refusal is not null && !isDoubtful) throw refusal;
            if (isForgotten || refusal is not null)
            {
                counting = Count(tenant, total);
                return false;
            }
            if (total.IsStale && time.GetElapsedTime(total.TriedAt) > options.TotalsAgeMax) _ = Count(tenant, total); // behind this one
            total.ResponsesTaken++;
            total.BytesTaken += bytes;
            return true;
        }
    }

    private StoreFullException? RefusalOf(Total total, TenantId tenant, long bytes)
    {
        if (total.Responses + total.ResponsesTaken >= options.ResponsesMax)
            return Full($"{options.ResponsesMax} stored responses", Setting(nameof(options.ResponsesMax)));
        var quota = quotas?.StoredBytesOf(tenant);
        if (total.Bytes + total.BytesTaken + bytes <= (quota ?? options.BytesMax)) return null;
        return quota is { } own ? Full($"{own} bytes of stored responses", "the tenant's quota")
            : Full($"{options.BytesMax} bytes of stored responses", Setting(nameof(options.BytesMax)));
    }

    /// <summary>Begins to count, where nobody does.</summary>
    private Task<Exception?> Count(TenantId tenant, Total total)
    {
        if (total.Counting is { } underWay) return underWay;
        (total.ResponsesMeanwhile, total.BytesMeanwhile, total.TriedAt) = (0, 0, time.GetTimestamp());
        (total.IsRough, total.IsStale) = (false, false);
        return total.Counting = Task.Run(() => CountAsync(tenant, total), CancellationToken.None);
    }

    private async Task<Exception?> CountAsync(TenantId tenant, Total total)
    {
        try
        {
            var (responses, treeBytes) = await TreesAsync(tenant);
            var pieceBytes = await PiecesAsync(tenant);
            lock (_gate)
            {
                total.Responses = responses + total.ResponsesMeanwhile;
                total.Bytes = treeBytes + pieceBytes + total.BytesMeanwhile;
                total.CountedAt = time.GetTimestamp();
                total.IsKnown = true;
            }
            return null;
        }
        catch (Exception exception) // a unit of work: whoever waits for it is told
        {
            lock (_gate) total.IsStale = true;
            return exception;
        }
        finally
        {
            lock (_gate) total.Counting = null;
        }
    }

    private async Task<(long Responses, long Bytes)> TreesAsync(TenantId tenant)
    {
        var (responses, bytes) = (0L, 0L);
        for (var after = ""; ;)
        {
            var page = await PageAsync(texts.TreeTotals, tenant, after, static row => (
                Count: row.GetInt64(0), Responses: row.GetInt64(1), Bytes: row.GetInt64(2),
                Last: row.IsDBNull(3) ? "" : row.GetString(3)));
            (responses, bytes) = (responses + page.Responses, bytes + page.Bytes);
            if (page.Count < SliceMax) return (responses, bytes);
            after = page.Last;
        }
    }

    private async Task<long> PiecesAsync(TenantId tenant)
    {
        var bytes = 0L;
        for (byte[] after = []; ;)
        {
            var page = await PageAsync(texts.PieceTotals, tenant, after, static row => (
                Count: row.GetInt64(0), Bytes: row.GetInt64(1), Last: row.IsDBNull(2) ? [] : (byte[])row.GetValue(2)));
            bytes += page.Bytes;
            if (page.Count < SliceMax) return bytes;
            after = page.Last;
        }
    }

    private async Task<T> PageAsync<T>(string text, TenantId tenant, object after, Func<DbDataReader, T> read) => (await store.ReadAsync(
        (session, deadline) => session.ReadAsync(
            new(text, ("@tenant", tenant.Value), ("@after", after), ("@max", SliceMax)), read, deadline), _nodeStopping.Token))[0];

    private static string Setting(string name) => $"{StoredChainOptions.Section}:{name}";

    private static StoreFullException Full(FormattableString bound, string source) => new(
        $"The bound of {bound.ToString(CultureInfo.InvariantCulture)} is reached ({source}). " +
        "Delete some, or use store:false.");

    private sealed class Total
    {
        public bool IsKnown { get; set; }

        /// <summary>Too old, or removals are not taken off: it is to be counted again.</summary>
        public bool IsStale { get; set; }

        /// <summary>It may be too much.</summary>
        public bool IsRough { get; set; }

        /// <summary>Whether something was taken since others were last forgotten.</summary>
        public bool IsUsed { get; set; }
        public long CountedAt { get; set; }
        public long TriedAt { get; set; }
        public Task<Exception?>? Counting { get; set; }
        public long Responses { get; set; }
        public long Bytes { get; set; }

        /// <summary>Of those that are being written.</summary>
        public long ResponsesTaken { get; set; }
        public long BytesTaken { get; set; }

        /// <summary>Of those that were stored since it was last begun to count.</summary>
        public long ResponsesMeanwhile { get; set; }
        public long BytesMeanwhile { get; set; }
    }
}
