using System.Globalization;
using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Requests;

/// <summary>A kept response's settings as JSON and back: all that <see cref="CreateRequest.Settings"/> keeps, but for instructions and
/// tools, which are large and stand beside it.</summary>
/// <remarks>What was written once is read for ever: a row is never taken away, and never means anything else. A setting that is as it
/// would be in an empty request is not written.</remarks>
public static class StoredSettings
{
    private const string Marked = "mark", NextMark = "next", Thinking = "messages_thinking";

    private static readonly FieldTable<CreateDraft> Fields = new(
        ("model", static (ref json, draft) => draft.Request.Model = Text(ref json)),
        ("store", static (ref json, draft) => draft.Request.Store = json.OptionalBool() ?? true),
        ("generate", static (ref json, draft) => draft.Request.Generate = json.OptionalBool() ?? true),
        ("tool_choice", static (ref json, draft) => draft.Request.ToolChoice = ToolChoiceReader.Read(ref json)),
        ("parallel_tool_calls", static (ref json, draft) => draft.Request.ParallelToolCalls = json.OptionalBool() ?? true),
        ("temperature", static (ref json, draft) => draft.Request.Temperature = Number(ref json)),
        ("top_p", static (ref json, draft) => draft.Request.TopP = Number(ref json)),
        ("top_k", static (ref json, draft) => draft.Request.TopK = Integer(ref json)),
        ("min_p", static (ref json, draft) => draft.Request.MinP = Number(ref json)),
        ("presence_penalty", static (ref json, draft) => draft.Request.PresencePenalty = Number(ref json)),
        ("frequency_penalty", static (ref json, draft) => draft.Request.FrequencyPenalty = Number(ref json)),
        ("top_logprobs", static (ref json, draft) => draft.Request.TopLogprobs = Integer(ref json)),
        ("max_output_tokens", static (ref json, draft) => draft.Request.MaxOutputTokens = Integer(ref json)),
        ("max_tool_calls", static (ref json, draft) => draft.Request.MaxToolCalls = Integer(ref json)),
        ("seed", static (ref json, draft) => draft.Request.Seed = json.OptionalInteger(long.MinValue, long.MaxValue)),
        ("stop", static (ref json, draft) => draft.Request.Stop = Texts(ref json)),
        ("logit_bias", static (ref json, draft) => draft.Request.LogitBias = LogitBiasReader.Read(ref json)),
        ("reasoning_effort", static (ref json, draft) => draft.Request.ReasoningEffort = Text(ref json)),
        ("reasoning_summary", static (ref json, draft) => draft.Request.ReasoningSummary = Text(ref json)),
        ("reasoning_context", static (ref json, draft) => draft.Request.ReasoningContext = Text(ref json)),
        ("reasoning_mode", static (ref json, draft) => draft.Request.ReasoningMode = Text(ref json)),
        ("chat_template_kwargs", static (ref json, draft) =>
            draft.Request.TemplateVariables = VariablesForm.Read(ref json)),
        ("text", TextReader.Read),
        ("include", static (ref json, draft) => draft.Request.Include = Texts(ref json)),
        ("truncation_auto", static (ref json, draft) => draft.Request.TruncationAuto = json.OptionalBool() ?? false),
        ("compaction", static (ref json, draft) => draft.Request.Compaction = new CompactionRule(Integer(ref json))),
        ("prompt_cache_key", static (ref json, draft) => draft.Request.PromptCacheKey = Text(ref json)),
        ("safety_identifier", static (ref json, draft) => draft.Request.SafetyIdentifier = Text(ref json)),
        ("user", static (ref json, draft) => draft.Request.User = Text(ref json)),
        ("messages_user", static (ref json, draft) => draft.Request.MessagesUser = Text(ref json)),
        ("messages_tools", static (ref json, draft) => draft.Request.MessagesTools = json.Raw()),
        ("service_tier", static (ref json, draft) => draft.Request.ServiceTier = Text(ref json)),
        ("metadata", static (ref json, draft) => draft.Request.Metadata = json.Raw()),
        (Marked, ReadMark),
        (Thinking, ReadThinking));

