using Microsoft.Extensions.Logging;
using Samovar.Chains;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Stores;

namespace Samovar.Conversations;

/// <summary>Conversations: what can be done with one beside a turn, and what a turn needs of it.</summary>
/// <remarks>
/// (1) A conversation is a name for a chain whose head moves. (2) Whoever changes its items locks it, reads the head, appends a row, and
/// the head moves in that append's transaction or not at all. (3) Items that are added without a turn are a row of their own, which only
/// the conversation finds. (4) An item that is deleted makes a fork without it; the responses behind it stay as they are.
/// </remarks>
internal sealed partial class ConversationStore(
    IConversationRows rows, IChainStore chains, ConversationOptions options, ChainBounds bounds, ConversationMetrics metrics, IdSource ids,
    TimeProvider time, ILogger<ConversationStore> logger)
{
    private const int LooksMax = 8; // at a head that others move meanwhile

    public async Task<ConversationRow> CreateAsync(
        TenantId tenant, RawJson metadata, IReadOnlyList<Item> items, CancellationToken caller)
    {
        var row = new ConversationRow
        {
            Tenant = tenant, Id = ConversationId.New(ids), CreatedAt = time.GetUtcNow(), Metadata = metadata.Utf8,
        };
        try
        {
            await StoreCalls.AskAsync(rows.CreateAsync(row, options.CountMax, caller));
        }
        catch (StoreFullException full)
        {
            throw new ApiException(Errors.ConversationsFull, full.Message, cause: full);
        }
        if (items.Count == 0) return row;
        try
        {
            await AddAsync(tenant, row.Id, items, caller);
        }
        catch
        {
            await StoreCalls.AskAsync(rows.DeleteAsync(tenant, row.Id, CancellationToken.None)); // nobody knows of it
            throw;
        }
        return row;
    }

    /// <exception cref="ApiException">There is none of that id, or it is somebody else's.</exception>
    public async Task<ConversationRow> FindAsync(TenantId tenant, ConversationId id, CancellationToken caller) =>
        await StoreCalls.AskAsync(rows.FindAsync(tenant, id, caller)) ?? throw Unknown(id);

    public async Task<ConversationRow> UpdateAsync(TenantId tenant, ConversationId id, RawJson metadata, CancellationToken caller)
    {
        if (!await StoreCalls.AskAsync(rows.SetMetadataAsync(tenant, id, metadata.Utf8, caller))) throw Unknown(id);
        return await FindAsync(tenant, id, caller);
    }

    public async Task DeleteAsync(TenantId tenant, ConversationId id, CancellationToken caller)
    {
        if (!await StoreCalls.AskAsync(rows.DeleteAsync(tenant, id, caller))) throw Unknown(id);
    }

    /// <summary>Its items, which are read as they are asked for; null where it has none.</summary>
    public async Task<ItemPages?> ItemsAsync(TenantId tenant, ConversationId id, CancellationToken caller)
    {
        var (_, chain) = await AtHeadAsync(tenant, id, head => chains.FindExcerptAsync(tenant, head, isHead: true, caller), caller);
        return chain is null ? null : new ItemPages(chain);
    }

    /// <returns>The items as they were added, each under the id that lists show it under.</returns>
    public async Task<IReadOnlyList<Item>> AddAsync(
        TenantId tenant, ConversationId id, IReadOnlyList<Item> items, CancellationToken caller)
    {
        await using var conversation = await OpenAsync(tenant, id, "change", chains.FindEndAsync, caller);
        conversation.RequireRoom(items.Count, "items");
        var named = new Item[items.Count];
        for (var i = 0; i < named.Length; i++) named[i] = await NamedAsync(tenant, conversation, items[i], i, caller);
        var node = Node(tenant, conversation.Head, Detached(named));
        var listed = items.All(static item => item is { Id: null } and not ItemReferenceItem) ? named // their ids are new
            : await ListedAsync(tenant, conversation, node, caller);
        await AppendAsync(conversation, node, "items", caller);
        return listed;
    }

    /// <summary>The row's items as lists will show them: an id that an older item has is not the new one's.</summary>
    private async Task<IReadOnlyList<Item>> ListedAsync(
        TenantId tenant, ConversationHold conversation, ChainNode node, CancellationToken caller)
    {
        var before = conversation.Head is { } head ? await ExcerptAsync(tenant, head.Id, caller) : null;
        var row = new RunningExcerpt(before, node.Id, node.Input);
        var entries = await new ItemPages(row).ItemsAsync(row.Last, row.Last, caller);
        return [.. entries.Select(static entry => ItemNames.Named(entry.Item, entry.Id))];
    }

    /// <exception cref="ApiException">It has no such item.</exception>
    public async Task<ConversationRow> RemoveAsync(TenantId tenant, ConversationId id, string itemId, CancellationToken caller)
    {
        await using var conversation = await OpenAsync(tenant, id, "change", chains.FindHeadAsync, caller);
        var items = await OpenedItemsAsync(tenant, conversation, caller);
        if (items is null || await items.FindAsync(itemId, caller) is not { } gone)
            throw new ApiException(Errors.ConversationItemNotFound, [itemId, id]);
        var parent = conversation.Head!.Ancestor(gone.Depth - 1); // null too where the chain is in memory from a compaction on
        var behind = await items.ItemsAsync(parent is null ? 1 : gone.Depth, conversation.Head.Depth, caller);
        Item[] left = [.. behind.Where(item => item.Id != itemId).Select(static item => ItemNames.Named(item.Item, item.Id))];
        await AppendAsync(conversation, Node(tenant, parent, Detached(left)), param: null, caller);
        return await FindAsync(tenant, id, caller);
    }

    /// <summary>Takes a conversation for one turn.</summary>
    /// <exception cref="ApiException">It is not there, or somebody else works on it.</exception>
    public Task<ConversationHold> OpenAsync(TenantId tenant, ConversationId id, CancellationToken caller) =>
        OpenAsync(tenant, id, "turn", chains.FindHeadAsync, caller);

    private async Task<ConversationHold> OpenAsync(
        TenantId tenant, ConversationId id, string purpose, FindHead find, CancellationToken caller)
    {
        var row = await LockAsync(tenant, id, caller) ?? throw Unknown(id);
        try
        {
            var hold = new ConversationHold(row, await HeadAsync(row, find, caller), options.ItemsMax, UnlockAsync);
            metrics.Opened(purpose);
            return hold;
        }
        catch
        {
            await UnlockAsync(row, isMoved: false);
            throw;
        }
    }

    /// <summary>A conversation as it is now; others may go on with it.</summary>
    public async Task<ConversationHold> LookAsync(TenantId tenant, ConversationId id, CancellationToken caller)
    {
        var (row, head) = await AtHeadAsync(tenant, id, head => chains.FindHeadAsync(tenant, head, caller), caller);
        return new ConversationHold(row, head, options.ItemsMax, unlock: null);
    }

    /// <summary>A sign of life for all that this process works on; to be given several times within <c>LockMax</c>.</summary>
    public async Task RenewAsync(CancellationToken nodeStopping)
    {
        try
        {
            await rows.RenewAsync(options.LockMax, nodeStopping);
        }
        catch (StoreAwayException away)
        {
            Log.NotRenewed(logger, away);
        }
    }

    /// <summary>What stands at its head, which may move while nobody has it locked: then the head that was read is gone.</summary>
    private async Task<(ConversationRow Row, T? Found)> AtHeadAsync<T>(
        TenantId tenant, ConversationId id, Func<ResponseId, ValueTask<T?>> find, CancellationToken caller) where T : class
    {
        ResponseId? missing = null;
        for (var looks = 0; looks < LooksMax; looks++)
        {
            var row = await FindAsync(tenant, id, caller);
            if (row.Head is not { } head) return (row, null);
            if (head == missing) throw Missing(head);
            if (await find(head) is { } found) return (row, found);
            missing = head;
        }
        throw StoreCalls.Unavailable(cause: null);
    }

    private static async Task<ChainNode?> HeadAsync(ConversationRow row, FindHead find, CancellationToken caller)
    {
        if (row.Head is not { } head) return null;
        return await find(row.Tenant, head, caller) ?? throw Missing(head);
    }

    private async Task<ItemPages?> OpenedItemsAsync(TenantId tenant, ConversationHold conversation, CancellationToken caller) =>
        conversation.Head is { } head ? new ItemPages(await ExcerptAsync(tenant, head.Id, caller)) : null;

    private async Task<IChainExcerpt> ExcerptAsync(TenantId tenant, ResponseId head, CancellationToken caller) =>
        await chains.FindExcerptAsync(tenant, head, isHead: true, caller) ?? throw Missing(head);

    private async Task<ConversationRow?> LockAsync(TenantId tenant, ConversationId id, CancellationToken caller)
    {
        try
        {
            return await StoreCalls.AskAsync(rows.LockAsync(tenant, id, options.LockMax, caller));
        }
        catch (ConversationBusyException busy)
        {
            metrics.Opened("locked");
            throw new ApiException(Errors.ConversationLocked, [], "conversation", cause: busy);
        }
    }

    /// <summary>Never throws: a lock that cannot be given back ends by itself.</summary>
    private async ValueTask UnlockAsync(ConversationRow row, bool isMoved)
    {
        try
        {
            await rows.UnlockAsync(row, isMoved, CancellationToken.None);
        }
        catch (Exception exception) // one lock
        {
            Log.NotUnlocked(logger, row.Id, exception);
        }
    }

    private async Task AppendAsync(ConversationHold conversation, ChainNode node, string? param, CancellationToken caller)
    {
        bounds.Require(node, conversation.Head, param);
        node.Hold();
        try
        {
            var claim = conversation.Claim(await chains.ClaimAsync(node.Tenant, node.Parent, placed: null, caller));
            await chains.AddAsync(node, claim, CancellationToken.None);
            await conversation.MovedAsync();
        }
        finally
        {
            node.LetGo();
        }
    }

    private ChainNode Node(TenantId tenant, ChainNode? parent, IReadOnlyList<Item> items)
    {
        var response = new Response
        {
            Id = new ResponseId(ItemNames.RowPrefix + ids.Next()),
            CreatedAt = time.GetUtcNow(),
            Status = ResponseStatus.Completed,
            Model = parent?.Response.Model ?? "",
            Request = parent?.Response.Request ?? new CreateRequest(),
            Instructions = parent?.Response.Instructions,
            Tools = parent?.Response.Tools ?? ToolList.Empty,
        };
        return new ChainNode
        {
            Tenant = tenant, Id = response.Id, Kind = RowKind.Items, Parent = parent, Input = items, Response = response,
            Bytes = NodeWeight.OfStored(items, response, state: null, parent),
        };
    }

    /// <summary>The item with an id, cut loose from the request that it came with; one that is only named is looked up.</summary>
    private async ValueTask<Item> NamedAsync(
        TenantId tenant, ConversationHold conversation, Item item, int index, CancellationToken caller)
    {
        if (item is ItemReferenceItem { Reference: var named })
        {
            var listed = await OpenedItemsAsync(tenant, conversation, caller);
            var own = listed is null ? null : await listed.FindAsync(named, caller);
            item = own?.Item ?? await ListedItems.FindAsync(chains, tenant, named, caller)
                ?? throw new ApiException(Errors.ItemNotFound, named, FormattableString.Invariant($"items[{index}].id"));
        }
        return ItemNames.Named(item, item.Id ?? ItemNames.PrefixOf(item) + ids.Next());
    }

    private static Item[] Detached(IReadOnlyList<Item> items) => [.. items.Select(static item => item.Detach())];

    private static ApiException Missing(ResponseId head) =>
        new(Errors.StoredUnreadable, [head, "its conversation's items are missing"]);

    private static ApiException Unknown(ConversationId id) => new(Errors.ConversationNotFound, id);

    /// <summary>How a conversation's newest row is found: with all that came before it, or for what is added behind it.</summary>
    private delegate ValueTask<ChainNode?> FindHead(TenantId tenant, ResponseId id, CancellationToken caller);

    private static partial class Log
    {
        [LoggerMessage(1020, LogLevel.Warning, "Conversation {ConversationId} could not be unlocked; its lock ends by itself")]
        public static partial void NotUnlocked(ILogger logger, ConversationId conversationId, Exception exception);

        [LoggerMessage(1021, LogLevel.Warning, "The locks of conversations could not be renewed; they may end before their turns")]
        public static partial void NotRenewed(ILogger logger, Exception exception);
    }
}
