using System.Globalization;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Chat;

/// <summary>A stored response as the chat completion that it was asked for as.</summary>
public static class StoredCompletion
{
    /// <summary>What a completion's id may be the name of.</summary>
    public static IEnumerable<ResponseId> ResponsesOf(string completion) => ChatHead.ResponsesOf(completion);

    /// <summary>The name of a response as a completion.</summary>
    public static string IdOf(ResponseId response) => ChatHead.IdOf(response);

    /// <param name="metadata">As it is now; empty for none.</param>
    public static void Write(Utf8JsonWriter writer, Response response, RawJson metadata)
    {
        writer.WriteStartObject();
        ChatAnswer.WriteWhole(writer, ResponseView.Of(response), ChatMessage.Of(response.Output));
        writer.WritePropertyName("metadata"u8);
        (metadata.IsEmpty ? RawJson.EmptyObject : metadata).WriteTo(writer);
        writer.WriteEndObject();
    }

    /// <summary>The messages that it was made from, oldest first: items that stood in one message stand in one again.</summary>
    public static IReadOnlyList<StoredMessage> MessagesOf(ResponseId response, IEnumerable<Item> input)
    {
        var messages = new List<StoredMessage>();
        foreach (var item in input)
        {
            if (item is IToolCall && messages is [.., { Role: "assistant" } open])
            {
                if (ChatCall.Of(item, open.Calls.Count) is { } more) open.Calls.Add(more);
            }
            else if (Of(item, Id(response, messages.Count)) is { } message) messages.Add(message);
        }
        return messages;
    }

    private static StoredMessage? Of(Item item, string id)
    {
        switch (item)
        {
            case MessageItem said:
                return new StoredMessage(id, RoleOf(said.Role))
                {
                    Name = InputItems.SpeakerOf(said), Content = said.Content, Parts = item.Json.OwnField("content"u8),
                };
            case FunctionCallOutputItem output: return Output(output.CallId, output.Output);
            case CustomToolCallOutputItem output: return Output(output.CallId, output.Output);
            case IToolCall when ChatCall.Of(item, 0) is { } call:
                var message = new StoredMessage(id, "assistant");
                message.Calls.Add(call);
                return message;
            default: return null; // thoughts are no messages here
        }

        StoredMessage Output(string callId, IReadOnlyList<ContentPart> content) =>
            new(id, "tool") { CallId = callId, Content = content, Parts = item.Json.OwnField("output"u8) };
    }

    private static string Id(ResponseId response, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{ChatHead.IdOf(response)}-{index}");

    private static string RoleOf(Role role) => role switch
    {
        Role.User => "user",
        Role.Assistant => "assistant",
        Role.Developer => "developer",
        _ => "system",
    };
}
