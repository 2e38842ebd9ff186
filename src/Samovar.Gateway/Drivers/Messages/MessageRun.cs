using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
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
    private const string User = "user", Assistant = "assistant";

    /// <summary>Whether it has files by their ids alone.</summary>
    public bool NamesFiles { get; init; }

    /// <param name="settled">Items in which results follow their calls.</param>
    /// <param name="ids">Ids of the calls before; those of these items are added.</param>
    /// <param name="isLeading">Whether nothing but system and developer messages came before these items.</param>
    /// <param name="hasBreakpoint">Whether the cache shall reach to the end of them.</param>
    public static MessageRun Of(SettledItems settled, ToolNames tools, CallIds ids, bool isLeading, bool hasBreakpoint)
    {
        var system = new List<RawJson>();
        var calls = new List<string>();
        var messages = new List<(string Role, List<RawJson> Results, List<RawJson> Blocks)>();
        foreach (var item in settled.Items)
        {
            if (isLeading && item is MessageItem { Role: Role.System or Role.Developer } start)
            {
                system.AddRange(Parts(start));
                continue;
            }
            var (role, blocks) = BlocksOf(item, tools, ids);
            if (item is FunctionCallItem or CustomToolCallItem) calls.Add(((IToolCall)item).CallId!);
            if (blocks.Count == 0) continue;
            isLeading = false;
            if (messages is not [.., var last] || last.Role != role) messages.Add(last = (role, [], []));
            (item is IToolOutput ? last.Results : last.Blocks).AddRange(blocks); // the API wants results before all else
        }
        if (hasBreakpoint && messages is [.., { Role: User } newest])
        {
            var end = newest.Blocks.Count > 0 ? newest.Blocks : newest.Results;
            end[^1] = MessageBlocks.WithBreakpoint(end[^1]);
        }
        return new MessageRun(
            system, messages.ConvertAll(message => Message(message.Role, message.Results, message.Blocks)), isLeading, calls, settled.Open)
        {
            NamesFiles = settled.Items.Any(NamesFile),
        };
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
        MessageItem { Role: Role.Assistant } message => (Assistant, Said(message)),
        MessageItem message => (User, Parts(message)), // a later system message keeps its place
        ReasoningItem thought =>
            (Assistant, SealedThought.Block(string.Concat(thought.Content), thought.EncryptedContent) is { IsEmpty: false } block
            ? [block] : []),
        FunctionCallItem call => (Assistant, [MessageBlocks.ToolUse(
            ids.OfCall(call.CallId), tools.Flat(call.Namespace, call.Name), call.Arguments, CallExtra.Of(call))]),
        CustomToolCallItem call => (Assistant, [MessageBlocks.ToolUse(
            ids.OfCall(call.CallId), tools.Flat(call.Namespace, call.Name), CustomTools.Arguments(call.Input), CallExtra.Of(call))]),
        FunctionCallOutputItem output => (User, [Result(output, output.CallId, output.Output, ids)]),
        CustomToolCallOutputItem output => (User, [Result(output, output.CallId, output.Output, ids)]),
        AdditionalToolsItem => (User, []), // sent in tools
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

    private static RawJson Message(string role, List<RawJson> results, List<RawJson> blocks) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, role);
        writer.WriteStartArray("content"u8);
        foreach (var block in results) writer.Raw(block);
        foreach (var block in blocks) writer.Raw(block);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
