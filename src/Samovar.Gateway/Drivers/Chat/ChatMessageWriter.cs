using System.Text.Json;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Messages;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Writes a run of items as messages.</summary>
/// <param name="getsBack">Whether the upstream made a call, and gets back what it said beside it.</param>
/// <param name="before">The run before: while it leads, a system message is one of those that become the one at the start.</param>
internal sealed class ChatMessageWriter(Dialect dialect, ToolNames tools, Func<Item, bool> getsBack, ChatRun before)
{
    private const string Seen = "OK."; // what the assistant says to results where it has to
    private readonly List<string> _lead = [];
    private bool _isLeading = before.IsLeading;
    private bool _isBehindTool = before.EndsInTool;
    private readonly List<RawJson> _messages = [];
    private readonly List<RawJson> _afterTools = []; // pictures and files that a tool gave: tool messages hold text only
    private readonly RoundIds _ids = new(dialect.CallIdLength);
    private readonly AssistantMessage _assistant = new(dialect.ReasoningField, dialect.ReasoningAlways);

    /// <param name="settled">Items in which results follow their calls.</param>
    public ChatRun Write(SettledItems settled)
    {
        foreach (var item in settled.Items) Add(CarriedBlock.AsMessage(item));
        Flush();
        FlushApart();
        return new ChatRun(_lead, _messages, _isLeading, settled.Open) { EndsInTool = _isBehindTool };
    }

    private void Add(Item item)
    {
        if (_isLeading && item is MessageItem { Role: Role.System or Role.Developer } start && IsText(start.Content))
        {
            _lead.Add(Text(start.Content, ""));
            return;
        }
        _isLeading &= item is AdditionalToolsItem;
        switch (item)
        {
            case ReasoningItem reasoning:
                if (_assistant.HasText && !_assistant.HasCalls) Flush(); // between a call and its result no message may stand
                _assistant.Think(string.Concat(reasoning.Content));
                break;
            case MessageItem { Role: Role.Assistant } message:
                _assistant.Say(Text(message.Content, ""));
                break;
            case FunctionCallItem call: _assistant.Call(_ids.OfCall(call.CallId), tools.Flat(call.Namespace, call.Name),
                CallRepair.Arguments(call.Arguments), ExtraOf(call)); break;
            case CustomToolCallItem call: _assistant.Call(_ids.OfCall(call.CallId), tools.Flat(call.Namespace, call.Name),
                CustomTools.Arguments(call.Input), ExtraOf(call)); break;
            case FunctionCallOutputItem output: AddOutput(output.CallId, output.Output, output.Json.Field("output"u8)); break;
            case CustomToolCallOutputItem output: AddOutput(output.CallId, output.Output, output.Json.Field("output"u8)); break;
            case MessageItem message: AddMessage(message); break;
            case AdditionalToolsItem: break; // sent in tools
            default: throw CannotSend.Item(item.Type);
        }
        if (item is not IToolOutput) FlushApart();
    }

    private RawJson ExtraOf(Item call) => CallExtra.Has(call) && getsBack(call) ? CallExtra.Of(call) : default;

    private static bool IsText(IReadOnlyList<ContentPart> content) => content.All(part => part is ContentPart.Text);

    private void AddMessage(MessageItem message)
    {
        Flush();
        FlushApart();
        var role = message.Role switch
        {
            Role.System or Role.Developer when dialect.OneSystemMessage => "user", // templates refuse a system message behind others
            Role.System => "system",
            Role.Developer => dialect.DeveloperRole ? "developer" : "system",
            _ => "user",
        };
        AddOther(Message(role, writer => WriteContent(writer, message)));
    }

    /// <summary>A message of neither the assistant nor a tool.</summary>
    private void AddOther(RawJson message)
    {
        if (_isBehindTool && dialect.AssistantAfterTool)
            _messages.Add(Message("assistant", static writer => writer.WriteString("content"u8, Seen)));
        _messages.Add(message);
        _isBehindTool = false;
    }

