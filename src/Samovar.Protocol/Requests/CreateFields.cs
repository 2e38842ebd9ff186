using System.Text.Json;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Requests;

/// <summary>The top-level fields of a request, one row each. Null counts as absent.</summary>
internal static class CreateFields
{
    public static readonly FieldTable<CreateDraft> Table = new(
        ("model", static (ref json, draft) => draft.Request.Model = json.OptionalName()),
        ("input", ReadInput),
        ("instructions", static (ref json, draft) =>
            draft.Request.Instructions = json.OptionalText(json.Limits.TextCharsMax)),
        ("previous_response_id", static (ref json, draft) => draft.Request.PreviousResponseId = ReadId(ref json)),
        ("conversation", static (ref json, draft) => draft.Request.Conversation = ReadConversation(ref json)),
        ("store", static (ref json, draft) => draft.Request.Store = Forms.Flag.Read(ref json) ?? true),
        ("stream", ReadStream),
        ("stream_options", StreamOptionsReader.Read),
        ("background", ReadBackground),
        ("resume_key", ReadResumeKey),
        ("final", static (ref json, draft) => draft.Request.Final = Forms.Flag.Read(ref json)),
        ("tools", static (ref json, draft) =>
            draft.Request.Tools = json.IsNull ? null : ToolReader.List(ref json)),
        ("tool_choice", static (ref json, draft) => draft.Request.ToolChoice = ToolChoiceReader.Read(ref json)),
        ("parallel_tool_calls", static (ref json, draft) =>
            draft.Request.ParallelToolCalls = Forms.Flag.Read(ref json) ?? true),
        ("max_tool_calls", static (ref json, draft) =>
            draft.Request.MaxToolCalls = Forms.FromOne.ReadInt(ref json)),
        ("max_output_tokens", static (ref json, draft) =>
            draft.Request.MaxOutputTokens = Forms.OutputTokens.ReadInt(ref json)),
        ("temperature", static (ref json, draft) => draft.Request.Temperature = Forms.Temperature.Read(ref json)),
        ("top_p", static (ref json, draft) => draft.Request.TopP = Forms.Share.Read(ref json)),
        ("min_p", static (ref json, draft) => draft.Request.MinP = Forms.Share.Read(ref json)),
        ("top_k", static (ref json, draft) => draft.Request.TopK = Forms.FromZero.ReadInt(ref json)),
        ("seed", static (ref json, draft) => draft.Request.Seed = Forms.AnyInteger.Read(ref json)),
        ("chat_template_kwargs", static (ref json, draft) =>
            draft.Request.TemplateVariables = VariablesForm.Read(ref json)),
        ("logit_bias", static (ref json, draft) => draft.Request.LogitBias = LogitBiasReader.Read(ref json)),
        ("stop", static (ref json, draft) => draft.Request.Stop = StopReader.Read(ref json)),
        ("presence_penalty", static (ref json, draft) =>
            draft.Request.PresencePenalty = Forms.Penalty.Read(ref json)),
        ("frequency_penalty", static (ref json, draft) =>
            draft.Request.FrequencyPenalty = Forms.Penalty.Read(ref json)),
        ("top_logprobs", static (ref json, draft) =>
            draft.Request.TopLogprobs = Forms.TopLogprobs.ReadInt(ref json)),
        ("reasoning", ReasoningReader.Read),
        ("text", TextReader.Read),
        ("include", static (ref json, draft) => draft.Request.Include = IncludeReader.Read(ref json)),
        ("truncation", static (ref json, draft) =>
            draft.Request.TruncationAuto = Forms.Truncation.Read(ref json) == "auto"),
        ("context_management", ContextManagementReader.Read),
        (ResponsesRows.ContextEdits, ContextEditsReader.Read),
        ("metadata", static (ref json, draft) => draft.Request.Metadata = MetadataReader.Read(ref json)),
        ("prompt", static (ref json, draft) => Forms.Refused.Check(ref json)),
        ("moderation", static (ref json, draft) => Forms.Refused.Check(ref json)),
        ("multi_agent", static (ref json, draft) => Forms.Refused.Check(ref json)),
        ("prompt_cache_key", static (ref json, draft) =>
            draft.Request.PromptCacheKey = Forms.Label.Read(ref json)),
        ("prompt_cache_options", CacheOptionsReader.Read),
        ("prompt_cache_retention", static (ref json, draft) => Forms.CacheRetention.Check(ref json)),
        ("service_tier", static (ref json, draft) => draft.Request.ServiceTier = ReadTier(ref json)),
        ("safety_identifier", static (ref json, draft) =>
            draft.Request.SafetyIdentifier = Forms.SafetyIdentifier.Read(ref json)),
        ("user", static (ref json, draft) => draft.Request.User = Forms.Label.Read(ref json)),
        ("generate", ReadGenerate),
        ("stream_id", ReadLane));

