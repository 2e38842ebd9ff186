using Samovar.Gateway.Destinations;
using Samovar.Gateway.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Gateway.Wire.Bodies;

/// <summary>
/// Names all of a request that a driver does not carry: fields that <see cref="ForwardedFields"/> leaves out, tools that cannot be sent,
/// and, one row each, what a dialect has no word for.
/// </summary>
internal static class DroppedFields
{
    private delegate bool Row(CreateRequest request, UpstreamCall call);

    private static readonly Row Never = (_, _) => false;
    private static readonly Row Always = (_, _) => true;

    private static readonly (string Name, Row IsAsked, Row Responses, Row Chat, Row Messages)[] Rows =
    [
        ("text.format", (request, _) => request.Format is TextFormat.JsonObject, Never, Never, Always),
        ("reasoning.effort", (request, _) => request.ReasoningEffort is not null,
            Never, (_, call) => !call.Destination.Dialect.ReasoningEffort, Never),
        ("parallel_tool_calls", (request, call) => !request.ParallelToolCalls && call.Tools.Tools.Count > 0,
            Never, (_, call) => !call.Destination.Dialect.ParallelToolCalls, Never),
        ("prompt_cache_key", (request, _) => request.Field("prompt_cache_key").IsSet(),
            (_, call) => !call.Destination.Dialect.PromptCacheKey, (_, call) => !call.Destination.Dialect.PromptCacheKey, Always),
        ("service_tier", (request, _) => request.ServiceTier is not null,
            Never, Never, (request, _) => request.ServiceTier is not ("auto" or "default")),
        ("client_metadata", (request, _) => request.Field("client_metadata").IsSet(),
            (_, call) => call.Destination.Kind is not (DestinationKind.ResponsesWs or DestinationKind.ResponsesLink)
                || !call.Destination.Dialect.IsProvider, Never, Never),
    ];

    /// <summary>Writes the fields that go up as they came, and notes in the call what does not go up at all.</summary>
    public static void WriteForwarded(UpstreamBody body, UpstreamCall call)
    {
        var (request, kind) = (call.Turn.Request, call.Destination.Kind);
        var dropped = body.WriteForwarded(request, call.Destination);
        if (call.Tools.Dropped.Count > 0) dropped = [.. dropped, .. call.Tools.Dropped.Select(type => $"tools.{type}")];
        if (kind == DestinationKind.Chat)
            dropped = [.. dropped, .. request.Edits.OfType<ContextEdit.Other>().Select(edit => $"context_edits.{edit.Kind}")];
        if (kind == DestinationKind.Chat) dropped = [.. dropped, .. ToolHandlingReport.NamesIn(request, call.Turn.Tools)];
        else if (kind != DestinationKind.Messages && !call.Destination.Dialect.IsSamovar) // their clients' own go up in the tools
            dropped = [.. dropped, .. ToolHandlingReport.NamesIn(request, ToolList.Empty)];
        foreach (var row in Rows)
        {
            var isDropped = kind switch
            {
                DestinationKind.Chat => row.Chat,
                DestinationKind.Messages => row.Messages,
                _ => row.Responses,
            };
            if (row.IsAsked(request, call) && isDropped(request, call)) dropped = [.. dropped, row.Name];
        }
        call.Dropped = dropped;
    }
}