    private void AddOutput(string callId, IReadOnlyList<ContentPart> output, RawJson json)
    {
        Flush();
        var answered = _ids.OfResult(callId);
        _messages.Add(JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("role"u8, "tool"u8);
            writer.WriteString("tool_call_id"u8, answered);
            writer.WriteString("content"u8, Text(output, "\n"));
            writer.WriteEndObject();
        }));
        _isBehindTool = true;
        _afterTools.AddRange(Parts(output, json).Where(part => IsApart(part.Part)).Select(part => Written(part.Part, part.Json)));
    }

    private void Flush()
    {
        if (!_assistant.IsSaid)
        {
            _assistant.Clear();
            return;
        }
        _messages.Add(_assistant.Take());
        _isBehindTool = false;
    }

    private void FlushApart()
    {
        if (_afterTools.Count == 0) return;
        var parts = _afterTools.ToList();
        _afterTools.Clear();
        AddOther(Message("user", writer =>
        {
            writer.WriteStartArray("content"u8);
            foreach (var part in parts) writer.Raw(part);
            writer.WriteEndArray();
        }));
    }

    private void WriteContent(Utf8JsonWriter writer, MessageItem message)
    {
        if (message.Content is [] or [ContentPart.Text])
        {
            writer.WriteString("content"u8, Text(message.Content, ""));
            return;
        }
        writer.WriteStartArray("content"u8);
        foreach (var (part, json) in Parts(message.Content, message.Json.Field("content"u8))) writer.Raw(Written(part, json));
        writer.WriteEndArray();
    }

    /// <summary>Parts, each with what is written of it where there is something that the core does not read: a file's data.</summary>
    private static IEnumerable<(ContentPart Part, RawJson Json)> Parts(IReadOnlyList<ContentPart> content, RawJson json) =>
        content.Any(part => part is ContentPart.File) ? content.Zip(json.Elements()) : content.Select(part => (part, default(RawJson)));

    /// <summary>Whether it is none that a tool message holds, but one that the upstream takes in another.</summary>
    private bool IsApart(ContentPart part) => part is ContentPart.Image || (part is ContentPart.File && dialect.IsProvider);

    private RawJson Written(ContentPart part, RawJson json) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        switch (part)
        {
            case ContentPart.Text { Value: var text }: WriteText(writer, text); break;
            case ContentPart.Refusal { Value: var refusal }: WriteText(writer, refusal); break;
            case ContentPart.Image { Url: { } url } image:
                writer.WriteString("type"u8, "image_url"u8);
                writer.WriteStartObject("image_url"u8);
                writer.WriteString("url"u8, url);
                if (image.Detail is { } detail) writer.WriteString("detail"u8, detail);
                writer.WriteEndObject();
                break;
            case ContentPart.File file when dialect.IsProvider && (file.FileId ?? json.Text("file_data"u8)) is { Length: > 0 }:
                writer.WriteString("type"u8, "file"u8);
                writer.WriteStartObject("file"u8);
                if (file.Name is { } name) writer.WriteString("filename"u8, name);
                if (file.FileId is { } id) writer.WriteString("file_id"u8, id);
                if (json.Text("file_data"u8) is { } data) writer.WriteString("file_data"u8, data);
                writer.WriteEndObject();
                break;
            default: throw CannotSend.Part(ContentKinds.Name(part));
        }
        writer.WriteEndObject();
    });

    private static void WriteText(Utf8JsonWriter writer, string text)
    {
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, text);
    }

    private static RawJson Message(string role, Action<Utf8JsonWriter> content) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("role"u8, role);
        content(writer);
        writer.WriteEndObject();
    });

    private string Text(IReadOnlyList<ContentPart> content, string between) =>
        string.Join(between, content.Select(part => part switch
    {
        ContentPart.Text text => text.Value,
        ContentPart.Refusal refusal => refusal.Value,
        ContentPart.Image => "(see the picture below)",
        ContentPart.File when IsApart(part) => "(see the file below)",
        _ => throw CannotSend.Part(ContentKinds.Name(part)),
    }));
}
