using Samovar.Backends;
using Samovar.Chains;
using Samovar.Compaction;
using Samovar.Context;
using Samovar.Conversations;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Tools;

namespace Samovar.Turns;

/// <summary>Finds what a turn needs before it runs: its parent, its context, its backend.</summary>
internal sealed class TurnPlanner(
    ModelRouter router, HistoryMatcher histories, TurnOptions options, WindowOpener windows, ToolLoop tools,
    ConversationStore conversations, IdSource ids)
{
    /// <summary>What engines keep in files, for turns that come.</summary>
    public KeptStates States => router.States;

    /// <summary>Takes the conversation that a turn names; null where it names none. Whoever calls this disposes it.</summary>
    /// <exception cref="ApiException">It is not there, or somebody else works on it.</exception>
    public async ValueTask<ConversationHold?> OpenAsync(TurnRequest turn, CancellationToken turnCancelled)
    {
        if (turn.Request.Conversation is not { } id || turn.Conversation is not null) return null;
        return await OfRequestAsync(conversations.OpenAsync(turn.Tenant, id, turnCancelled));
    }

    /// <summary>The same, where the turn will not run: others may go on with it.</summary>
    public async ValueTask<ConversationHold?> LookAsync(TurnRequest turn, CancellationToken caller) =>
        turn.Request.Conversation is { } id ? await OfRequestAsync(conversations.LookAsync(turn.Tenant, id, caller)) : null;

    private static async Task<ConversationHold> OfRequestAsync(Task<ConversationHold> opening)
    {
        try
        {
            return await opening;
        }
        catch (ApiException unknown) when (unknown.Kind == Errors.ConversationNotFound)
        {
            throw unknown.At("conversation");
        }
    }

    /// <summary>The plan's backend at work, behind what runs tools and what compacts conversations.</summary>
    public IAsyncEnumerable<BackendEvent> RunAsync(TurnPlan plan, BackendTurn work, CancellationToken turnCancelled) =>
        tools.RunAsync(plan.Route.Backend, work, FoldOf, turnCancelled);

    /// <summary>Tokens of the plan's input; null where its backend does not count them.</summary>
    public ValueTask<int?> CountAsync(TurnPlan plan, BackendTurn work, CancellationToken caller) =>
        plan.Route.Backend.CountInputAsync(tools.ForCount(plan.Route.Backend, work), caller);

    /// <summary>The turn as its backend sees it where it begins a conversation; servers of tools are asked what they have.</summary>
    public Task<BackendTurn> ForPrefixAsync(TurnPlan plan, BackendTurn work, CancellationToken caller) =>
        tools.ForPrefixAsync(plan.Route.Backend, work, caller);

    private ResponseFold FoldOf(ToolList inForce) => new(ids, options.OutputItemsMax, static _ => { }, tools: inForce);

    /// <summary>The response that is continued. Throws <c>previous_response_not_found</c>.</summary>
    public static async ValueTask<ChainNode?> FindParentAsync(TurnRequest turn, CancellationToken turnCancelled)
    {
        if (turn.Conversation is { } conversation) return conversation.Parent;
        if (turn.Request.PreviousResponseId is not { } previous) return null;
        return await turn.Parents.FindAsync(previous, turnCancelled)
            ?? throw new ApiException(Errors.PreviousResponseNotFound, previous, "previous_response_id");
    }

    public async ValueTask<TurnPlan> PlanAsync(TurnRequest turn, ChainNode? parent, CancellationToken turnCancelled)
    {
        try
        {
            return await PlanOnAsync(turn, parent, turnCancelled);
        }
        catch (ApiException error) when (turn.Conversation is not null && error.Param == "previous_response_id")
        {
            throw error.At("conversation"); // the client named no response
        }
    }

    private async ValueTask<TurnPlan> PlanOnAsync(TurnRequest turn, ChainNode? parent, CancellationToken turnCancelled)
    {
        parent = windows.Opened(turn.Tenant, parent);
        var whole = Settings.InForce(turn, parent);
        if (whole.Store && parent is { Store: false } && turn.Request.PreviousResponseId is { } previous)
            whole = whole.SaysStore ? throw new ApiException(Errors.PreviousResponseNotStored, previous, "previous_response_id")
                : whole with { Store = false };
        var resolved = await ResolveAsync(turn, whole.Store, parent, turnCancelled);
        if (turn.Conversation is { } conversation)
        {
            conversation.RequireRoom(resolved.Count, "input");
            resolved = [.. conversation.Added, .. resolved];
        }
        var (settings, input, own) = Kept(whole, resolved, parent);
        var bytes = (parent?.ChainBytes ?? 0) + own;
        if (bytes > options.ChainBytesMax) throw new ApiException(Errors.ChainTooLarge, [bytes, options.ChainBytesMax], "input");
        RequireLength(parent, input.Count);
        var context = new TurnContext(parent, input)
        {
            InputStart = -(turn.Conversation?.Added.Count ?? 0), IsOfConversation = turn.Conversation is not null,
        };
        var seen = windows.Opened(turn.Tenant, context); // calls that wait are in the compaction that the client brought
        var open = ToolCallCheck.Check(seen, whole.Generate);
        var plan = new TurnPlan(whole, settings, context, Route(whole), open) { Bytes = own };
        if (parent is null && turn.Conversation is null) plan = await MatchAsync(turn, whole, plan, turnCancelled);
        if (!ReferenceEquals(plan.Context, context)) seen = windows.Opened(turn.Tenant, plan.Context);
        if (seen.IsOpened) plan = plan with { Opened = seen };
        return (whole.CacheComparison ?? (whole.WantsCacheDetails ? plan.Context.Parent?.Id : null)) is not { } compared ? plan
            : plan with { Comparison = await ComparisonAsync(turn, plan.Context.Parent, compared, turnCancelled) };
    }

    private async ValueTask<ChainNode?> ComparisonAsync(
        TurnRequest turn, ChainNode? parent, ResponseId compared, CancellationToken turnCancelled)
    {
        for (var node = parent; node is not null; node = node.Parent)
            if (node.Id == compared) return node;
        try
        {
            return await turn.Parents.FindAsync(compared, turnCancelled) ?? histories.Named(turn.Tenant, compared);
        }
        catch (ApiException away) when (away.Kind == Errors.StoreUnavailable)
        {
            return null; // only a report about the cache needs it
        }
    }

    private void RequireLength(ChainNode? parent, int itemsAdded)
    {
        if (parent is null) return;
        if (parent.Depth >= options.ChainDepthMax)
            throw new ApiException(Errors.ChainTooLong, [parent.Depth + 1, "responses", options.ChainDepthMax], "previous_response_id");
        if (parent.ChainItemCount + itemsAdded > options.ChainItemsMax)
            throw new ApiException(Errors.ChainTooLong, [parent.ChainItemCount + itemsAdded, "items", options.ChainItemsMax], "input");
    }

    /// <summary>The same turn behind the chain that it continues, where the client resent what one says.</summary>
    private async ValueTask<TurnPlan> MatchAsync(TurnRequest turn, CreateRequest whole, TurnPlan plan, CancellationToken turnCancelled)
    {
        var sent = plan.Context.Input;
        var match = await histories.FindAsync(turn, sent, plan.Route.Backend.ContinuesUnsentReasoning, turnCancelled);
        if (match is not HistoryMatch.Found found) return plan with { Match = match };
        var parent = windows.Opened(turn.Tenant, found.Parent)!;
        var (settings, input, own) = Kept(whole, [.. sent.Skip(found.Items)], parent);
        var context = new TurnContext(parent, input) { InputStart = found.Items };
        return parent.ChainBytes + own > options.ChainBytesMax || parent.Depth >= options.ChainDepthMax
            ? plan with { Match = HistoryMatch.None.TooLarge }
            : plan with { Settings = settings, Context = context, Bytes = own, Match = match };
    }

    /// <summary>The request's settings and items as its response keeps them, and their memory beyond the parent's.</summary>
    private static (CreateRequest Settings, IReadOnlyList<Item> Input, long Bytes) Kept(
        CreateRequest whole, IReadOnlyList<Item> resolved, ChainNode? parent)
    {
        var (settings, input) = Sharing.With(whole, resolved, parent?.Response);
        return (settings, input, NodeWeight.Of(whole, settings, input, parent));
    }

    private static async ValueTask<IReadOnlyList<Item>> ResolveAsync(
        TurnRequest turn, bool isStored, ChainNode? parent, CancellationToken turnCancelled)
    {
        var input = turn.Request.Input;
        if (!input.Any(static item => item is ItemReferenceItem)) return input;
        var named = input.OfType<ItemReferenceItem>().Select(item => item.Reference).ToHashSet(StringComparer.Ordinal);
        var found = await turn.Parents.FindItemsAsync(named, isStored, turnCancelled);
        var inChain = new ChainItems([.. named.Where(id => !found.ContainsKey(id))]);
        inChain.Walk(parent, storedOnly: isStored);
        var resolved = new Item[input.Count];
        for (var i = 0; i < resolved.Length; i++)
        {
            resolved[i] = input[i] is not ItemReferenceItem { Reference: var id } ? input[i]
                : found.GetValueOrDefault(id) ?? inChain.Found.GetValueOrDefault(id)
                ?? throw new ApiException(Errors.ItemNotFound, id, $"input[{i}].id");
        }
        return resolved;
    }

    private RouteDecision.To Route(CreateRequest request) => router.Route(request.Model) switch
    {
        RouteDecision.To to => to,
        RouteDecision.Unknown unknown => throw new ApiException(Errors.ModelNotFound, unknown.Model, "model"),
        _ => throw new ApiException(Errors.MissingParameter, "model", "model"),
    };
}
