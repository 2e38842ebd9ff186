using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>Reads the <c>source</c> of a document: a file, or the text that it is.</summary>
internal static class DocumentReader
{
    private static readonly FieldTable<SourceDraft> Fields = new([.. SourceDraft.Fields, ("content", ReadContent)]);

    private static readonly FieldTable<Block> BlockFields = new(
        ("text", static (ref json, block) => block.Text = json.OptionalText(json.Limits.TextCharsMax)));

    /// <summary>Starts on the source; the name of the document is put in when all of it is known.</summary>
    public static Func<string?, InputPart> Read(ref JsonCursor json)
    {
        var source = new SourceDraft();
        json.Object(Fields, source);
        switch (source.Kind ?? throw json.Missing("type"))
        {
            case "base64":
                var data = source.DataUrl(ref json);
                return name => new InputPart(new ContentPart.File(name, null, null, HasData: true), data);
            case "url":
                var url = source.Url ?? throw json.Missing("url");
                return name => new InputPart(new ContentPart.File(name, null, url, HasData: false));
            case "file":
                var file = source.FileId ?? throw json.Missing("file_id");
                return name => new InputPart(new ContentPart.File(name, file, null, HasData: false));
            case "text":
                var text = source.Data ?? throw json.Missing("data");
                return name => Text(name, text);
            case "content":
                return name => Text(name, string.Join('\n', source.Texts));
            case var other:
                json.Push("type");
                throw json.Fail(UnsupportedValue, other);
        }
    }

    private static InputPart Text(string? name, string text) =>
        new(new ContentPart.Text(name is { Length: > 0 } ? $"{name}\n{text}" : text));

    private static void ReadContent(ref JsonCursor json, SourceDraft source)
    {
        if (json.Token == JsonTokenType.String)
        {
            source.Texts.Add(json.Text(json.Limits.TextCharsMax));
            return;
        }
        json.Expect(JsonTokenType.StartArray, "a string or an array");
        source.Texts.AddRange(json.Elements(json.Limits.PartsMax, Text).Where(text => text.Length > 0));
    }

    /// <summary>The text of a block; other blocks of a document have none.</summary>
    private static string Text(ref JsonCursor json)
    {
        var block = new Block();
        json.Object(BlockFields, block);
        return block.Text ?? "";
    }

    private sealed class Block
    {
        public string? Text { get; set; }
    }
}
