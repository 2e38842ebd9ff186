using Samovar.Gateway.Faults;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;
using MessageBlocks = Samovar.Gateway.Drivers.Messages.Blocks;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>A run of items as messages.</summary>
/// <param name="System">What precedes the conversation: leading system and developer messages.</param>
/// <param name="IsLeading">Whether there was nothing but those so far.</param>
/// <param name="Calls">The calls that it makes, by the ids that clients know.</param>
/// <param name="Open">Those at its end that what follows may answer.</param>
internal sealed record MessageRun(
    IReadOnlyList<RawJson> System, IReadOnlyList<RawJson> Messages, bool IsLeading, IReadOnlyList<string> Calls, IReadOnlyList<Item> Open)
{
    /// <summary>Whether it has files by their ids alone.</summary>
    public bool NamesFiles { get; init; }

    /// <param name="settled">Items in which results follow their calls.</param>
    /// <param name="ids">Ids of the calls before; those of these items are added.</param>
    /// <param name="isLeading">Whether nothing but system and developer messages came before these items.</param>
    /// <param name="hasBreakpoint">Whether the cache shall reach to the end of them.</param>
    public static MessageRun Of(SettledItems settled, ToolNames tools, CallIds ids, bool isLeading, bool hasBreakpoint)
    {
        var (system, messages, calls) = (new SystemTexts(), new MessageList(), new List<string>());
        for (var at = 0; at <= settled.Items.Count; at++)
        {
            if (at == settled.SpokenAt) EndOfAsked(system, messages, isLeading);
            if (at == settled.Items.Count) break;
            var item = settled.Items[at];
            if (isLeading && item is MessageItem { Role: Role.System or Role.Developer } start)
            {
                system.Add(Parts(start));
                continue;
            }
            var (role, blocks) = BlocksOf(item, tools, ids);
            if (item is FunctionCallItem or CustomToolCallItem) calls.Add(((IToolCall)item).CallId!);
            if (blocks.Count == 0 && item is MessageItem && role == MessageList.User) messages.AddBlank();
            messages.Add(role, blocks, isResult: item is IToolOutput);
            isLeading &= blocks.Count == 0;
        }
        return new MessageRun(system.Blocks, messages.Written(hasBreakpoint), isLeading && messages.IsEmpty, calls, settled.Open)
        {
            NamesFiles = settled.Items.Any(NamesFile),
        };
    }

    /// <summary>Here the model is asked to speak: where nobody has said anything to it, it answers the last of what leads.</summary>
    private static void EndOfAsked(SystemTexts system, MessageList messages, bool isLeading)
    {
        if (isLeading && messages.IsEmpty) messages.Add(MessageList.User, system.TakeLast(), isResult: false);
        messages.EndOfAsked();
    }

    private static bool NamesFile(Item item) => (item switch
    {
        MessageItem message => message.Content,
        FunctionCallOutputItem output => output.Output,
        CustomToolCallOutputItem output => output.Output,
        _ => [],
    }).Any(static part => part is ContentPart.Image { FileId: not null } or ContentPart.File { FileId: not null });

    private static (string Role, List<RawJson> Blocks) BlocksOf(Item item, ToolNames tools, CallIds ids) => item switch
    {
        MessageItem { Role: Role.Assistant } message => (MessageList.Assistant, Said(message)),
        MessageItem message => (MessageList.User, Parts(message)), // a later system message keeps its place
        ReasoningItem thought => (MessageList.Assistant,
            SealedThought.Block(string.Concat(thought.Content), thought.EncryptedContent) is { IsEmpty: false } block ? [block] : []),
        FunctionCallItem call => (MessageList.Assistant,
            [MessageBlocks.ToolUse(ids.OfCall(call.CallId), tools.Flat(call.Namespace, call.Name), call.Arguments, CallExtra.Of(call))]),
        CustomToolCallItem call => (MessageList.Assistant, [MessageBlocks.ToolUse(
            ids.OfCall(call.CallId), tools.Flat(call.Namespace, call.Name), CustomTools.Arguments(call.Input), CallExtra.Of(call))]),
        FunctionCallOutputItem output => (MessageList.User, [Result(output, output.CallId, output.Output, ids)]),
        CustomToolCallOutputItem output => (MessageList.User, [Result(output, output.CallId, output.Output, ids)]),
        AdditionalToolsItem => (MessageList.User, []), // sent in tools
        UnknownItem when CarriedBlock.Of(item) is { IsEmpty: false } block => (CarriedBlock.RoleOf(item), [block]),
        _ => throw CannotSend.Item(item.Type),
    };

    /// <summary>As the reader of Messages requests has it: a failed call's output is incomplete.</summary>
    private static RawJson Result(Item item, string callId, IReadOnlyList<ContentPart> output, CallIds ids) => MessageBlocks.ToolResult(
        ids.OfResult(callId), MessageBlocks.Parts(output, item.Json.Field("output"u8)), item.Json.Text("status"u8) == "incomplete");

    /// <summary>What the assistant said, with the citations of this protocol that its text rests on.</summary>
    private static List<RawJson> Said(MessageItem message)
    {
        if (Citation.OfParts(message) is not { } citations || citations.Count != message.Content.Count) return Parts(message);
        return message.Content.Zip(citations, static (part, cited) => part is ContentPart.Text said && cited.Count > 0
            && !MessageBlocks.IsBlank(part)
            ? [MessageBlocks.Text(said.Value, cited)]
            : MessageBlocks.Parts([part], default)).SelectMany(static blocks => blocks).ToList();
    }

    private static List<RawJson> Parts(MessageItem message) => MessageBlocks.Parts(message.Content, message.Json.Field("content"u8));
}