    /// <summary>A string is one user message.</summary>
    private static void ReadInput(ref JsonCursor json, CreateDraft draft)
    {
        if (json.IsNull) return;
        (IReadOnlyList<Item> items, draft.Request.Compacts) = json.Token switch
        {
            JsonTokenType.String => ([ItemWriter.UserText(json.Text(json.Limits.TextCharsMax))], false),
            JsonTokenType.StartArray => InputReader.Items(ref json),
            _ => throw json.WrongType("a string or an array"),
        };
        (draft.Request.Input, draft.Request.HasInput) = (items, true);
    }

    /// <summary>On a socket everything streams: what real clients say of it there is passed over.</summary>
    private static void ReadStream(ref JsonCursor json, CreateDraft draft)
    {
        if (draft.IsSocket) json.Skip();
        else draft.Request.Stream = Forms.Flag.Read(ref json) ?? false;
    }

    /// <summary>The public protocol has no meaning for it on a socket, where nothing is silently left out.</summary>
    private static void ReadBackground(ref JsonCursor json, CreateDraft draft)
    {
        var isOn = Forms.Flag.Read(ref json) ?? false;
        if (draft.IsSocket && isOn) throw json.Fail(BackgroundOnSocket);
        draft.Request.Background = isOn;
    }

    /// <summary>Of a frame; in a POST it means nothing and is passed over.</summary>
    private static void ReadResumeKey(ref JsonCursor json, CreateDraft draft)
    {
        if (draft.IsSocket) draft.Request.ResumeKey = json.OptionalName();
        else json.Skip();
    }

    private static void ReadGenerate(ref JsonCursor json, CreateDraft draft)
    {
        var isOn = Forms.Flag.Read(ref json) ?? true;
        if (!draft.IsSocket && !isOn) // a warm-up over HTTP would look like an answer that is empty
            throw json.Fail(UnsupportedParameter, json.Path);
        draft.Request.Generate = isOn;
    }

    /// <summary>On HTTP a lane means nothing and is passed over: gateways forward frames as they are.</summary>
    private static void ReadLane(ref JsonCursor json, CreateDraft draft)
    {
        if (draft.IsSocket) draft.Request.Lane = LaneReader.Read(ref json);
        else json.Skip();
    }

    /// <summary>The public service shows the one under the name of the other.</summary>
    private static string? ReadTier(ref JsonCursor json) => Forms.ServiceTier.Read(ref json) switch
    {
        "fast" => "priority",
        var tier => tier,
    };

    private static ResponseId? ReadId(ref JsonCursor json) => json.OptionalName() is { } id ? new ResponseId(id) : null;

    /// <summary>Its id, or an object that has it.</summary>
    private static ConversationId? ReadConversation(ref JsonCursor json)
    {
        if (json.Token is JsonTokenType.String or JsonTokenType.Null)
            return Forms.Id.Read(ref json) is { } id ? new ConversationId(id) : null;
        json.Expect(JsonTokenType.StartObject, Forms.Conversation.Types);
        var named = new NamedConversation();
        json.Object(NamedConversation.Fields, named);
        return named.Id is { } own ? new ConversationId(own) : throw json.Missing("id");
    }

    private sealed class NamedConversation
    {
        public static readonly FieldTable<NamedConversation> Fields = new(
            ("id", static (ref json, conversation) => conversation.Id = Forms.Id.Read(ref json)));

        public string? Id { get; private set; }
    }
}
