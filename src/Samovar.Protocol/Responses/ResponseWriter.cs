using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Protocol.Responses;

/// <summary>Writes the Response object with every field that the OpenAI SDKs, Codex and Open Responses 2026-04-24 want, none of them of a
/// type that one refuses.</summary>
public static class ResponseWriter
{
    public static byte[] Bytes(Response response, SnapshotKind kind = SnapshotKind.Full) =>
        JsonBuffer.Bytes((response, kind), static (writer, it) => Write(writer, it.response, it.kind));

    /// <summary>The output items alone, as a JSON array.</summary>
    public static byte[] OutputBytes(Response response) =>
        JsonBuffer.Bytes(response, static (writer, response) => WriteOutput(writer, response));

    public static void Write(Utf8JsonWriter writer, Response response, SnapshotKind kind)
    {
        writer.WriteStartObject();
        WriteState(writer, response);
        WriteEcho(writer, response, kind);
        WriteSettings(writer, response);
        WriteModelSettings(writer, response);
        UsageWriter.Write(writer, response.Usage);
        if (response.CacheDiagnostics is { } diagnostics && (kind == SnapshotKind.Translated
            || response.Status is ResponseStatus.Completed or ResponseStatus.Incomplete)) // while it runs only some protocols want it
            CacheDiagnosticsWriter.Write(writer, diagnostics, inOwnWords: kind == SnapshotKind.Translated);
        writer.WriteEndObject();
    }

    /// <summary>As the response shows it.</summary>
    internal static string ServiceTierOf(CreateRequest request) => request.ServiceTier is null or "auto" ? "default" : request.ServiceTier;

    public static string StatusName(ResponseStatus status) => status switch
    {
        ResponseStatus.Queued => "queued",
        ResponseStatus.InProgress => "in_progress",
        ResponseStatus.Completed => "completed",
        ResponseStatus.Failed => "failed",
        ResponseStatus.Incomplete => "incomplete",
        _ => "cancelled",
    };

    private static void WriteState(Utf8JsonWriter writer, Response response)
    {
        writer.WriteString("id"u8, response.Id.Value);
        writer.WriteString("object"u8, "response"u8);
        writer.WriteNumber("created_at"u8, response.CreatedAt.ToUnixTimeSeconds());
        if (response is { Status: ResponseStatus.Completed, CompletedAt: { } end })
            writer.WriteNumber("completed_at"u8, end.ToUnixTimeSeconds());
        else writer.WriteNull("completed_at"u8);
        writer.WriteString("status"u8, StatusName(response.Status));
        writer.WriteString("model"u8, response.Model);
        if (response.Error is { } error)
        {
            writer.WriteStartObject("error"u8);
            writer.WriteString("code"u8, error.Code);
            writer.WriteString("message"u8, error.Message);
            writer.WriteEndObject();
        }
        else writer.WriteNull("error"u8);
        if (response.IncompleteReason is { } reason)
        {
            writer.WriteStartObject("incomplete_details"u8);
            writer.WriteString("reason"u8, reason);
            writer.WriteEndObject();
        }
        else writer.WriteNull("incomplete_details"u8);
        if (response.StopSequence is { } stop) writer.WriteString("stop_sequence"u8, stop); // an extension, only where it happened
        if (response.StopReason is { } word) writer.WriteString("stop_reason"u8, word); // likewise
        if (!response.AppliedEdits.IsEmpty)
        {
            writer.WritePropertyName("applied_edits"u8); // likewise
            response.AppliedEdits.WriteTo(writer);
        }
        if (!response.MessagesEnd.IsEmpty)
        {
            writer.WritePropertyName("messages_end"u8); // likewise
            response.MessagesEnd.WriteTo(writer);
        }
        writer.WriteString("previous_response_id"u8, response.PreviousResponseId?.Value);
        if (response.Conversation is { } conversation)
        {
            writer.WriteStartObject("conversation"u8);
            writer.WriteString("id"u8, conversation.Value);
            writer.WriteEndObject();
        }
        writer.WritePropertyName("output"u8);
        WriteOutput(writer, response);
    }

    private static void WriteOutput(Utf8JsonWriter writer, Response response)
    {
        writer.WriteStartArray();
        foreach (var item in response.Output) item.Json.WriteTo(writer);
        writer.WriteEndArray();
    }