    /// <summary>The settings as one JSON object.</summary>
    public static byte[] Write(CreateRequest settings) => JsonBuffer.Bytes(settings, static (json, settings) =>
    {
        json.WriteStartObject();
        WriteKind(json, settings);
        WriteSampling(json, settings);
        WriteBounds(json, settings);
        WriteReasoning(json, settings);
        WriteForm(json, settings);
        WriteNames(json, settings);
        json.WriteEndObject();
    });

    /// <summary>The settings as they were written. They are slices of the text.</summary>
    public static CreateRequest Read(ReadOnlyMemory<byte> utf8, string? instructions, ToolList? tools)
    {
        var draft = new CreateDraft(CreateRequestOrigin.Http);
        var json = new JsonCursor(utf8, ProtocolLimits.None);
        json.Read();
        json.Object(Fields, draft);
        json.ReadEnd();
        (draft.Request.Instructions, draft.Request.Tools) = (instructions, tools);
        return draft.Request;
    }

    /// <summary>Tools as they were kept: their own JSON.</summary>
    public static ToolList ReadTools(ReadOnlyMemory<byte> utf8)
    {
        var json = new JsonCursor(utf8, ProtocolLimits.None);
        json.Read();
        var tools = ToolReader.List(ref json);
        json.ReadEnd();
        return tools;
    }

    private static void WriteKind(Utf8JsonWriter json, CreateRequest settings)
    {
        Write(json, "model", settings.Model);
        if (!settings.Store) json.WriteBoolean("store"u8, false);
        if (!settings.Generate) json.WriteBoolean("generate"u8, false);
        if (settings.ToolChoice.Json != ToolChoice.Default.Json) Write(json, "tool_choice", settings.ToolChoice.Json);
        if (!settings.ParallelToolCalls) json.WriteBoolean("parallel_tool_calls"u8, false);
    }

    private static void WriteSampling(Utf8JsonWriter json, CreateRequest settings)
    {
        Write(json, "temperature", settings.Temperature);
        Write(json, "top_p", settings.TopP);
        Write(json, "top_k", settings.TopK);
        Write(json, "min_p", settings.MinP);
        Write(json, "presence_penalty", settings.PresencePenalty);
        Write(json, "frequency_penalty", settings.FrequencyPenalty);
        if (settings.Seed is { } seed) json.WriteNumber("seed"u8, seed);
        if (settings.LogitBias is not { } biases) return;
        json.WriteStartObject("logit_bias"u8);
        foreach (var (token, bias) in biases) json.WriteNumber(token.ToString(CultureInfo.InvariantCulture), bias);
        json.WriteEndObject();
    }

    private static void WriteBounds(Utf8JsonWriter json, CreateRequest settings)
    {
        Write(json, "top_logprobs", settings.TopLogprobs);
        Write(json, "max_output_tokens", settings.MaxOutputTokens);
        Write(json, "max_tool_calls", settings.MaxToolCalls);
        Write(json, "stop", settings.Stop);
        Write(json, "include", settings.Include);
        if (settings.TruncationAuto) json.WriteBoolean("truncation_auto"u8, true);
        if (settings.Compaction is not { } rule) return;
        json.WritePropertyName("compaction"u8);
        if (rule.Threshold is { } tokens) json.WriteNumberValue(tokens);
        else json.WriteNullValue();
    }

    private static void WriteReasoning(Utf8JsonWriter json, CreateRequest settings)
    {
        Write(json, "reasoning_effort", settings.ReasoningEffort);
        Write(json, "reasoning_summary", settings.ReasoningSummary);
        Write(json, "reasoning_context", settings.ReasoningContext);
        Write(json, "reasoning_mode", settings.ReasoningMode);
        if (!settings.TemplateVariables.IsEmpty) Write(json, "chat_template_kwargs", settings.TemplateVariables);
        if (settings.MessagesThinking is not { } thinking) return;
        json.WriteStartObject(Thinking);
        Write(json, "type", thinking.Type);
        Write(json, "display", thinking.Display);
        Write(json, "effort", thinking.Effort);
        json.WriteEndObject();
    }

