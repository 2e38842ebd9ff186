using System.Globalization;
using Samovar.Protocol.Ids;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>
/// How much each tenant has stored, so that its bounds cost no read per response. Where several servers share a database, each sees what
/// the others added after a while. Safe for all threads.
/// </summary>
/// <remarks>Pieces count when they are stored: whether they are new is known only then, and most are not.</remarks>
/// <param name="quotas">Whose bound of bytes is another; null: nobody's.</param>
internal sealed class TenantTotals(
    SqlStore store, ChainTexts texts, StoredChainOptions options, TimeProvider time, IStoredQuotas? quotas = null)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TenantId, Total> _totals = [];

    /// <summary>Takes room for one more response.</summary>
    /// <exception cref="StoreFullException">There is none.</exception>
    public async Task TakeAsync(TenantId tenant, long bytes, CancellationToken caller)
    {
        while (!TryTake(tenant, bytes, out var settled))
        {
            var stored = (await store.ReadAsync((session, deadline) => session.ReadAsync(
                new(texts.Totals, ("@tenant", tenant.Value)), row => (row.GetInt64(0), row.GetInt64(1)), deadline), caller))[0];
            lock (_gate)
            {
                if (!_totals.TryGetValue(tenant, out var total)) _totals[tenant] = total = new Total();
                if (total.IsKnown || total.Settled != settled) continue; // others were quicker, or wrote meanwhile: this is stale
                (total.Responses, total.Bytes) = stored;
                total.ReadAt = time.GetTimestamp();
                total.IsKnown = true;
            }
        }
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
            total.Settled++;
            total.Responses++;
            total.Bytes += bytes;
        }
    }

    /// <summary>A response was removed, and with it so many bytes of rows; pieces go later, when all is counted again.</summary>
    public void Remove(TenantId tenant, long bytes)
    {
        lock (_gate)
        {
            if (!_totals.TryGetValue(tenant, out var total)) return;
            total.Settled++; // who counts now may have seen it, or not
            total.Responses--;
            total.Bytes -= bytes;
        }
    }

    /// <summary>Something was removed, nobody knows how much: whoever adds next counts again.</summary>
    public void Forget(TenantId tenant)
    {
        lock (_gate) if (_totals.TryGetValue(tenant, out var total)) total.IsKnown = false;
    }

    /// <summary>Of all tenants; those that take nothing now are not remembered.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            foreach (var (tenant, total) in _totals.ToArray())
            {
                total.IsKnown = false;
                if (total.ResponsesTaken == 0) _totals.Remove(tenant);
            }
        }
    }

    /// <param name="settled">How many writes of the tenant had ended.</param>
    /// <returns>False: what is stored must be read first.</returns>
    private bool TryTake(TenantId tenant, long bytes, out long settled)
    {
        lock (_gate)
        {
            settled = _totals.TryGetValue(tenant, out var total) ? total.Settled : 0;
            if (total is not { IsKnown: true }) return false;
            if (store.IsShared && time.GetElapsedTime(total.ReadAt) > options.TotalsAgeMax) return total.IsKnown = false;
            if (total.Responses + total.ResponsesTaken >= options.ResponsesMax)
                throw Full($"{options.ResponsesMax} stored responses", Setting(nameof(options.ResponsesMax)));
            var quota = quotas?.StoredBytesOf(tenant);
            if (total.Bytes + total.BytesTaken + bytes > (quota ?? options.BytesMax))
                throw quota is { } own ? Full($"{own} bytes of stored responses", "the tenant's quota")
                    : Full($"{options.BytesMax} bytes of stored responses", Setting(nameof(options.BytesMax)));
            total.ResponsesTaken++;
            total.BytesTaken += bytes;
            return true;
        }
    }

    private static string Setting(string name) => $"{StoredChainOptions.Section}:{name}";

    private static StoreFullException Full(FormattableString bound, string source) => new(
        $"The bound of {bound.ToString(CultureInfo.InvariantCulture)} is reached ({source}). " +
        "Delete some, or use store:false.");

    private sealed class Total
    {
        public bool IsKnown { get; set; }
        public long ReadAt { get; set; }
        public long Settled { get; set; }
        public long Responses { get; set; }
        public long Bytes { get; set; }

        /// <summary>Of those that are being written.</summary>
        public long ResponsesTaken { get; set; }
        public long BytesTaken { get; set; }
    }
}
