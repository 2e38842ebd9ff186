using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Messages;

/// <summary>The top-level fields of a Messages request, one row each; others are passed over.</summary>
internal static class MessagesFields
{
    private static readonly string[] Efforts = ["low", "medium", "high", "xhigh", "max"];

    /// <summary>What fields of a create request were in the Messages request.</summary>
    public static readonly (string Ours, string Theirs)[] Names =
    [
        ("input", "messages"), ("max_output_tokens", "max_tokens"), ("stop", "stop_sequences"),
        ("tools[].parameters", "tools[].input_schema"),
        ("tool_choice.name", "tool_choice.name"), ("safety_identifier", "metadata.user_id"),
        ("text.format.schema", "output_config.format.schema"), ("text.format", "output_config.format"),
        ("reasoning.effort", "output_config.effort"), ("parallel_tool_calls", "tool_choice.disable_parallel_tool_use"),
    ];

    private static readonly FieldTable<MessagesDraft> Metadata = new(("user_id", static (ref json, draft) =>
    {
        if (!json.IsNull) draft.Request.Set("safety_identifier", json.Raw());
    }));

    private static readonly FieldTable<MessagesDraft> OutputConfig = new(
        ("effort", static (ref json, draft) => draft.Effort = json.OptionalWord(Efforts)),
        ("format", static (ref json, draft) => MessagesFormatReader.Read(ref json, draft)));

    public static readonly FieldTable<MessagesDraft> Table = new(
        ("model", Same("model")),
        ("max_tokens", Same("max_output_tokens")),
        ("stream", Same("stream")),
        ("temperature", Same("temperature")),
        ("top_p", Same("top_p")),
        ("top_k", Same("top_k")),
        ("system", static (ref json, draft) =>
        {
            if (!json.IsNull && MessageReader.System(ref json, draft.System) is { } header)
                draft.Request.Set(BillingHeader.Field, new RawJson(JsonBuffer.Bytes(header, static (writer, text) =>
                    writer.WriteStringValue(text))));
        }),
        ("messages", static (ref json, draft) =>
        {
            draft.HasMessages = true;
            MessageReader.Read(ref json, draft.Request);
        }),
        ("tools", static (ref json, draft) =>
        {
            if (!json.IsNull) draft.Request.Set("tools", MessagesToolReader.Tools(ref json));
        }),
        ("tool_choice", static (ref json, draft) =>
        {
            if (!json.IsNull) MessagesToolReader.Choice(ref json, draft.Request);
        }),
        ("thinking", static (ref json, draft) => draft.ThinkingEffort = ThinkingReader.Read(ref json)),
        ("output_config", static (ref json, draft) =>
        {
            if (!json.IsNull) json.Object(OutputConfig, draft);
        }),
        ("metadata", static (ref json, draft) =>
        {
            if (!json.IsNull) json.Object(Metadata, draft);
        }),
        ("stop_sequences", Same("stop")),
        ("mcp_servers", static (ref json, draft) => ForeignFields.Refuse(ref json)),
        ("container", static (ref json, draft) => ForeignFields.Refuse(ref json)));

    private static FieldRead<MessagesDraft> Same(string field) => (ref json, draft) => draft.Request.Set(field, json.Raw());
}