    private static void WriteForm(Utf8JsonWriter json, CreateRequest settings)
    {
        if (settings.Verbosity is null && settings.Format is TextFormat.Plain) return;
        json.WriteStartObject("text"u8);
        Write(json, "verbosity", settings.Verbosity);
        if (settings.Format is not TextFormat.Plain)
        {
            json.WriteStartObject("format"u8);
            var schema = settings.Format as TextFormat.JsonSchema;
            json.WriteString("type"u8, schema is null ? "json_object"u8 : "json_schema"u8);
            Write(json, "name", schema?.Name);
            if (schema is not null) Write(json, "schema", schema.Schema);
            if (schema?.Strict is { } isStrict) json.WriteBoolean("strict"u8, isStrict);
            Write(json, "description", schema?.Description);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, CreateRequest settings)
    {
        Write(json, "prompt_cache_key", settings.PromptCacheKey);
        Write(json, "safety_identifier", settings.SafetyIdentifier);
        Write(json, "user", settings.User);
        Write(json, "messages_user", settings.MessagesUser);
        if (!settings.MessagesTools.IsEmpty) Write(json, "messages_tools", settings.MessagesTools);
        Write(json, "service_tier", settings.ServiceTier);
        if (!settings.Metadata.IsEmpty) Write(json, "metadata", settings.Metadata);
        if (settings.Mark is { } mark) WriteMark(json, Marked, mark);
    }

    private static void WriteMark(Utf8JsonWriter json, string name, VolatileMark mark)
    {
        json.WriteStartObject(name);
        json.WriteString("text"u8, mark.Text);
        json.WriteBoolean("is_block"u8, mark.IsBlock);
        if (mark.Next is { } next) WriteMark(json, NextMark, next);
        json.WriteEndObject();
    }

    private static void ReadMark(ref JsonCursor json, CreateDraft draft) => draft.Request.Mark = ReadMark(ref json);

    private static VolatileMark ReadMark(ref JsonCursor json)
    {
        var (text, isBlock, next) = ("", false, (VolatileMark?)null);
        while (json.NextField())
        {
            var (isText, isNext) = (json.Name.SequenceEqual("text"u8), json.Name.SequenceEqual("next"u8));
            json.Read();
            if (isNext) next = ReadMark(ref json);
            else if (isText) text = json.Text;
            else isBlock = json.Token == JsonTokenType.True;
        }
        return new VolatileMark(text, isBlock) { Next = next };
    }

    private static void ReadThinking(ref JsonCursor json, CreateDraft draft)
    {
        var thinking = new MessagesThinking(null, null, null);
        while (json.NextField())
        {
            var name = json.Name;
            var (isType, isDisplay) = (name.SequenceEqual("type"u8), name.SequenceEqual("display"u8));
            json.Read();
            thinking = isType ? thinking with { Type = json.Text } : isDisplay ? thinking with { Display = json.Text }
                : thinking with { Effort = json.Text };
        }
        draft.Request.MessagesThinking = thinking;
    }

    private static string? Text(ref JsonCursor json) => json.OptionalText(int.MaxValue);
    private static double? Number(ref JsonCursor json) => json.OptionalNumber(double.MinValue, double.MaxValue);
    private static int? Integer(ref JsonCursor json) => json.OptionalInt(int.MinValue);

    private static IReadOnlyList<string> Texts(ref JsonCursor json) =>
        json.Elements(int.MaxValue, static (ref json) => json.Text(int.MaxValue));

    private static void Write(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null) json.WriteString(name, text);
    }

    private static void Write(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } value) json.WriteNumber(name, value);
    }

    private static void Write(Utf8JsonWriter json, string name, int? number)
    {
        if (number is { } value) json.WriteNumber(name, value);
    }

    private static void Write(Utf8JsonWriter json, string name, RawJson value)
    {
        json.WritePropertyName(name);
        value.WriteTo(json);
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
