using System.Globalization;
using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>Reads <c>messages</c> as items, in the order of their blocks.</summary>
/// <remarks>
/// Blocks of a user in a row are one message; results of tools stand alone. Each text of the assistant and of the system prompt is a
/// message of its own, as the upstream driver reads them.
/// </remarks>
internal static class MessageReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("role", static (ref json, message) => message.Role = Forms.MessagesRole.Read(ref json)),
        ("content", static (ref json, message) => message.Content = Blocks(ref json, message.IsAssistants)));

    public static void Read(ref JsonCursor json, RequestDraft request)
    {
        json.Each(json.Limits.InputItemsMax, request, One);
    }

    private static void One(ref JsonCursor json, RequestDraft request)
    {
        var message = new Draft { IsAssistants = json.Peek("role", "role"u8) == "assistant" };
        json.Object(Fields, message);
        var role = message.Role ?? throw json.Missing("role");
        var blocks = message.Content ?? throw json.Missing("content");
        Add(ref json, request, RoleOf(role), blocks, json.Path + ".content");
    }

    /// <summary>Content outside of a message, without the mark that it begins with; an empty one is dropped.</summary>
    public static VolatileMark? System(ref JsonCursor json, RequestDraft request)
    {
        var blocks = Blocks(ref json, isAssistants: false);
        var mark = TakeMark(blocks);
        if (blocks is not ([] or [MessageBlock.Part { Value.Content: ContentPart.Text { Value.Length: 0 } }]))
            Add(ref json, request, Role.System, blocks, json.Path);
        return mark;
    }

    private static VolatileMark? TakeMark(List<MessageBlock> system)
    {
        var mark = VolatileMarks.Take(PromptStart.MessagesSystem, TextAt, out var gone, out var behind);
        if (behind is not null) system[gone] = new MessageBlock.Part(new InputPart(new ContentPart.Text(behind)));
        system.RemoveRange(0, gone);
        return mark;

        string? TextAt(int at) => system.ElementAtOrDefault(at) is MessageBlock.Part
            { Value: { IsToolReference: false, Content: ContentPart.Text { Value: var text } } } ? text : null;
    }

    private static List<MessageBlock> Blocks(ref JsonCursor json, bool isAssistants)
    {
        if (json.Token == JsonTokenType.String)
            return [new MessageBlock.Part(new InputPart(new ContentPart.Text(json.Text(json.Limits.TextCharsMax))))];
        json.Expect(JsonTokenType.StartArray, "a string or an array");
        return isAssistants ? BlockReader.Answer(ref json) : BlockReader.List(ref json);
    }

    private static void Add(ref JsonCursor json, RequestDraft request, Role role, List<MessageBlock> blocks, string path)
    {
        var said = new List<InputPart>();
        for (var at = 0; at < blocks.Count; at++)
        {
            if (blocks[at] is MessageBlock.Part part)
            {
                said.Add(part.Value);
                if (role == Role.User) continue;
            }
            AddSaid(ref json, request, role, said, new ItemPlace(path, path, at - said.Count + (blocks[at] is MessageBlock.Part ? 1 : 0)));
            AddOther(ref json, request, role, blocks[at], string.Create(CultureInfo.InvariantCulture, $"{path}[{at}]"));
        }
        AddSaid(ref json, request, role, said, new ItemPlace(path, path, blocks.Count - said.Count));
        if (blocks.Count == 0) request.Add(ref json, InputItems.Message(role, []), new ItemPlace(path, path));
    }

    private static void AddSaid(ref JsonCursor json, RequestDraft request, Role role, List<InputPart> said, ItemPlace place)
    {
        if (said.Count == 0) return;
        request.Add(ref json, InputItems.Message(role, [.. said]), place);
        said.Clear();
    }

    private static void AddOther(ref JsonCursor json, RequestDraft request, Role role, MessageBlock block, string path)
    {
        CheckSpeaker(role, block, path);
        Item? item = block switch
        {
            MessageBlock.ToolUse use => InputItems.FunctionCall(use.Id, use.Name, use.Input, use.Extra),
            MessageBlock.ToolResult result => InputItems.FunctionOutput(result.Id, result.Content, result.IsError),
            MessageBlock.Thought thought => InputItems.Reasoning(thought.Text, thought.Seal),
            MessageBlock.Carried carried => CompactionBlock.ItemOf(carried.Name, carried.Block)
                ?? CarriedBlock.Read(role == Role.Assistant ? "assistant" : "user", carried.Block),
            _ => null,
        };
        if (item is not null) request.Add(ref json, item, new ItemPlace(path, path + ".content"));
    }

    /// <summary>Only the assistant thinks and calls, and only a user brings what a call gave.</summary>
    private static void CheckSpeaker(Role role, MessageBlock block, string path)
    {
        var speaker = block switch
        {
            MessageBlock.ToolUse or MessageBlock.Thought => Role.Assistant,
            MessageBlock.ToolResult => Role.User,
            _ => role,
        };
        if (speaker == role) return;
        var kinds = role switch
        {
            Role.Assistant => "'text', 'thinking', 'redacted_thinking', 'tool_use'",
            Role.User => "'text', 'image', 'document', 'tool_result'",
            _ => "'text'",
        };
        throw new ApiException(InvalidValue, [block.Kind, kinds], path + ".type");
    }

    private static Role RoleOf(string role) => role switch
    {
        "assistant" => Role.Assistant,
        "system" => Role.System,
        _ => Role.User,
    };

    private sealed class Draft
    {
        /// <summary>Whether it is the assistant's, known before its content is read.</summary>
        public bool IsAssistants { get; init; }
        public string? Role { get; set; }
        public List<MessageBlock>? Content { get; set; }
    }
}
