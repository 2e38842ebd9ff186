using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Routing;

namespace Samovar.Turns;

/// <summary>Finds what a turn needs before it runs: its parent, its context, its backend.</summary>
internal sealed class TurnPlanner(ModelRouter router, TurnOptions options)
{
    /// <summary>The response that is continued. Throws <c>previous_response_not_found</c>.</summary>
    public static async ValueTask<ChainNode?> FindParentAsync(TurnRequest turn, CancellationToken turnCancelled)
    {
        if (turn.Request.PreviousResponseId is not { } previous) return null;
        return await turn.Parents.FindAsync(previous, turnCancelled)
            ?? throw new ApiException(Errors.PreviousResponseNotFound, previous, "previous_response_id");
    }

    public async ValueTask<TurnPlan> PlanAsync(TurnRequest turn, ChainNode? parent, CancellationToken turnCancelled)
    {
        var whole = turn.TakesOver && parent is not null ? Settings.TakeOver(turn.Request, parent.Response) : turn.Request;
        if (whole.Store && parent is { Store: false } && turn.Request.PreviousResponseId is { } previous)
            throw new ApiException(Errors.PreviousResponseNotStored, previous, "previous_response_id");
        var resolved = await ResolveAsync(turn, whole.Store, parent, turnCancelled);
        var (request, input) = Sharing.With(whole, resolved, parent?.Response);
        var own = NodeWeight.Of(request, input, parent);
        var bytes = (parent?.ChainBytes ?? 0) + own;
        if (bytes > options.ChainBytesMax) throw new ApiException(Errors.ChainTooLarge, [bytes, options.ChainBytesMax], "input");
        var context = new TurnContext(parent, input);
        var open = ToolCallCheck.Check(context, request.Generate);
        return new TurnPlan(request, context, Route(request), open) { Bytes = own };
    }

    private static async ValueTask<IReadOnlyList<Item>> ResolveAsync(
        TurnRequest turn, bool isStored, ChainNode? parent, CancellationToken turnCancelled)
    {
        var input = turn.Request.Input;
        var named = input.OfType<ItemReferenceItem>().Select(item => item.Reference).ToHashSet(StringComparer.Ordinal);
        if (named.Count == 0) return input;
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
