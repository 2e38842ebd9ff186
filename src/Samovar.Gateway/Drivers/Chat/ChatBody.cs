using Samovar.Backends;
using Samovar.Context;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>Puts a chat completion request together.</summary>
internal static class ChatBody
{
    public static UpstreamBody For(UpstreamCall call)
    {
        var (turn, dialect) = (call.Turn, call.Destination.Dialect);
        var body = new UpstreamBody().Field("model", call.Model);
        var startBytes = turn.Tools.Json.Utf8.Length + (turn.Instructions?.Length ?? 0);
        (var context, call.AppliedEdits) = EstimatedClearing.Of(turn.Context, turn.Request.Edits, startBytes);
        var messages = ChatMessages.For(turn.Instructions, context, dialect, call.Tools, new CallMaker(call));
        if (turn.Request.ContinuesAnswer) WriteBegun(body, turn, dialect, [.. messages]);
        else body.Array("messages", messages);
        body.Field("stream", true).Field("stream_options", RawJson.Of(dialect.UsageInEveryChunk
            ? """{"include_usage":true,"continuous_usage_stats":true}""" : """{"include_usage":true}"""));
        WriteTools(body, call);
        WriteSettings(body, call);
        DroppedFields.WriteForwarded(body, call);
        return body.End();
    }

    /// <summary>Messages whose last one the upstream is to go on with.</summary>
    private static void WriteBegun(UpstreamBody body, BackendTurn turn, Dialect dialect, RawJson[] messages)
    {
        if (dialect.AnswerBeginning == AnswerBeginning.Refused) throw CannotSend.Beginning(turn.Context);
        if (dialect.AnswerBeginning == AnswerBeginning.Prefix)
            messages[^1] = new RawJson((byte[])[.. messages[^1].Utf8.Span[..^1], .. ",\"prefix\":true}"u8]);
        body.Array("messages", messages);
        if (dialect.AnswerBeginning != AnswerBeginning.ContinueFinalMessage) return;
        if (!turn.Request.Has("continue_final_message")) body.Field("continue_final_message", true);
        if (!turn.Request.Has("add_generation_prompt")) body.Field("add_generation_prompt", false);
    }

    private static void WriteSettings(UpstreamBody body, UpstreamCall call)
    {
        var (request, dialect) = (call.Turn.Request, call.Destination.Dialect);
        if (request.MaxOutputTokens is { } limit) body.Field(dialect.OutputLimitField, Number(limit));
        if (request.Stop.Count > 0) body.Array("stop", request.Stop.Select(JsonBytes.Quote));
        if (request.ReasoningEffort is { } effort && dialect.ReasoningEffort) body.Field("reasoning_effort", effort);
        if (request.WantsLogprobs) body.Field("logprobs", true);
        if (request.TopLogprobs is > 0 and var logprobs) body.Field("top_logprobs", Number(logprobs));
        if (Format(request.Format) is { IsEmpty: false } format) body.Field("response_format", format);
        if (request.Verbosity is { } verbosity && dialect.IsProvider) body.Field("verbosity", verbosity);
        if (call.PromptCacheKey is { } key && dialect.PromptCacheKey) body.Field("prompt_cache_key", key);
        if (dialect.TimingsPerToken) body.Field("timings_per_token", true);
        if (dialect.TenantSaltField is { } salt) body.Field(salt, call.Turn.Tenant.Value);
        EngineHints.WritePriority(body, call);
    }

    private static void WriteTools(UpstreamBody body, UpstreamCall call)
    {
        var (request, dialect, tools) = (call.Turn.Request, call.Destination.Dialect, call.Tools);
        if (tools.Tools.Count == 0) return;
        var allowed = request.ToolChoice is ToolChoice.Allowed { Tools: var named } && !dialect.AllowedTools
            ? named.Select(tool => tools.Flat(null, tool.Name)).ToHashSet(StringComparer.Ordinal) : null;
        body.Array("tools", tools.Tools.Where(tool => allowed?.Contains(tool.FlatName) != false).Select(Tool));
        body.Field("tool_choice", Choice(request.ToolChoice, call));
        if (dialect.ParallelToolCalls && !request.ParallelToolCalls) body.Field("parallel_tool_calls", false);
    }

    private static RawJson Tool(FlatTool tool) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        writer.WriteString("name"u8, tool.FlatName);
        if (CustomTools.DescriptionOf(tool.Tool) is { } description) writer.WriteString("description"u8, description);
        writer.Raw("parameters"u8, CustomTools.ParametersOf(tool.Tool));
        if (tool.Tool is Tool.Function { Strict: true }) writer.WriteBoolean("strict"u8, true);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static RawJson Choice(ToolChoice choice, UpstreamCall call) => choice switch
    {
        ToolChoice.None => RawJson.Of("\"none\""),
        ToolChoice.Required => RawJson.Of("\"required\""),
        ToolChoice.Named named => JsonBytes.Write(writer => WriteFunction(writer, call.Tools.Flat(null, named.Name))),
        ToolChoice.Allowed allowed when call.Destination.Dialect.AllowedTools => JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "allowed_tools"u8);
            writer.WriteStartObject("allowed_tools"u8);
            writer.WriteString("mode"u8, allowed.MustCall ? "required"u8 : "auto"u8);
            writer.WriteStartArray("tools"u8);
            foreach (var tool in allowed.Tools) WriteFunction(writer, call.Tools.Flat(null, tool.Name));
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }),
        ToolChoice.Allowed { MustCall: true } => RawJson.Of("\"required\""),
        _ => RawJson.Of("\"auto\""),
    };

    private static void WriteFunction(System.Text.Json.Utf8JsonWriter writer, string name)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function"u8);
        writer.WriteStartObject("function"u8);
        writer.WriteString("name"u8, name);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static RawJson Format(TextFormat format) => format switch
    {
        TextFormat.JsonObject => RawJson.Of("""{"type":"json_object"}"""),
        TextFormat.JsonSchema schema => JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "json_schema"u8);
            writer.WriteStartObject("json_schema"u8);
            writer.WriteString("name"u8, schema.Name);
            if (schema.Description is { } description) writer.WriteString("description"u8, description);
            writer.Raw("schema"u8, schema.Schema);
            if (schema.Strict is { } strict) writer.WriteBoolean("strict"u8, strict);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }),
        _ => default,
    };

    private static RawJson Number(int value) => JsonBytes.Write(writer => writer.WriteNumberValue(value));
}
