using System.Text.Json;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using Samovar.Protocol.Translation;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Items on their way to a Responses upstream: as they are, or as functions where it knows nothing else.</summary>
internal static class ResponsesItems
{
    /// <param name="call">Says what the upstream knows: Samovar's own items and parts, asynchronous calls, ids of others.</param>
    /// <param name="isOwnCall">Whether the upstream made the call of this id; null: the chain says.</param>
    public static IEnumerable<RawJson> For(IEnumerable<ContextItem> items, UpstreamCall call, Func<string, bool>? isOwnCall = null)
    {
        var (tools, dialect) = (call.Tools, call.Destination.Dialect);
        var isStrict = dialect is { IsProvider: true, IsSamovar: false };
        isOwnCall ??= callId => ContextItems.IsOwnCall(call, callId);
        foreach (var (item, isForeign, isStored, isOwn) in items)
        {
            if (isForeign && IsSealed(item, tools) || !dialect.IsSamovar && IsOfMessages(item)) continue;
            if (isStrict && IsUnsealed(item) && !(isStored && (isOwn || FittingItem.HasFittingId(item)))) continue;
            var sent = dialect.IsSamovar ? item : CallExtra.Without(item); // what only its maker needs
            if (!dialect.IsSamovar) sent = Plain(sent);
            if (!dialect.AsyncTools) sent = AsyncCalls.Plain(sent);
            if (isStrict && !(isOwn && FittingItem.IsNamed(sent))) sent = FittingItem.Of(sent, isOwnCall);
            var json = tools.IsFlat ? Flat(sent, tools) : sent.Json;
            if (!json.IsEmpty) yield return json;
        }
    }

    /// <summary>The item without what the public API does not know: blocks and citations of the Messages API, names of speakers and of
    /// tools that were found.</summary>
    private static Item Plain(Item item) => CitedDocument.Without(item) switch
    {
        UnknownItem carried => CarriedBlock.AsMessage(carried),
        MessageItem message => Citation.Without(InputItems.WithoutSpeaker(message)),
        FunctionCallOutputItem output when output.Json.Utf8.Span.IndexOf("\"tool_reference\""u8) >= 0 =>
            output with { Json = WithNames(output.Json) },
        var other => other,
    };

    private static RawJson WithNames(RawJson output) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var (name, value) in output.Fields())
        {
            writer.WritePropertyName(name);
            if (name == "output" && value.AsText() is null) WriteParts(writer, value);
            else writer.Raw(value);
        }
        writer.WriteEndObject();
    });

    private static void WriteParts(Utf8JsonWriter writer, RawJson parts)
    {
        writer.WriteStartArray();
        foreach (var part in parts.Elements())
        {
            if (part.Text("type"u8) == PartTypes.ToolReference)
                ItemWriter.WriteText(writer, "input_text"u8, part.Text("tool_name"u8) ?? "");
            else writer.Raw(part);
        }
        writer.WriteEndArray();
    }

    /// <summary>
    /// Only its maker can open it. Reasoning is not part of the history; what a compaction of the chain's own stands for is still in the
    /// chain, and one that the client sent comes to its maker only.
    /// </summary>
    private static bool IsSealed(Item item, ToolNames tools) =>
        item is CompactionItem || (item is ReasoningItem reasoning && (reasoning.EncryptedContent is not null || !tools.IsFlat));

    /// <summary>A provider looks for it by its id, and refuses the turn where it has none of that id.</summary>
    private static bool IsUnsealed(Item item) => item is ReasoningItem { EncryptedContent: null or "" };

    /// <summary>Nobody who speaks this protocol can have made the seal, whoever did.</summary>
    private static bool IsOfMessages(Item item) => item is ReasoningItem { EncryptedContent: var seal } && ThoughtSeal.IsOfMessages(seal);

    /// <summary>Empty for an item that is sent in another place (<c>tools</c>).</summary>
    /// <exception cref="Attempts.UpstreamException">The upstream would not understand it, and without it the context is another
    /// one.</exception>
    private static RawJson Flat(Item item, ToolNames tools) => item switch
    {
        FunctionCallItem { Namespace: not null } call => Call(call.CallId, tools.Flat(call.Namespace, call.Name), call.Arguments),
        CustomToolCallItem call => Call(call.CallId, tools.Flat(call.Namespace, call.Name), CustomTools.Arguments(call.Input)),
        CustomToolCallOutputItem output => Output(output),
        MessageItem or FunctionCallItem or FunctionCallOutputItem or ReasoningItem or CompactionItem or UnknownItem => item.Json,
        AdditionalToolsItem => default,
        _ => throw CannotSend.Item(item.Type),
    };

    private static RawJson Call(string callId, string name, string arguments) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function_call"u8);
        writer.WriteString("call_id"u8, callId);
        writer.WriteString("name"u8, name);
        writer.WriteString("arguments"u8, arguments);
        writer.WriteString("status"u8, "completed"u8);
        writer.WriteEndObject();
    });

    private static RawJson Output(CustomToolCallOutputItem output) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function_call_output"u8);
        writer.WriteString("call_id"u8, output.CallId);
        writer.Raw("output"u8, output.Json.Field("output"u8));
        writer.WriteEndObject();
    });
}
