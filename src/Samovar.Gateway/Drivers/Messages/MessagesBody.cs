using Samovar.Backends;
using Samovar.Gateway.Json;
using Samovar.Gateway.Tools;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;

namespace Samovar.Gateway.Drivers.Messages;

/// <summary>Puts a Messages request together, with cache breakpoints after the stable prefix and after the newest turn.</summary>
/// <remarks>What needs a beta's name: the pages "Context editing" and "Files API" of Anthropic's documentation.</remarks>
internal static class MessagesBody
{
    private const string ContextEditsBeta = "context-management-2025-06-27", FilesBeta = "files-api-2025-04-14";

    public static UpstreamBody For(UpstreamCall call)
    {
        var (turn, request) = (call.Turn, call.Turn.Request);
        var runs = MessageHistory.For(turn.Context, call.Tools);
        var outputMax = request.MaxOutputTokens ?? call.Destination.Options.OutputTokensDefault;
        // A thinking model cannot be made to call: the tool that the client named takes precedence over thinking.
        var thinking = request.ToolChoice.ForcesCall && call.Tools.Tools.Count > 0 ? null
            : Thinking.Budget(request.ReasoningEffort, outputMax, turn.Context);
        var body = new UpstreamBody().Field("model", call.Model).Field("max_tokens", Number(outputMax)).Field("stream", true);
        var system = System(turn.Instructions, runs);
        if (MarkOf(turn) is { } mark) Mark(system, mark);
        WriteTools(body, call, hasBreakpoint: system.Count == 0);
        if (system.Count > 0) body.Array("system", system[..^1].Append(Blocks.WithBreakpoint(system[^1])));
        body.Array("messages", runs.SelectMany(run => run.Messages));
        if (thinking is { } budget) body.Field("thinking", RawJson.Of($$"""{"type":"enabled","budget_tokens":{{budget}}}"""));
        else WriteSampling(body, call);
        if (request.Format is TextFormat.JsonSchema format) body.Field("output_config",
            RawJson.Of($$$"""{"format":{"type":"json_schema","schema":{{{format.Schema}}}}}"""));
        if (EditsOf(request) is { IsEmpty: false } edits) body.Beta(ContextEditsBeta).Field("context_management", edits);
        if (runs.Any(static run => run.NamesFiles)) body.Beta(FilesBeta);
        if (request.Stop.Count > 0) body.Array("stop_sequences", request.Stop.Select(JsonBytes.Quote));
        if (Tier(request) is { } tier) body.Field("service_tier", tier);
        if ((request.MessagesUser ?? request.SafetyIdentifier ?? request.User) is { } user)
            body.Field("metadata", JsonBytes.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("user_id"u8, user);
                writer.WriteEndObject();
            }));
        DroppedFields.WriteForwarded(body, call);
        return body.End();
    }

    /// <summary>What the provider is to leave out of the context, as the client says it; empty where it says nothing.</summary>
    public static RawJson EditsOf(CreateRequest request) =>
        request.Field("context_edits") is { IsEmpty: false } edits && edits.Utf8.Span[0] == '{' ? edits : default;

    /// <summary>The two that this protocol has; the others buy what it does not sell.</summary>
    private static string? Tier(CreateRequest request) => request.ServiceTier switch
    {
        "auto" => "auto",
        "default" => "standard_only",
        _ => null,
    };

    private static List<RawJson> System(string? instructions, IReadOnlyList<MessageRun> runs)
    {
        var system = runs.SelectMany(run => run.System).ToList();
        if (instructions is { Length: > 0 }) system.Insert(0, Blocks.Text(instructions));
        return system;
    }

    /// <summary>The request's own; of one that continues a chain by name and has none, the one that the chain came with.</summary>
    private static VolatileMark? MarkOf(BackendTurn turn)
    {
        if (turn.Request.Mark is not null || turn.Context.IsMatched) return turn.Request.Mark;
        for (var node = turn.Context.Parent; node is not null; node = node.Parent)
            if (node.Response.Request.Mark is { } before) return before;
        return null;
    }

    private static void Mark(List<RawJson> system, VolatileMark mark)
    {
        if (mark.Next is { } next) Mark(system, next);
        if (mark.IsBlock || system.Count == 0) system.Insert(0, Blocks.Text(mark.Text));
        else system[0] = Blocks.Text(mark.Text + system[0].Text("text"u8));
    }

    /// <summary>While a model thinks the API takes no sampling settings.</summary>
    private static void WriteSampling(UpstreamBody body, UpstreamCall call)
    {
        if (call.Turn.Request.TopK is { } topK) body.Field("top_k", Number(topK));
        if (call.Turn.Request.Temperature is { } temperature) body.Field("temperature",
            JsonBytes.Write(writer => writer.WriteNumberValue(Math.Min(temperature, 1))));
        else if (call.Turn.Request.TopP is { } topP) body.Field("top_p", JsonBytes.Write(writer => writer.WriteNumberValue(topP)));
    }

    private static void WriteTools(UpstreamBody body, UpstreamCall call, bool hasBreakpoint)
    {
        var (request, tools) = (call.Turn.Request, call.Tools);
        var offered = tools.Tools.Select(Tool).Concat(tools.Hosted.Select(tool => tool.Json)).ToList();
        if (offered.Count == 0) return;
        if (hasBreakpoint) offered[^1] = Blocks.WithBreakpoint(offered[^1]);
        body.Array("tools", offered);
        body.Field("tool_choice", Choice(request.ToolChoice, tools, !request.ParallelToolCalls));
    }

    private static RawJson Tool(FlatTool tool) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, tool.FlatName);
        if (CustomTools.DescriptionOf(tool.Tool) is { } description) writer.WriteString("description"u8, description);
        writer.Raw("input_schema"u8, CustomTools.ParametersOf(tool.Tool));
        if (tool.Tool is Protocol.Items.Tool.Function { Strict: true }) writer.WriteBoolean("strict"u8, true);
        writer.WriteEndObject();
    });

    private static RawJson Choice(ToolChoice choice, ToolNames tools, bool isSequential) => JsonBytes.Write(writer =>
    {
        var (type, name) = choice switch
        {
            ToolChoice.None => ("none", null),
            ToolChoice.Required or ToolChoice.Allowed { MustCall: true } => ("any", null),
            ToolChoice.Named named => ("tool", tools.Flat(null, named.Name)),
            _ => ("auto", (string?)null),
        };
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        if (name is not null) writer.WriteString("name"u8, name);
        if (isSequential && type != "none") writer.WriteBoolean("disable_parallel_tool_use"u8, true);
        writer.WriteEndObject();
    });

    private static RawJson Number(int value) => JsonBytes.Write(writer => writer.WriteNumberValue(value));
}
