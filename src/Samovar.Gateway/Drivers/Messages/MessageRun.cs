using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Tools;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>A run of items as messages.</summary>
/// <param name="System">What stands before the conversation: leading system and developer messages.</param>
/// <param name="IsLeading">Whether there was nothing but those so far.</param>
internal sealed record MessageRun(IReadOnlyList<RawJson> System, IReadOnlyList<RawJson> Messages, bool IsLeading)
{
    /// <param name="isLeading">Whether nothing but system and developer messages came before these items.</param>
    /// <param name="hasBreakpoint">Whether the cache shall reach to the end of them.</param>
    public static MessageRun Of(IEnumerable<Item> items, ToolNames tools, bool isLeading, bool hasBreakpoint)
    {
        var system = new List<RawJson>();
        var messages = new List<(string Role, List<RawJson> Blocks)>();
        foreach (var item in items)
        {
            if (isLeading && item is MessageItem { Role: Role.System or Role.Developer } start)
            {
                system.AddRange(Parts(start.Content));
                continue;
            }
            var (role, blocks) = Told(item, tools);
            if (blocks.Count == 0) continue;
            isLeading = false;
            if (messages is [.., var last] && last.Role == role) last.Blocks.AddRange(blocks);
            else messages.Add((role, blocks));
        }
        if (hasBreakpoint && messages is [.., { Role: "user" } newest]) newest.Blocks[^1] = Blocks.WithBreakpoint(newest.Blocks[^1]);
        return new MessageRun(system, messages.ConvertAll(message => Message(message.Role, message.Blocks)), isLeading);
    }

    private static (string Role, List<RawJson> Blocks) Told(Item item, ToolNames tools) => item switch
    {
        MessageItem { Role: Role.Assistant } message => ("assistant", Parts(message.Content)),
        MessageItem message => ("user", Parts(message.Content)), // a later system message keeps its place
        ReasoningItem thought =>
            ("assistant", SealedThought.Block(string.Concat(thought.Content), thought.EncryptedContent) is { IsEmpty: false } block
            ? [block] : []),
        FunctionCallItem call => ("assistant", [Blocks.ToolUse(call.CallId, tools.Flat(call.Namespace, call.Name), call.Arguments)]),
        CustomToolCallItem call =>
            ("assistant", [Blocks.ToolUse(call.CallId, tools.Flat(call.Namespace, call.Name), CustomTools.Arguments(call.Input))]),
        FunctionCallOutputItem output => ("user", [Blocks.ToolResult(output.CallId, output.Output, HasFailed(output))]),
        CustomToolCallOutputItem output => ("user", [Blocks.ToolResult(output.CallId, output.Output, HasFailed(output))]),
        AdditionalToolsItem => ("user", []), // told in tools
        _ => throw CannotSend.Item(item.Type),
    };

    /// <summary>As the reader of Messages requests tells it.</summary>
    private static bool HasFailed(Item output) => output.Json.Text("status"u8) == "incomplete";

    private static List<RawJson> Parts(IReadOnlyList<ContentPart> content) =>
        content.Select(Blocks.Part).Where(block => !block.IsEmpty).ToList();

    private static RawJson Message(string role, List<RawJson> blocks) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, role);
        writer.WriteStartArray("content"u8);
        foreach (var block in blocks) writer.Raw(block);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
