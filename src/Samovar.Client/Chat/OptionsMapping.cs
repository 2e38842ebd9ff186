using Microsoft.Extensions.AI;
using Samovar.Client.Requests;
using Samovar.Protocol.Json;

namespace Samovar.Client.Chat;

/// <summary>Chat options → a request's settings. What the caller's own <see cref="ResponseRequest"/> says already stays.</summary>
internal static class OptionsMapping
{
    public static ResponseRequest Of(IChatClient client, ChatOptions? options, string? defaultModel)
    {
        var own = options?.RawRepresentationFactory?.Invoke(client) as ResponseRequest ?? new ResponseRequest();
        if (options is null) return own with { Model = own.Model ?? defaultModel };
        var conversation = options.ConversationId;
        return own with
        {
            Model = own.Model ?? options.ModelId ?? defaultModel,
            Instructions = own.Instructions ?? options.Instructions,
            Tools = Or(own.Tools, options.Tools is { Count: > 0 } tools ? ToolMapping.Of(tools) : default),
            ToolChoice = Or(own.ToolChoice, options.Tools is { Count: > 0 } ? ToolMapping.Choice(options.ToolMode) : default),
            ParallelToolCalls = own.ParallelToolCalls ?? options.AllowMultipleToolCalls,
            Temperature = own.Temperature ?? ChatJson.Number(options.Temperature),
            TopP = own.TopP ?? ChatJson.Number(options.TopP),
            MaxOutputTokens = own.MaxOutputTokens ?? options.MaxOutputTokens,
            Text = Or(own.Text, Format(options)),
            Reasoning = Or(own.Reasoning, Reasoning(options.Reasoning)),
            Conversation = own.Conversation ?? (IsConversation(conversation) ? conversation : null),
            Background = own.Background || options.AllowBackgroundResponses == true,
            More = More(own, options),
        };
    }

    /// <summary>Whether the id names a durable conversation; else it is a response's.</summary>
    public static bool IsConversation(string? id) => id?.StartsWith("conv", StringComparison.Ordinal) == true;

    private static RawJson Or(RawJson own, RawJson other) => own.IsEmpty ? other : own;

    private static RawJson Format(ChatOptions options) => options.ResponseFormat switch
    {
        ChatResponseFormatJson { Schema: { } schema } format => ChatJson.Object(json =>
        {
            json.WriteStartObject("format"u8);
            json.WriteString("type"u8, "json_schema"u8);
            json.WriteString("name"u8, format.SchemaName ?? "response");
            if (format.SchemaDescription is { } description) json.WriteString("description"u8, description);
            json.WritePropertyName("schema"u8);
            schema.WriteTo(json);
            if (options.AdditionalProperties?.TryGetValue("strict", out bool strict) == true) json.WriteBoolean("strict"u8, strict);
            json.WriteEndObject();
        }),
        ChatResponseFormatJson => RawJson.Of("""{"format":{"type":"json_object"}}"""),
        ChatResponseFormatText => RawJson.Of("""{"format":{"type":"text"}}"""),
        _ => default,
    };

    private static RawJson Reasoning(ReasoningOptions? reasoning)
    {
        var effort = reasoning?.Effort switch
        {
            ReasoningEffort.None => "none",
            ReasoningEffort.Low => "low",
            ReasoningEffort.Medium => "medium",
            ReasoningEffort.High => "high",
            ReasoningEffort.ExtraHigh => "xhigh",
            _ => null,
        };
        var summary = reasoning?.Output switch
        {
            ReasoningOutput.Summary => "auto",
            ReasoningOutput.Full => "detailed",
            _ => null,
        };
        return effort is null && summary is null ? default : ChatJson.Object(json =>
        {
            if (effort is not null) json.WriteString("effort"u8, effort);
            if (summary is not null) json.WriteString("summary"u8, summary);
        });
    }

    private static Dictionary<string, RawJson> More(ResponseRequest own, ChatOptions options)
    {
        var more = new Dictionary<string, RawJson>(own.More, StringComparer.Ordinal);
        if (options.TopK is { } topK) more.TryAdd("top_k", ChatJson.Raw((long)topK));
        if (options.Seed is { } seed) more.TryAdd("seed", ChatJson.Raw(seed));
        if (ChatJson.Number(options.FrequencyPenalty) is { } frequency) more.TryAdd("frequency_penalty", ChatJson.Raw(frequency));
        if (ChatJson.Number(options.PresencePenalty) is { } presence) more.TryAdd("presence_penalty", ChatJson.Raw(presence));
        if (options.StopSequences is { Count: > 0 } stops)
            more.TryAdd("stop", ChatJson.Array(stops, static (json, stop) => json.WriteStringValue(stop)));
        return more;
    }
}
