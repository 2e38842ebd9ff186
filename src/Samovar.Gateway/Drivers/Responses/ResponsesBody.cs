using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Responses;

/// <summary>Puts a create request for a Responses upstream together: from the client's own bytes wherever nothing has to change.</summary>
internal static class ResponsesBody
{
    private static readonly RawJson Trigger = RawJson.Of("""{"type":"compaction_trigger"}""");

    /// <summary>Fields that affect how long a prompt becomes, besides those that are rewritten.</summary>
    private static readonly string[] CountedFields = ["parallel_tool_calls", "reasoning", "text", "truncation"];

    /// <param name="parent">The upstream's id of the response to continue with the new items only; null sends the whole context.</param>
    /// <param name="isFrame">A WebSocket frame rather than an HTTP body.</param>
    /// <param name="isBare">A frame without a type, for a Samovar that takes over from the parent what the frame leaves out.</param>
    public static UpstreamBody For(UpstreamCall call, string? parent, bool isFrame, bool isBare = false)
    {
        var (turn, destination) = (call.Turn, call.Destination);
        if (turn.Request.ContinuesAnswer) throw CannotSend.Beginning(turn.Context);
        var body = new UpstreamBody();
        if (isFrame && !isBare) body.Field("type", "response.create");
        body.Field("model", call.Model);
        if (parent is not null) body.Field("previous_response_id", parent);
        var items = parent is null
            ? ContextItems.All(call)
            : ContextItems.New(call);
        var sent = CacheBreakpoints.In(call, ResponsesItems.For(items, call));
        body.Array("input", turn.Request.Compacts ? sent.Append(Trigger) : sent);
        if (turn.Request is { Compaction: not null } && turn.Request.Field("context_management") is { IsEmpty: false } rules)
            body.Field("context_management", rules);
        if (!isBare && turn.Instructions is { } instructions
            && (parent is null || destination.Dialect.InstructionsWithParent)) body.Field("instructions", instructions);
        if (isBare) WriteChoice(body, turn);
        else WriteTools(body, call);
        if (Key(call) is { } key && !(isBare && key == call.Parent?.PromptCacheKey)) body.Field("prompt_cache_key", key);
        if (CacheOptions(turn) is { IsEmpty: false } options) body.Field("prompt_cache_options", options);
        body.Field("store", call.IsStored);
        if (isFrame && !turn.Request.Generate) body.Field("generate", false);
        if (isFrame && destination.Dialect.IsProvider
            && turn.Request.Field("client_metadata") is { IsEmpty: false } metadata) body.Field("client_metadata", metadata);
        if (destination.Dialect.TenantSaltField is { } salt) body.Field(salt, turn.Tenant.Value);
        EngineHints.WritePriority(body, call);
        if (!isFrame) body.Field("stream", true);
        DroppedFields.WriteForwarded(body, call);
        return body.End();
    }

    /// <summary>What the upstream is to count: always the whole, because who counts need not be who holds the chain.</summary>
    public static UpstreamBody ForCount(UpstreamCall call)
    {
        var body = new UpstreamBody().Field("model", call.Model)
            .Array("input", ResponsesItems.For(ContextItems.All(call), call));
        if (call.Turn.Instructions is { } instructions) body.Field("instructions", instructions);
        WriteTools(body, call);
        foreach (var name in CountedFields)
            if (call.Turn.Request.Field(name) is { IsEmpty: false } value) body.Field(name, value);
        return body.End();
    }

    private static string? Key(UpstreamCall call) => call.Destination.Dialect.PromptCacheKey ? call.PromptCacheKey : null;

    /// <summary>The comparison names a response of ours, which the upstream cannot know, and its details are an extension.</summary>
    private static RawJson CacheOptions(BackendTurn turn)
    {
        var options = turn.Request.Field("prompt_cache_options");
        return turn.Request is { CacheComparison: null, WantsCacheDetails: false } ? options : default;
    }

    private static void WriteTools(UpstreamBody body, UpstreamCall call)
    {
        var (turn, tools) = (call.Turn, call.Tools);
        if (!tools.IsFlat)
        {
            var isPlain = !call.Destination.Dialect.AsyncTools && turn.Tools.HasAsync;
            var sent = turn.Request.Tools is { HasUnkept: true } asked && asked.Json == turn.Tools.Json ? asked : turn.Tools;
            var handling = ToolHandling.ByName(call.Destination.Dialect.IsSamovar ? turn.Request.MessagesTools : default);
            if (tools.Dropped.Count > 0 || isPlain || handling.Count > 0)
            {
                var kept = sent.Tools.Where(tool => !tools.Dropped.Contains(tool.Type, StringComparer.Ordinal));
                body.Array("tools", kept.Select(tool =>
                    isPlain && tool is not Protocol.Items.Tool.Other ? AsyncCalls.Plain(tool)
                    : tool is Tool.Function { Name: var name } && handling.TryGetValue(name, out var said) ? With(said, tool.Json)
                    : tool.SentJson));
            }
            else if (sent.Tools.Count > 0 || turn.Request.Tools is not null) body.Field("tools", sent.SentJson);
            WriteChoice(body, turn);
            return;
        }
        if (tools.Tools.Count == 0) return;
        body.Array("tools", tools.Tools.Select(tool => Tool(tool)));
        body.Field("tool_choice", Choice(turn.Request.ToolChoice, tools));
    }

    private static void WriteChoice(UpstreamBody body, BackendTurn turn)
    {
        if (turn.Request.Field("tool_choice") is { IsEmpty: false } choice) body.Field("tool_choice", choice);
    }

    private static RawJson With(ToolHandling said, RawJson tool) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        tool.WriteFields(writer);
        said.WriteTo(writer);
        writer.WriteEndObject();
    });

    private static RawJson Tool(FlatTool tool) =>
        tool.Tool is Tool.Function && tool.Original.Namespace is null ? AsyncCalls.Plain(tool.Tool) : JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "function"u8);
        writer.WriteString("name"u8, tool.FlatName);
        if (CustomTools.DescriptionOf(tool.Tool) is { } description) writer.WriteString("description"u8, description);
        writer.Raw("parameters"u8, CustomTools.ParametersOf(tool.Tool));
        writer.WriteBoolean("strict"u8, tool.Tool is Tool.Function { Strict: true });
        writer.WriteEndObject();
    });

    private static RawJson Choice(ToolChoice choice, ToolNames tools) => choice switch
    {
        ToolChoice.None => RawJson.Of("\"none\""),
        ToolChoice.Required or ToolChoice.Allowed { MustCall: true } => RawJson.Of("\"required\""),
        ToolChoice.Named named => JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, "function"u8);
            writer.WriteString("name"u8, tools.Flat(null, named.Name));
            writer.WriteEndObject();
        }),
        _ => RawJson.Of("\"auto\""),
    };
}
