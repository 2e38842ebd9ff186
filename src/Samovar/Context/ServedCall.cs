using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Context;

/// <summary>A call that ran at the server, as a backend sees it: the call of a function, and its output.</summary>
/// <remarks>
/// What a model is told of a call depends on the call's item alone, so that a conversation reads the same while it is made, later, and
/// after a restart.
/// </remarks>
internal static class ServedCall
{
    public const string SearchName = "web_search";

    /// <summary>Begins the ids of what asks for an approval.</summary>
    public const string RequestPrefix = "mcpr_";

    private const string Denied = "The user did not approve this call.";
    private const string NoOutput = "The call failed.";
    private const string Separator = "__"; // as backends join a namespace and a name
    private const int NameCharsMax = 64;
    private const int DigestChars = 8;

    /// <summary>The id that the model's call has.</summary>
    public static string CallIdOf(string itemId) => RoundId.RestOf(itemId);

    /// <summary>The call; null where the item has not what makes one.</summary>
    /// <param name="item">An <c>mcp_call</c>, <c>mcp_approval_request</c> or <c>web_search_call</c>.</param>
    public static FunctionCallItem? Of(Item item)
    {
        var json = item.Json;
        if (item.Id is not { } id) return null;
        if (item.Type == ServerItems.WebSearch)
            return Query(json) is { } query && HasResults(json) ? Call(id, SearchName, Argument("query", query), null) : null;
        if (json.Text("name"u8) is not { } name || json.Text("server_label"u8) is not { } label) return null;
        var (arguments, isWaiting) = (json.Text("arguments"u8) ?? "{}", item.Type == ServerItems.ApprovalRequest);
        var status = json.Text("status"u8) is "incomplete" or "in_progress" ? ItemStatus.Incomplete : ItemStatus.Completed;
        return Call(id, NameOf(label, name), arguments, label, status, isWaiting);
    }

    /// <summary>The item that asks for a call's approval, of the call that stands for it; empty where it stands for none.</summary>
    public static RawJson RequestOf(Item call) => call is FunctionCallItem
    {
        Id: { } id, IsAsync: true, Namespace: { } label, Name: { } name, Arguments: { } arguments, CallId: { } callId,
    } && id.StartsWith(RequestPrefix, StringComparison.Ordinal) && CallIdOf(id) == callId ? Request(id, label, name, arguments) : default;

    /// <summary>What asks for an approval.</summary>
    public static RawJson Request(string id, string label, string name, string arguments) =>
        new(JsonBuffer.Bytes((id, label, name, arguments), static (writer, call) =>
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, call.id);
            writer.WriteString("type"u8, ServerItems.ApprovalRequest);
            writer.WriteString("arguments"u8, call.arguments);
            writer.WriteString("name"u8, call.name);
            writer.WriteString("server_label"u8, call.label);
            writer.WriteEndObject();
        }));

    /// <summary>What the model is told of a call that ran; null where it did not.</summary>
    /// <param name="item">An <c>mcp_call</c> or <c>web_search_call</c>.</param>
    /// <param name="callId">The id of the model's call.</param>
    public static FunctionCallOutputItem? OutputOf(Item item, string callId)
    {
        var json = item.Json;
        if (item.Type == ServerItems.WebSearch) return Output(callId, ResultsOf(json));
        if (json.Text("output"u8) is { } output) return Output(callId, output);
        var error = json.Field("error"u8);
        if (!error.IsEmpty && !error.IsNull) return Output(callId, ErrorText(error));
        return json.Text("status"u8) is "incomplete" or "in_progress" ? null : Output(callId, NoOutput);
    }

    /// <summary>What the model is told of a call that its user has not approved.</summary>
    public static FunctionCallOutputItem Refused(string callId, string? reason) =>
        Output(callId, string.IsNullOrEmpty(reason) ? Denied : $"{Denied} Reason: {reason}");

    /// <summary>A tool's name as the model has it: one that function calling takes, for every name a server may think of.</summary>
    public static string NameOf(string label, string name)
    {
        var room = NameCharsMax - label.Length - Separator.Length;
        if (name.Length > 0 && name.Length <= room && name.All(static letter => IsOfName(letter))) return name;
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..DigestChars];
        var plain = string.Concat(name.Take(room - DigestChars - 1).Select(static letter => IsOfName(letter) ? letter : '_'));
        return $"{plain}_{digest}";
    }

    /// <summary>The name with its server's, as a backend shows it to the model.</summary>
    public static string FlatNameOf(string label, string name) => label + Separator + NameOf(label, name);

    private static bool IsOfName(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-';

    private static FunctionCallItem Call(string id, string name, string arguments, string? label,
        ItemStatus status = ItemStatus.Completed, bool isWaiting = false) =>
        ItemWriter.FunctionCall(id, CallIdOf(id), name, arguments, label, status, isWaiting);

    private static FunctionCallOutputItem Output(string callId, string text) => new(callId, [new ContentPart.Text(text)])
    {
        Json = new(JsonBuffer.Bytes((callId, text), static (writer, output) =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "function_call_output"u8);
            writer.WriteString("call_id"u8, output.callId);
            writer.WriteString("output"u8, output.text);
            writer.WriteEndObject();
        })),
    };

    private static string Argument(string name, string value) => Encoding.UTF8.GetString(
        JsonBuffer.Bytes((name, value), static (writer, one) =>
        {
            writer.WriteStartObject();
            writer.WriteString(one.name, one.value);
            writer.WriteEndObject();
        }));

    private static string? Query(RawJson search) => search.Field("action"u8).Text("query"u8);

    private static bool HasResults(RawJson search) => search.Field("results"u8).IsArray;

    private static string ResultsOf(RawJson search)
    {
        var texts = search.Field("results"u8).ElementsOrSelf().Select(static result => result.Text("text"u8)).OfType<string>();
        return string.Join("\n", texts) is { Length: > 0 } text ? text : NoOutput;
    }

    private static string ErrorText(RawJson error)
    {
        if (error.AsText() is { } plain) return plain;
        if (error.Text("message"u8) is { } message) return $"Error: {message}";
        var content = error.Field("content"u8);
        if (content.AsText() is { } told) return told;
        if (!content.IsArray) return NoOutput;
        var texts = content.ElementsOrSelf().Select(static part => part.Text("text"u8)).OfType<string>();
        return string.Join("\n", texts) is { Length: > 0 } text ? text : NoOutput;
    }
}
