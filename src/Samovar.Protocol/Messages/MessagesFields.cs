using System.Text;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Messages;

/// <summary>The top-level fields of a Messages request, one row each; others are kept for upstreams of this API.</summary>
internal static class MessagesFields
{
    private static readonly FieldTable<MessagesDraft> Metadata = new(
        ("user_id", static (ref json, draft) => draft.User = Forms.Label.Read(ref json)));

    private static readonly FieldTable<MessagesDraft> OutputConfig = new(
        ("effort", static (ref json, draft) => draft.Effort = Forms.MessagesEffort.Read(ref json)),
        ("format", static (ref json, draft) => MessagesFormatReader.Read(ref json, draft, MessagesWords.NewerFormat)));

    private static readonly FieldTable<MessagesDraft> Diagnostics = new(
        ("previous_message_id", static (ref json, draft) =>
        {
            if (Forms.Id.Read(ref json) is { } id) draft.Request.Set("prompt_cache_options", MessageJson.Comparison(id));
        }));

    public static readonly FieldTable<MessagesDraft> Table = new(
        ("model", Same("model")),
        ("max_tokens", Same("max_output_tokens")),
        ("stream", Same("stream")),
        ("temperature", static (ref json, draft) =>
        {
            if (Forms.Share.Read(ref json) is not null) draft.Request.Set("temperature", json.Raw());
        }),
        ("top_p", Same("top_p")),
        ("top_k", Same("top_k")),
        ("system", static (ref json, draft) =>
        {
            if (!json.IsNull) draft.Request.Mark = MessageReader.System(ref json, draft.System);
        }),
        ("messages", static (ref json, draft) =>
        {
            draft.HasMessages = true;
            MessageReader.Read(ref json, draft.Request);
        }),
        ("tools", static (ref json, draft) =>
        {
            if (!json.IsNull) MessagesToolReader.Tools(ref json, draft);
        }),
        ("tool_choice", static (ref json, draft) =>
        {
            if (!json.IsNull) MessagesToolReader.Choice(ref json, draft.Request);
        }),
        ("thinking", static (ref json, draft) => ThinkingReader.Read(ref json, draft)),
        ("output_config", static (ref json, draft) =>
        {
            if (!json.IsNull) json.Object(OutputConfig, draft);
        }),
        ("output_format", static (ref json, draft) => MessagesFormatReader.Read(ref json, draft, MessagesWords.OlderFormat)),
        ("context_management", Same(ResponsesRows.ContextEdits)),
        ("compaction", static (ref json, draft) => draft.Summary = SummaryReader.Read(ref json)),
        ("thread", static (ref json, draft) => draft.Thread = ThreadReader.Read(ref json)),
        ("metadata", static (ref json, draft) =>
        {
            if (!json.IsNull) json.Object(Metadata, draft);
        }),
        ("diagnostics", static (ref json, draft) =>
        {
            if (json.IsNull) return;
            draft.WantsDiagnostics = true;
            json.Object(Diagnostics, draft);
        }),
        ("stop_sequences", static (ref json, draft) =>
        {
            var start = json.Start;
            Forms.StopSequences.Check(ref json);
            draft.Request.Set("stop", json.Since(start));
        }),
        ("chat_template_kwargs", Same("chat_template_kwargs")),
        ("service_tier", static (ref json, draft) =>
        {
            if (Forms.MessagesServiceTier.Read(ref json) is { } tier)
                draft.Request.Set("service_tier", RawJson.Of(tier == "auto" ? "\"auto\"" : "\"default\""));
        }),
        ("cache_control", static (ref json, draft) => CacheMarkReader.Check(ref json)),
        ("min_p", Same("min_p")),
        ("seed", Same("seed")),
        ("presence_penalty", Same("presence_penalty")),
        ("frequency_penalty", Same("frequency_penalty")),
        ("mcp_servers", Kept("mcp_servers")),
        ("container", Kept("container")),
        ("inference_geo", Kept("inference_geo")),
        ("speed", Kept("speed")),
        ("anthropic_version", Passed),
        ("anthropic_beta", Passed));

    /// <summary>A field without a row: kept for upstreams of this API where it has no other meaning in a create request. Names of other
    /// letters are none of theirs, and servers that read names whatever their case would take them for fields that are the
    /// gateway's.</summary>
    public static void Unknown(ref JsonCursor json, string name, MessagesDraft draft)
    {
        if (!name.All(static letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_')
            || CreateFields.Table.Find(Encoding.UTF8.GetBytes(name)) is not null) json.Skip();
        else if (draft.Request.Has(name)) throw json.Fail(Errors.Errors.DuplicateParameter, json.Path);
        else draft.Request.Set(name, json.Raw());
    }

    /// <summary>What only upstreams of this API do: it goes there as it came.</summary>
    private static FieldRead<MessagesDraft> Kept(string field)
    {
        var form = MessagesRows.OfMessagesAlone[field].Form;
        return (ref json, draft) =>
        {
            if (json.IsNull) return;
            var start = json.Start;
            form.Check(ref json);
            draft.Request.Set(field, json.Since(start));
        };
    }

    /// <summary>How other roads to the same API say what headers say here.</summary>
    private static void Passed(ref JsonCursor json, MessagesDraft draft) => json.Skip();

    private static FieldRead<MessagesDraft> Same(string field) => (ref json, draft) => draft.Request.Set(field, json.Raw());
}
