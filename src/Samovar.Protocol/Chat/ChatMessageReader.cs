using System.Globalization;
using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Chat;

/// <summary>Reads <c>messages</c> as items: what an assistant message thought, said and called, in this order.</summary>
internal static class ChatMessageReader
{
    private static readonly FieldTable<ChatMessageDraft> Fields = new(
        ("role", static (ref json, message) => message.Role = Forms.ChatRole.Read(ref json)),
        ("content", static (ref json, message) => message.Content = json.IsNull ? null : ChatPartReader.StringOrParts(ref json)),
        ("refusal", static (ref json, message) => message.Refusal = json.OptionalText(json.Limits.TextCharsMax)),
        ("reasoning_content", ReadReasoning), // DeepSeek, SGLang, llama-server
        ("reasoning", ReadReasoning), // vLLM, Ollama
        ("tool_calls", static (ref json, message) => ChatCallReader.Read(ref json, message)),
        ("name", static (ref json, message) => message.Name = Forms.SpeakerName.Read(ref json)),
        ("tool_call_id", static (ref json, message) => message.ToolCallId = json.OptionalName()),
        ("function_call", static (ref json, message) => Forms.Refused.Check(ref json)));

    public static void Read(ref JsonCursor json, RequestDraft request)
    {
        var customCalls = new HashSet<string>(StringComparer.Ordinal);
        json.Each(json.Limits.InputItemsMax, (request, customCalls), static (ref json, to) =>
        {
            var message = new ChatMessageDraft();
            json.Object(Fields, message);
            Add(ref json, to.request, message, to.customCalls);
        });
    }

    private static void Add(ref JsonCursor json, RequestDraft request, ChatMessageDraft message, HashSet<string> customCalls)
    {
        var place = new ItemPlace(json.Path, json.Path + ".content");
        if (message.Name is { Length: > 0 } && !request.Has(ChatRows.NamePath)) request.Set(ChatRows.NamePath, RawJson.Of("true"));
        switch (message.Role ?? throw json.Missing("role"))
        {
            case "assistant": AddAssistant(ref json, request, message, place, customCalls); break;
            case "tool":
                var callId = message.ToolCallId ?? throw json.Missing("tool_call_id");
                var output = message.Content ?? throw json.Missing("content");
                request.Add(ref json, customCalls.Contains(callId) ? InputItems.CustomOutput(callId, output)
                    : InputItems.FunctionOutput(callId, output), place);
                break;
            case var role:
                var said = message.Content ?? throw json.Missing("content");
                var mayHaveMark = RoleOf(role) != Role.User && request is { ItemsCount: 0, Mark: not { Count: >= VolatileMarks.MarksMax } };
                var left = mayHaveMark ? WithoutMark(said, request) : said;
                if (left.Count > 0 || said.Count == 0) request.Add(ref json, InputItems.Message(RoleOf(role), left, message.Name), place);
                break;
        }
    }

    private static IReadOnlyList<InputPart> WithoutMark(IReadOnlyList<InputPart> system, RequestDraft request)
    {
        var mark = VolatileMarks.Take(PromptStart.ChatSystem, TextAt, out var gone, out var behind);
        if (mark is null) return system;
        request.Mark = request.Mark?.Before(mark) ?? mark;
        return behind is null ? [.. system.Skip(gone)] : [new InputPart(new ContentPart.Text(behind)), .. system.Skip(gone + 1)];

        string? TextAt(int at) => system.ElementAtOrDefault(at) is { Content: ContentPart.Text { Value: var text } } ? text : null;
    }

    /// <remarks>Clients send the content of a message that only calls as null, as an empty string, or not at all, and that of one that
    /// says nothing as they got it: servers write it in each of these ways.</remarks>
    private static void AddAssistant(ref JsonCursor json, RequestDraft request, ChatMessageDraft message, ItemPlace place,
        HashSet<string> customCalls)
    {
        List<InputPart> said = [.. message.Content ?? []];
        if (message.Refusal is { Length: > 0 } refusal) said.Add(new InputPart(new ContentPart.Refusal(refusal)));
        if (said is [{ Content: ContentPart.Text { Value.Length: 0 } }] && message.Calls.Count > 0) said.Clear();
        if (said.Count == 0 && message is { Calls.Count: 0, Reasoning: null }) said.Add(new InputPart(new ContentPart.Text("")));
        if (message.Reasoning is { Length: > 0 } thought) request.Add(ref json, InputItems.Reasoning(thought, null), place);
        if (said.Count > 0) request.Add(ref json, InputItems.Message(Role.Assistant, said, message.Name), place);
        for (var at = 0; at < message.Calls.Count; at++)
        {
            var call = message.Calls[at];
            if (call is CustomToolCallItem custom) customCalls.Add(custom.CallId);
            var path = string.Create(CultureInfo.InvariantCulture, $"{place.Item}.tool_calls[{at}]");
            request.Add(ref json, call, new ItemPlace(path, path));
        }
    }

    private static void ReadReasoning(ref JsonCursor json, ChatMessageDraft message)
    {
        if (json.Token == JsonTokenType.String) message.Reasoning = json.Text(json.Limits.TextCharsMax);
        else json.Skip();
    }

    private static Role RoleOf(string role) => role switch
    {
        "developer" => Role.Developer,
        "system" => Role.System,
        _ => Role.User,
    };
}
