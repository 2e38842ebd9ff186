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
            request.Mark = VolatileMarks.Take(
                PromptStart.Instructions, at => at == 0 ? instructions : null, out _, out var behind);
            if (request.Mark is not null) request.Instructions = behind;
        }
        else if (request.PreviousResponseId is null)
        {
            while (request.Mark is not { Count: >= VolatileMarks.MarksMax }
                && request.Input is [MessageItem { Role: Role.System or Role.Developer } first, ..] && TakeOffItem(request, first)) { }
        }
    }

    /// <returns>Whether nothing was left of it.</returns>
    private static bool TakeOffItem(CreateRequest request, MessageItem first)
    {
        var mark = VolatileMarks.Take(PromptStart.FirstItem, TextAt, out var gone, out var behind);
        if (mark is null) return false;
        request.Mark = request.Mark?.Before(mark) ?? mark;
        var left = behind is null ? gone : gone + 1;
        var without = first with
        {
            Content = behind is null ? [.. first.Content.Skip(left)] : [new ContentPart.Text(behind), .. first.Content.Skip(left)],
            Json = Rewritten(first.Json, behind, left),
        };
        request.Input = without.Content.Count > 0 ? [without, .. request.Input.Skip(1)] : [.. request.Input.Skip(1)];
        return without.Content.Count == 0;

        string? TextAt(int at) => first.Content.ElementAtOrDefault(at) is ContentPart.Text { Value: var text } ? text : null;
    }

    /// <param name="item">The message.</param>
    /// <param name="text">Its first text; null: its first part stays as it is.</param>
    /// <param name="gone">Parts that are not there any more.</param>
    private static RawJson Rewritten(RawJson item, string? text, int gone) => new(JsonBuffer.Bytes(
        (item, text, gone), static (writer, made) =>
    {
        writer.WriteStartObject();
        made.item.WriteFields(writer, "content");
        writer.WriteStartArray("content"u8);
        if (made.text is not null) ItemWriter.WriteText(writer, "input_text"u8, made.text);
        foreach (var part in made.item.OwnField("content"u8).Elements().Skip(made.gone)) part.WriteTo(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }));
}
