using System.Data.Common;
using System.Runtime.CompilerServices;
using Samovar.Protocol.Ids;
using Samovar.Storage.Sql;
using Samovar.Stores;

namespace Samovar.Storage.Chains;

/// <summary>Stored responses in a database.</summary>
/// <remarks>
/// A tree of responses has an owner and an epoch. Whoever is not the owner takes it with the next epoch, by compare and set; an append
/// names the epoch that its turn was begun under and changes the tree's row first, so it either holds that row until it is durable or
/// finds another epoch there and changes nothing. A process that was stopped and wakes up late thus appends nothing to what another has
/// taken. A file has one process, and one owner for good. Where nodes share the store an owner is one life of a node, which the claim
/// names.
/// </remarks>
/// <param name="owner">Names this process among those that share the database; one that is started again is another.</param>
/// <param name="node">How a node of several claims; null where the server is none.</param>
internal sealed class SqlChainRows(SqlStore store, ChainTexts texts, TenantTotals totals, KnownPieces pieces, StoredChainOptions options,
    string owner, NodeClaims? node) : IChainRows
{
    private const int ClaimTriesMax = 8;
    private readonly string _owner = store.IsShared ? owner : "file";

    public bool IsShared => store.IsShared;
    public TimeSpan AgeMax => options.AgeMax;
    public IChainSpans Spans { get; } = new SqlChainSpans(store, texts, options);

    public ValueTask RequireAsync(CancellationToken caller)
    {
        store.Require();
        return ValueTask.CompletedTask;
    }

    public ValueTask<ChainClaim> ClaimAsync(TenantId tenant, ResponseId? root, long? placed, CancellationToken caller) =>
        node is not null ? node.ClaimAsync(tenant, root, placed, caller)
        : root is { } tree ? new(store.CallAsync(deadline => TakeAsync(tenant, tree, deadline), caller))
        : new(ChainClaim.New);

    public async ValueTask AppendAsync(ChainRow row, CancellationToken caller)
    {
        if (row.Depth > options.DepthMax)
            throw new StoreFullException(
                $"A chain has {options.DepthMax} responses at most ({StoredChainOptions.Section}:{nameof(options.DepthMax)}).");
        store.Require();
        node?.Require(row.Claim);
        await store.CallAsync(deadline => WriteAsync(row, deadline), caller);
    }

    public async IAsyncEnumerable<ChainRow> ReadAsync(
        TenantId tenant, ResponseId id, bool isHead, [EnumeratorCancellation] CancellationToken caller)
    {
        var pages = new ChainPages(store, texts, options, tenant);
        var page = await pages.FirstAsync(id, isHead, caller);
        while (true)
        {
            foreach (var row in page.Rows) yield return row;
            if (page.Next is not { } next) yield break;
            var last = page.Rows[^1];
            page = await pages.NextAsync(next, caller);
            if (page.Rows is not [var first, ..] || first.Root != last.Root || first.Id != last.Parent) // numbers of rows are used again
                throw new StoreAwayException("The chain was removed while it was read.");
        }
    }

    public async ValueTask<bool> IsThereAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        await store.ReadAsync((session, deadline) => session.ScalarAsync(new(
            texts.TreeOf, ("@tenant", tenant.Value), ("@id", id.Value), Age, ("@hidden", 0)), deadline), caller) is not null;

    public async ValueTask<ResponseId?> FindItemAsync(TenantId tenant, string itemId, CancellationToken caller)
    {
        var found = await store.ReadAsync((session, deadline) => session.ScalarAsync(new(
            texts.FindItem, ("@tenant", tenant.Value), ("@item", ItemKey.Of(tenant, itemId)), Age), deadline), caller);
        return found is string id ? new ResponseId(id) : null;
    }

    public async ValueTask<bool> DeleteAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        await store.CallAsync(deadline => RemoveAsync(tenant, id, deadline), caller);

    public async ValueTask<TakenBack> TakeBackAsync(TenantId tenant, ResponseId id, ChainClaim claim, CancellationToken caller)
    {
        var by = OwnerOf(claim);
        var outcome = await store.CallAsync(deadline => RemoveOwnAsync(tenant, id, Math.Max(claim.Epoch, 1), by, deadline), caller);
        if (outcome == TakenBack.Removed) totals.Forget(tenant);
        return outcome;
    }

    private async Task<bool> RemoveAsync(TenantId tenant, ResponseId id, CancellationToken deadline)
    {
        (string, object)[] row = [("@tenant", tenant.Value), ("@id", id.Value)];
        var found = await store.ReadAsync((session, soon) => session.ReadAsync(
            new(texts.Removable, [.. row, Age]), at => (Tree: at.GetInt64(0), Rows: at.GetInt64(1), Bytes: at.GetInt64(2)), soon),
            deadline);
        if (found is not [var goes]) return false;
        (string, object) tree = ("@tree", goes.Tree);
        var changed = await store.WriteAsync(
        [
            new(texts.HoldTree, tree), new(texts.CountOff, [.. row, tree]), new(texts.HideRow, row), new(LabelTexts.RemoveAll, row),
            new(texts.TakeOff, [.. row, tree]), new(texts.RemoveHidden, row), new(texts.RemoveEmptyTree, tree),
        ], bytes: 0, deadline);
        if (changed[2] == 1 && changed[5] == goes.Rows) totals.Remove(tenant, goes.Bytes);
        else if (changed[2] == 1 || changed[5] > 0) totals.Forget(tenant); // others changed the chain meanwhile
        return changed[2] == 1;
    }

    private async Task<TakenBack> RemoveOwnAsync(TenantId tenant, ResponseId id, long epoch, string owner, CancellationToken deadline)
    {
        (string, object)[] row = [("@tenant", tenant.Value), ("@id", id.Value)];
        if (await TreeOfAsync(row, deadline) is not { } number) return TakenBack.Absent;
        (string, object) tree = ("@tree", number);
        (string, object)[] claim = [tree, ("@epoch", epoch), ("@owner", owner)];
        var changed = await store.WriteAsync(
        [
            new(TakeBackTexts.HoldConversation, row), new(texts.HoldTree, tree), new(TakeBackTexts.Fence, claim),
            new(TakeBackTexts.GoBack, [.. row, .. claim]), new(TakeBackTexts.CountOff, [.. row, .. claim]),
            new(TakeBackTexts.Hide, [.. row, .. claim]), new(TakeBackTexts.RemoveLabels, [.. row, .. claim]),
            new(texts.TakeOff, [.. row, tree]), new(texts.RemoveHidden, row), new(texts.RemoveEmptyTree, tree),
        ], bytes: 0, deadline);
        return changed[2] == 1 ? TakenBack.Removed : TakenBack.Left;
    }

    private async Task<long?> TreeOfAsync((string, object)[] row, CancellationToken deadline) =>
        (long?)await store.ReadAsync(
            (session, soon) => session.ScalarAsync(new(texts.TreeOf, [.. row, Age, ("@hidden", 1)]), soon), deadline);

    private async Task<ChainClaim> TakeAsync(TenantId tenant, ResponseId root, CancellationToken deadline)
    {
        (string, object)[] tree = [("@tenant", tenant.Value), ("@root", root.Value)];
        for (var tries = 0; tries < ClaimTriesMax; tries++)
        {
            var found = await store.ReadAsync((session, soon) => session.ReadAsync(
                new(texts.Owner, tree), row => (Epoch: row.GetInt64(0), Owner: row.GetString(1)), soon), deadline);
            if (found is not [var at]) throw new ChainLostException("The chain is no longer stored.");
            if (at.Owner == _owner) return new ChainClaim(at.Epoch);
            var changed = await store.WriteAsync(
                [new(texts.Claim, [.. tree, ("@epoch", at.Epoch), ("@owner", _owner)])], bytes: 0, deadline);
            if (changed[0] == 1) return new ChainClaim(at.Epoch + 1);
        }
        throw new ChainLostException("Others take the chain at the same time.");
    }

    private async Task<bool> WriteAsync(ChainRow row, CancellationToken deadline)
    {
        var by = OwnerOf(row.Claim);
        var append = new ChainAppend(row, texts, by, piece => pieces.Has(row.Tenant, piece));
        try
        {
            return await WriteAsync(row, append, deadline);
        }
        catch (DbException) when (append.HasLeftOut) // another server has removed what this one knew
        {
            pieces.Forget();
            return await WriteAsync(row, new ChainAppend(row, texts, by, _ => false), deadline);
        }
    }

    private async Task<bool> WriteAsync(ChainRow row, ChainAppend append, CancellationToken deadline)
    {
        await totals.TakeAsync(row.Tenant, append.RowBytes, deadline);
        long? stored = null;
        try
        {
            var changed = await store.WriteAsync(append.Statements, append.BytesSent, deadline);
            if (append.IsStored(changed)) stored = append.BytesStored(changed);
            else await RefuseAsync(row, append.RowBytes, append.IsMiscounted(changed), deadline);
            pieces.Add(row.Tenant, row.Pieces);
            return true;
        }
        finally
        {
            totals.Settle(row.Tenant, append.RowBytes, stored);
        }
    }

    private string OwnerOf(ChainClaim claim) => (claim.Owner ?? node?.Life)?.Value ?? _owner;

    private (string, object) Age => ("@age", (long)options.AgeMax.TotalMilliseconds);

    private async Task RefuseAsync(ChainRow row, long size, bool isMiscounted, CancellationToken caller)
    {
        if (row.Parent is null && row.Claim.Conversation is null)
            throw node is null ? new InvalidOperationException($"{row.Id} is stored already.")
                : new ChainLostException("The life of this node is over, or another has begun the chain meanwhile.");
        if (isMiscounted) // its parent was deleted just then
            await store.WriteAsync(
                [new(texts.TakeOffRow, ("@tenant", row.Tenant.Value), ("@root", row.Root.Value), ("@size", size))], bytes: 0, caller);
        var isOfConversation = row.Claim.Conversation is not null; // which its own rows go with
        throw new ChainLostException("The chain was continued elsewhere meanwhile, or is no longer stored.")
        {
            IsParentGone = !isOfConversation && row.Parent is { } parent && !await HasRowAsync(row.Tenant, parent, caller),
        };
    }

    private async Task<bool> HasRowAsync(TenantId tenant, ResponseId id, CancellationToken caller) =>
        await store.ReadAsync((session, soon) => session.ScalarAsync(new(
            SpanTexts.Depth, ("@tenant", tenant.Value), ("@id", id.Value)), soon), caller) is not null;
}
