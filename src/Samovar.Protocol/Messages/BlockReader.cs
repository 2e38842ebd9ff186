using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>One block of a message's content.</summary>
internal abstract record MessageBlock
{
    private MessageBlock() { }

    /// <summary>As the protocol calls it.</summary>
    public abstract string Kind { get; }
    public sealed record Part(InputPart Value) : MessageBlock { public override string Kind => "text"; }

    /// <param name="Input">The arguments as they were sent, byte for byte.</param>
    /// <param name="Extra">What it says beside them, see <see cref="ToolUseFields"/>.</param>
    public sealed record ToolUse(string Id, string Name, string Input, RawJson Extra) : MessageBlock
    {
        public override string Kind => "tool_use";
    }

    public sealed record ToolResult(string Id, IReadOnlyList<InputPart> Content, bool IsError) : MessageBlock
    {
        public override string Kind => "tool_result";
    }

    /// <param name="Block">The whole block.</param>
    public sealed record Carried(string Name, RawJson Block) : MessageBlock { public override string Kind => Name; }

    public sealed record Thought(string Text, string? Seal) : MessageBlock
    {
        public override string Kind => ThoughtSeal.RedactedData(Seal) is null ? "thinking" : "redacted_thinking";
    }
}

/// <summary>Reads content blocks. Kinds that only the provider can run or read are carried whole; others are refused by name.</summary>
internal static class BlockReader
{
    private static readonly FieldTable<Draft> Fields = new(
        ("type", static (ref json, block) => json.Skip()),
        ("cache_control", static (ref json, block) => CacheMarkReader.Check(ref json)),
        ("text", static (ref json, block) => block.Text = json.OptionalText(json.Limits.TextCharsMax)),
        ("source", ReadSource),
        ("title", static (ref json, block) => block.Title = json.OptionalText(json.Limits.TextCharsMax)),
        ("citations", ReadCitations),
        ("context", ReadContext),
        ("tool_name", static (ref json, block) => block.ToolName = json.OptionalName()),
        ("id", static (ref json, block) => block.Id = json.OptionalName()),
        ("name", static (ref json, block) => block.Name = json.OptionalName()),
        ("input", static (ref json, block) => block.Input = json.OptionalObjectRaw()),
        ("tool_use_id", static (ref json, block) => block.ToolUseId = json.OptionalName()),
        ("is_error", static (ref json, block) => block.IsError = json.OptionalBool() ?? false),
        ("content", ReadContent),
        ("thinking", static (ref json, block) => block.Thinking = json.OptionalText(json.Limits.TextCharsMax)),
        ("signature", static (ref json, block) => block.Signature = json.OptionalText(json.Limits.FrameBytesMax)),
        ("data", static (ref json, block) => block.Data = json.OptionalText(json.Limits.FrameBytesMax)));

    /// <summary>Begins on the start of an array; ends on its end.</summary>
    public static List<MessageBlock> List(ref JsonCursor json) => [.. json.Elements(json.Limits.PartsMax, One)];

    /// <summary>The same of what the assistant said: a provider made it, and so a kind that is not known here is carried, too. What was
    /// handed out is taken back.</summary>
    public static List<MessageBlock> Answer(ref JsonCursor json) => [.. json.Elements(json.Limits.PartsMax, OneOfAnswer)];

    /// <summary>A result among what the assistant said; null where it is none that can be read.</summary>
    public static MessageBlock.ToolResult? Result(RawJson block)
    {
        var json = new JsonCursor(block.Utf8, ProtocolLimits.None);
        json.Read();
        try
        {
            return One(ref json) as MessageBlock.ToolResult;
        }
        catch (ApiException)
        {
            return null;
        }
    }

    private static MessageBlock OneOfAnswer(ref JsonCursor json) => json.Peek("type", "type"u8) is { Length: > 0 } kind
        && kind is not ("text" or "image" or "document" or "tool_reference" or "tool_use" or "thinking" or "redacted_thinking")
            ? new MessageBlock.Carried(kind, json.ObjectRaw()) : One(ref json);

