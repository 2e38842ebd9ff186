using Samovar.Backends;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Tools;

/// <summary>Calls that a turn's input approves: they run before the model speaks.</summary>
internal static class ServedApprovals
{
    /// <exception cref="ApiException">An approval is of no call that waits, or of one whose server the request does not name.</exception>
    public static IReadOnlyList<Item> Of(BackendTurn turn, SeenChain before, RoundSplit? split, ToolOffer offer)
    {
        if (split is null) return [];
        Check(turn.Context, before);
        var requests = new List<Item>();
        foreach (var id in split.Approved)
        {
            var request = split.Requests.Find(id)!;
            var label = request.Json.Text("server_label"u8) ?? "";
            if (offer.ServerOf(label) is null) throw new ApiException(Errors.ApprovalWithoutServer, label, "tools");
            requests.Add(request);
        }
        return requests;
    }

    /// <summary>The call that a request asks for; behind a compaction it has the name that the model knows.</summary>
    /// <exception cref="ApiException">Its server does not offer it to this request.</exception>
    public static ServedTool ToolOf(Item request, ToolOffer offer)
    {
        var (label, name) = (request.Json.Text("server_label"u8) ?? "", request.Json.Text("name"u8) ?? "");
        return offer.Find(label, ServedCall.NameOf(label, name)) is { } tool && (tool.Name == name || tool.CallName == name)
            ? tool : throw new ApiException(Errors.ApprovalWithoutServer, label, "tools");
    }

    /// <summary>Counts what the user has decided since the model spoke last.</summary>
    public static void Count(TurnContext context, SeenChain before, ToolOffer offer, ToolMetrics metrics)
    {
        for (var at = context.Input.Count - 1; at >= 0 && !IsOfModel(context.Input[at]); at--)
        {
            if (context.Input[at] is not { Type: ServerItems.ApprovalResponse } answer) continue;
            var id = answer.Json.Text("approval_request_id"u8) ?? "";
            var request = before.Requests.Find(id) ?? context.Input.FirstOrDefault(item => item.Id == id);
            var label = request?.Json.Text("server_label"u8) ?? "";
            var isApproved = answer.Json.Field("approve"u8).Utf8.Span.SequenceEqual("true"u8);
            metrics.Approval(offer.ServerOf(label)?.Entry, isApproved ? ToolMetrics.Approved : ToolMetrics.Refused);
        }
    }

    private static bool IsOfModel(Item item) => item is IToolCall or ReasoningItem or MessageItem { Role: Role.Assistant }
        || (ServerItems.Is(item) && item.Type != ServerItems.ApprovalResponse);

    /// <summary>Each answers a request that came before it, once.</summary>
    private static void Check(TurnContext context, SeenChain before)
    {
        var (waiting, known) = (new HashSet<string>(StringComparer.Ordinal), before.Requests);
        for (var at = 0; at < context.Input.Count; at++)
        {
            var item = context.Input[at];
            if (!ServerItems.Is(item)) continue;
            if (item is { Type: ServerItems.ApprovalRequest, Id: { } own }) waiting.Add(own);
            if (item.Type != ServerItems.ApprovalResponse) continue;
            var id = item.Json.Text("approval_request_id"u8)
                ?? throw new ApiException(Errors.MissingParameter, context.ParamOf(at, ".approval_request_id"),
                    context.ParamOf(at, ".approval_request_id"));
            var approve = item.Json.Field("approve"u8).Utf8.Span;
            if (!approve.SequenceEqual("true"u8) && !approve.SequenceEqual("false"u8))
                throw new ApiException(Errors.InvalidType, [context.ParamOf(at, ".approve"), "a boolean", "another value"],
                    context.ParamOf(at, ".approve"));
            var isWaiting = waiting.Remove(id);
            if (!isWaiting && known.Find(id) is null)
                throw new ApiException(Errors.ApprovalNotFound, id, context.ParamOf(at, ".approval_request_id"));
            known = known.Without(id);
        }
    }
}