    private static void WriteEcho(Utf8JsonWriter writer, Response response, SnapshotKind kind)
    {
        var isFull = kind == SnapshotKind.Full;
        writer.WriteString("instructions"u8, isFull ? response.Instructions : null);
        writer.WritePropertyName("tools"u8);
        ToolEcho.Write(writer, isFull ? response.Tools : ToolList.Empty);
        writer.WritePropertyName("tool_choice"u8);
        response.Request.ToolChoice.Json.WriteTo(writer);
        writer.WritePropertyName("metadata"u8);
        (response.Request.Metadata.IsEmpty ? RawJson.EmptyObject : response.Request.Metadata).WriteTo(writer);
    }

    private static void WriteSettings(Utf8JsonWriter writer, Response response)
    {
        var request = response.Request;
        writer.WriteBoolean("store"u8, request.Store);
        writer.WriteBoolean("background"u8, response.IsBackground);
        writer.WriteString("service_tier"u8, ServiceTierOf(request));
        writer.WriteNull("access_programs"u8);
        writer.WriteString("truncation"u8, request.TruncationAuto ? "auto"u8 : "disabled"u8);
        writer.WriteBoolean("parallel_tool_calls"u8, request.ParallelToolCalls);
        WriteNumber(writer, "max_tool_calls"u8, request.MaxToolCalls);
        WriteNumber(writer, "max_output_tokens"u8, request.MaxOutputTokens);
        writer.WriteString("prompt_cache_key"u8, request.PromptCacheKey);
        writer.WriteString("safety_identifier"u8, request.SafetyIdentifier);
        writer.WriteString("user"u8, request.User);
    }

    private static void WriteModelSettings(Utf8JsonWriter writer, Response response)
    {
        var request = response.Request;
        WriteSampling(writer, request, response.Sampling);
        writer.WriteStartObject("reasoning"u8);
        writer.WriteString("effort"u8, request.ReasoningEffort);
        writer.WriteString("summary"u8, request.ReasoningSummary);
        if (request.ReasoningContext is not null) writer.WriteString("context"u8, request.ReasoningContext);
        if (request.ReasoningMode is not null) writer.WriteString("mode"u8, request.ReasoningMode);
        writer.WriteEndObject();
        writer.WriteStartObject("text"u8);
        writer.WritePropertyName("format"u8);
        WriteFormat(writer, request.Format);
        if (request.Verbosity is not null) writer.WriteString("verbosity"u8, request.Verbosity);
        writer.WriteEndObject();
    }

    private static void WriteSampling(Utf8JsonWriter writer, CreateRequest request, DefaultSampling? model)
    {
        if (model is null && request is { Temperature: null, TopP: null, PresencePenalty: null, FrequencyPenalty: null, TopLogprobs: null })
        {
            writer.WritePropertyName("temperature"u8); // most requests: all five fields in one piece
            writer.WriteRawValue(
                "1,\"top_p\":1,\"presence_penalty\":0,\"frequency_penalty\":0,\"top_logprobs\":0"u8, skipInputValidation: true);
            return;
        }
        writer.WriteNumber("temperature"u8, request.Temperature ?? model?.Temperature ?? 1.0);
        writer.WriteNumber("top_p"u8, request.TopP ?? model?.TopP ?? 1.0);
        writer.WriteNumber("presence_penalty"u8, request.PresencePenalty ?? 0.0);
        writer.WriteNumber("frequency_penalty"u8, request.FrequencyPenalty ?? 0.0);
        writer.WriteNumber("top_logprobs"u8, request.TopLogprobs ?? 0);
    }

    private static void WriteFormat(Utf8JsonWriter writer, TextFormat format)
    {
        writer.WriteStartObject();
        switch (format)
        {
            case TextFormat.JsonSchema schema:
                writer.WriteString("type"u8, "json_schema"u8);
                writer.WriteString("name"u8, schema.Name);
                writer.WriteString("description"u8, schema.Description);
                writer.WritePropertyName("schema"u8);
                schema.Schema.WriteTo(writer);
                writer.WriteBoolean("strict"u8, schema.Strict ?? false);
                break;
            case TextFormat.JsonObject:
                writer.WriteString("type"u8, "json_object"u8);
                break;
            default:
                writer.WriteString("type"u8, "text"u8);
                break;
        }
        writer.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter writer, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number) writer.WriteNumber(name, number);
        else writer.WriteNull(name);
    }
}