    private static MessageBlock One(ref JsonCursor json)
    {
        var kind = json.Peek("type", "type"u8) ?? throw json.Missing("type");
        if (kind is not ("text" or "image" or "document" or "tool_reference" or "tool_use" or "tool_result" or "thinking"
            or "redacted_thinking"))
        {
            if (CarriedBlock.IsKnown(kind)) return new MessageBlock.Carried(kind, json.ObjectRaw());
            json.Push("type");
            throw json.Fail(UnsupportedValue, kind);
        }
        var (block, start) = (new Draft { Kind = kind }, json.Start);
        json.Object(Fields, block);
        return kind switch
        {
            "text" => Text(block.Text ?? throw json.Missing("text"), block.Citations),
            "image" => new MessageBlock.Part(new InputPart(block.Source ?? throw json.Missing("source"))),
            "document" => Document((block.Document ?? throw json.Missing("source"))(block.Title), block, json.Since(start)),
            "tool_reference" => new MessageBlock.Part(new InputPart(
                new ContentPart.Text(block.ToolName ?? throw json.Missing("tool_name"))) { IsToolReference = true }),
            "tool_use" => new MessageBlock.ToolUse(block.Id ?? throw json.Missing("id"), block.Name ?? throw json.Missing("name"),
                block.Input.IsEmpty ? throw json.Missing("input") : block.Input.ToString(), ToolUseFields.Extra(json.Since(start))),
            "tool_result" =>
                new MessageBlock.ToolResult(block.ToolUseId ?? throw json.Missing("tool_use_id"), block.Content, block.IsError),
            "thinking" =>
                new MessageBlock.Thought(block.Thinking ?? throw json.Missing("thinking"), ThoughtSeal.SealOf(block.Signature)),
            _ => new MessageBlock.Thought("", ThoughtSeal.Redacted + (block.Data ?? throw json.Missing("data"))),
        };
    }

    private static MessageBlock.Part Text(string text, RawJson citations) =>
        new(new InputPart(new ContentPart.Text(text)) { Annotations = Citation.Annotations(citations, text.Length) });

    private static MessageBlock.Part Document(InputPart part, Draft block, RawJson whole) => new(part with
    {
        Document = part.Content is ContentPart.File
            ? CitedDocument.OfFile(block.Citations, block.Context) : CitedDocument.OfText(block.Citations, whole),
    });

    /// <summary>Of a document whether it is to be cited, of a text what it cites.</summary>
    private static void ReadCitations(ref JsonCursor json, Draft block)
    {
        if (block.Kind == "document") block.Citations = json.OptionalObjectRaw();
        else block.Citations = json.Raw();
    }

    private static void ReadContext(ref JsonCursor json, Draft block)
    {
        if (block.Kind == "document") block.Context = json.OptionalText(json.Limits.TextCharsMax);
        else json.Skip();
    }

    /// <summary>What a tool gave: a string or blocks of text and images, or nothing.</summary>
    private static void ReadContent(ref JsonCursor json, Draft block)
    {
        switch (json.Token)
        {
            case JsonTokenType.Null: return;
            case JsonTokenType.String:
                block.Content = [new InputPart(new ContentPart.Text(json.Text(json.Limits.TextCharsMax)))];
                return;
        }
        json.Expect(JsonTokenType.StartArray, "a string or an array");
        var parts = new List<InputPart>();
        foreach (var inner in List(ref json))
        {
            switch (inner)
            {
                case MessageBlock.Part part: parts.Add(part.Value); break;
                case MessageBlock.Carried carried: parts.Add(new InputPart(new ContentPart.Text(CarriedBlock.Text(carried.Block)))); break;
                default:
                    json.Push(parts.Count);
                    throw json.Fail(UnsupportedValue, inner.Kind);
            }
        }
        if (parts.Count > 0) block.Content = parts;
    }

    private static void ReadSource(ref JsonCursor json, Draft block)
    {
        if (block.Kind != "document") block.Source = ImageSourceReader.Read(ref json);
        else if (!json.IsNull) block.Document = DocumentReader.Read(ref json);
    }

    private sealed class Draft
    {
        public string Kind { get; init; } = "";
        public Func<string?, InputPart>? Document { get; set; }
        public string? Title { get; set; }
        public RawJson Citations { get; set; }
        public string? Context { get; set; }
        public string? ToolName { get; set; }
        public string? Text { get; set; }
        public ContentPart.Image? Source { get; set; }
        public string? Id { get; set; }
        public string? Name { get; set; }
        public RawJson Input { get; set; }
        public string? ToolUseId { get; set; }
        public bool IsError { get; set; }
        public IReadOnlyList<InputPart> Content { get; set; } = [new InputPart(new ContentPart.Text(""))];
        public string? Thinking { get; set; }
        public string? Signature { get; set; }
        public string? Data { get; set; }
    }
}
