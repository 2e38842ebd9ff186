using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>Takes the mark off the system prompt of a create request: off its instructions, else off the first item.</summary>
internal static class MarkedPrompt
{
    public static void Take(CreateRequest request)
    {
        if (request.Instructions is { Length: > 0 } instructions)
        {
            request.Mark = VolatileMarks.Find(PromptStart.Instructions, instructions, out var behind);
            if (request.Mark is not null) request.Instructions = behind.Length > 0 ? behind : null;
        }
        else if (request.PreviousResponseId is null && request.Input is [MessageItem { Role: Role.System or Role.Developer } first, ..])
        {
            TakeOffItem(request, first);
        }
    }

    private static void TakeOffItem(CreateRequest request, MessageItem first)
    {
        if (first.Content is not [ContentPart.Text { Value: var text }, ..]) return;
        request.Mark = VolatileMarks.Find(PromptStart.FirstItem, text, out var behind);
        if (request.Mark is not { } mark) return;
        var without = first with
        {
            Content = mark.IsBlock ? [.. first.Content.Skip(1)] : [new ContentPart.Text(behind), .. first.Content.Skip(1)],
            Json = Rewritten(first.Json, mark.IsBlock ? null : behind),
        };
        request.Input = without.Content.Count > 0 ? [without, .. request.Input.Skip(1)] : [.. request.Input.Skip(1)];
    }

    /// <param name="item">The message.</param>
    /// <param name="text">Its first text; null takes the part away.</param>
    private static RawJson Rewritten(RawJson item, string? text) => new(JsonBuffer.Bytes((item, text), static (writer, made) =>
    {
        writer.WriteStartObject();
        made.item.WriteFields(writer, "content");
        writer.WriteStartArray("content"u8);
        if (made.text is not null) ItemWriter.WriteText(writer, "input_text"u8, made.text);
        foreach (var part in made.item.OwnField("content"u8).Elements().Skip(1)) part.WriteTo(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }));
}
