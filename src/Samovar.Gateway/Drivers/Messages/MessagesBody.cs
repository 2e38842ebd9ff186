using Samovar.Backends;
using Samovar.Gateway.Faults;
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
    /// <summary>
    /// Stands for the tools of a conversation that offers none any more: where there are calls in it, the API wants tools as well. It is
    /// always the same, for tools stand before all else in what is cached.
    /// </summary>
    private static readonly RawJson NoTool = RawJson.Of(
        """{"name":"no_tool","description":"Does nothing: no tool can be called here.","input_schema":""" + ObjectSchema.Empty + "}");

    private const string ContextEditsBeta = "context-management-2025-06-27", FilesBeta = "files-api-2025-04-14";

    public static UpstreamBody For(UpstreamCall call)
    {
        var (turn, request) = (call.Turn, call.Turn.Request);
        var body = new UpstreamBody().Field("model", call.Model).Field("max_tokens", Number(call.OutputTokensMax)).Field("stream", true);
        var unsaid = WriteConversation(body, call);
        var thinking = WriteThinking(body, call);
        var leftOut = WriteSampling(body, request, thinking.TakesSampling);
        if (EditsOf(request) is { IsEmpty: false } edits) body.Beta(ContextEditsBeta).Field("context_management", edits);
        var stops = request.Stop.Where(static stop => !string.IsNullOrWhiteSpace(stop)).ToList(); // the API refuses those without a word
        if (stops.Count > 0) body.Array("stop_sequences", stops.Select(JsonBytes.Quote));
        if (stops.Count < request.Stop.Count) leftOut.Add("stop");
        if (Tier(request) is { } tier) body.Field("service_tier", tier);
        if ((request.MessagesUser ?? request.SafetyIdentifier ?? request.User) is { } user)
            body.Field("metadata", JsonBytes.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("user_id"u8, user);
                writer.WriteEndObject();
            }));
        DroppedFields.WriteForwarded(body, call);
        AddBetas(body, request);
        if (thinking.LeftOut is { } refused) leftOut.Add(refused);
        call.Dropped = [.. call.Dropped, .. leftOut, .. unsaid];
        return body.End();
    }

    /// <summary>The same question without what is said of the answer alone, which this one does not take.</summary>
    public static UpstreamBody ForCount(UpstreamCall call)
    {
        var request = call.Turn.Request;
        var body = new UpstreamBody().Field("model", call.Model);
        WriteConversation(body, call);
        WriteThinking(body, call);
        if (request.Edits.Count > 0) body.Beta(ContextEditsBeta).Field("context_management", EditsOf(request)); // else all is counted
        if (FieldReport.IsForMessages(request) && request.Field("mcp_servers") is var servers && servers.IsSet())
            body.Field("mcp_servers", servers); // their tools are read as well
        AddBetas(body, request);
        return body.End();
    }

    /// <summary>Writes what the model reads, and returns the names of what is said of tools and left out.</summary>
    private static IEnumerable<string> WriteConversation(UpstreamBody body, UpstreamCall call)
    {
        var turn = call.Turn;
        var runs = MessageHistory.For(turn.Context, call.Tools);
        if (runs.All(static run => run.Messages.Count == 0)) throw CannotSend.Nothing();
        var system = System(turn.Instructions, runs);
        if (MarkOf(turn) is { } mark) Mark(system, mark);
        var unsaid = WriteTools(body, call, hasCalls: runs.Any(static run => run.Calls.Count > 0), hasBreakpoint: system.Count == 0);
        if (system.Count > 0) body.Array("system", system[..^1].Append(Blocks.WithBreakpoint(system[^1])));
        body.Array("messages", runs.SelectMany(run => run.Messages));
        if (runs.Any(static run => run.NamesFiles)) body.Beta(FilesBeta);
        return unsaid;
    }

    private static Thinking WriteThinking(UpstreamBody body, UpstreamCall call)
    {
        var thinking = Thinking.For(call, call.OutputTokensMax);
        if (!thinking.Field.IsEmpty) body.Field("thinking", thinking.Field);
        WriteOutput(body, thinking.Effort, (call.Turn.Request.Format as TextFormat.JsonSchema)?.Schema);
        return thinking;
    }

    /// <summary>What its client asks for by name goes along with what only this API knows: it may be refused without. Names that are
    /// about the client's account stay here.</summary>
    private static void AddBetas(UpstreamBody body, CreateRequest request)
    {
        if (request.Hints.Betas is not { } betas || !(FieldReport.IsForMessages(request) || request.Edits.Any(static edit =>
            edit is ContextEdit.Other))) return;
        foreach (var name in betas.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            if (!name.StartsWith("oauth-", StringComparison.Ordinal) && name.All(static letter => char.IsAsciiLetterOrDigit(letter)
                || letter is '-' or '_' or '.')) body.Beta(name);
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
        if (!string.IsNullOrWhiteSpace(instructions)) system.Insert(0, Blocks.Text(instructions));
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

    /// <summary>
    /// While a model thinks the API takes no sampling settings, of newer models it never does, and never both that shape the same: returns
    /// the names of those that are left out and would have said something.
    /// </summary>
    private static List<string> WriteSampling(UpstreamBody body, CreateRequest request, bool takes)
    {
        List<string> leftOut = [];
        Write("top_k", takes, request.TopK is { } k ? Number(k) : default, isUsual: request.TopK == 0);
        Write("temperature", takes, request.Temperature is { } temperature ? Number(Math.Min(temperature, 1)) : default,
            isUsual: request.Temperature == 1);
        Write("top_p", takes && request.Temperature is null, request.TopP is { } p ? Number(p) : default, isUsual: request.TopP == 1);
        return leftOut;

        void Write(string name, bool isTaken, RawJson value, bool isUsual)
        {
            if (value.IsEmpty) return;
            if (isTaken) body.Field(name, value);
            else if (!isUsual) leftOut.Add(name);
        }
    }

    private static void WriteOutput(UpstreamBody body, string? effort, RawJson? schema)
    {
        if (effort is null && schema is null) return;
        body.Field("output_config", JsonBytes.Write(writer =>
        {
            writer.WriteStartObject();
            if (effort is not null) writer.WriteString("effort"u8, effort);
            if (schema is { } form)
            {
                writer.WriteStartObject("format"u8);
                writer.WriteString("type"u8, "json_schema"u8);
                writer.Raw("schema"u8, form);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }));
    }

    /// <summary>Returns the names of what is said of tools and left out.</summary>
    private static IEnumerable<string> WriteTools(UpstreamBody body, UpstreamCall call, bool hasCalls, bool hasBreakpoint)
    {
        var (request, tools, handling) = (call.Turn.Request, call.Tools, new ToolHandlings(call));
        var offered = tools.Tools.Select(tool => Tool(tool, handling.Of(tool))).Concat(tools.Hosted.Select(tool => tool.Json)).ToList();
        if (offered.Count == 0 && !hasCalls) return [];
        var isNone = offered.Count == 0;
        if (isNone) offered.Add(NoTool);
        // A tool that the model does not see yet has no place in what is cached.
        if (hasBreakpoint && offered.FindLastIndex(static tool => !tool.Field("defer_loading"u8).Utf8.Span.SequenceEqual("true"u8)) is >= 0
            and var last) offered[last] = Blocks.WithBreakpoint(offered[last]);
        body.Array("tools", offered);
        body.Field("tool_choice", Choice(isNone ? new ToolChoice.None() : request.ToolChoice, tools, !request.ParallelToolCalls));
        return tools.Tools.Any(static tool => IsLoosened(tool.Tool)) ? handling.LeftOut.Append("tools.strict") : handling.LeftOut;
    }

    private static RawJson Tool(FlatTool tool, ToolHandling? handling) => JsonBytes.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, tool.FlatName);
        var parameters = CustomTools.ParametersOf(tool.Tool);
        var description = CustomTools.DescriptionOf(tool.Tool);
        if (ObjectSchema.HasChoice(parameters))
            description = $"{description}\n\nThe input must match this JSON schema:\n{parameters}".TrimStart();
        if (description is not null) writer.WriteString("description"u8, description);
        writer.Raw("input_schema"u8, ObjectSchema.Flat(parameters));
        if (IsStrict(tool.Tool) && !IsLoosened(tool.Tool)) writer.WriteBoolean("strict"u8, true);
        handling?.WriteTo(writer);
        writer.WriteEndObject();
    });

    private static bool IsStrict(Protocol.Items.Tool tool) => tool is Protocol.Items.Tool.Function { Strict: true };

    /// <summary>Whether its schema goes up in a form that allows more than the client's own.</summary>
    private static bool IsLoosened(Protocol.Items.Tool tool) => IsStrict(tool) && ObjectSchema.HasChoice(CustomTools.ParametersOf(tool));

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

    private static RawJson Number(double value) => JsonBytes.Write(writer => writer.WriteNumberValue(value));
}
