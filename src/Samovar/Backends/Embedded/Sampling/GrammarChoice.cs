using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Engine;
using Samovar.Grammars.Rules;
using Samovar.Grammars.Schemas;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;

namespace Samovar.Backends.Embedded.Sampling;

/// <summary>What holds a model to a form.</summary>
/// <param name="Gbnf">The grammar.</param>
/// <param name="Triggers">Where it begins to bind.</param>
/// <param name="Param">The field of the request that it came from.</param>
internal sealed record BindingGrammar(string Gbnf, GrammarTriggers Triggers, string Param)
{
    /// <summary>Whether the request demands it; what it does not is left out where the engine cannot take it.</summary>
    public bool IsDemanded { get; init; } = true;

    /// <summary>Whether the schema of the answer asks for more than it holds.</summary>
    public bool IsLoose { get; init; }
}

/// <summary>What an operator says of grammars.</summary>
/// <param name="CallsMax">Calls of one response.</param>
/// <param name="CallsHeld">Whether calls of the model's own will are held to what is offered.</param>
/// <param name="KeptCharsMax">Characters of grammars that are kept for later turns.</param>
internal sealed record GrammarSettings(int CallsMax, bool CallsHeld, long KeptCharsMax);

/// <summary>
/// Turns a demand for a form (a call that must be made, strict arguments, JSON) into a grammar, so that what is written always parses.
/// </summary>
/// <remarks>
/// A call that must be made, or an answer in JSON, binds from the first token; a thought may come before it. Where both JSON and calls are
/// open, either may be written. Functions that need not be called bind from the first sign of a call on (<see cref="CallTriggers"/>):
/// strict ones always, others where all models of the dialect write calls alike. Where nothing may be called, <see cref="MarkupBan"/>
/// keeps calls out. Of a schema that is not strict, what no grammar holds is left free.
/// </remarks>
internal sealed class GrammarChoice(ModelDialect dialect, bool canThink, GrammarSettings settings)
{
    private const string Tools = "tools";
    private const string Schema = "text.format.schema";

    private readonly GrammarCache _kept = new(settings.KeptCharsMax);

    /// <summary>Null when the model may write what it likes.</summary>
    public BindingGrammar? Of(CreateRequest request, CallRights rights, PromptPlan plan, CancellationToken turnCancelled)
    {
        var tools = rights.Tools.Tools.Where(tool => rights.Find(tool.FlatName) is not null).ToList();
        var mustCall = request.ToolChoice.ForcesCall;
        var syntax = CallSyntaxes.Calls(dialect);
        if (mustCall && tools.Count == 0) throw new ApiException(Errors.NothingToCall, [], "tool_choice");
        if (mustCall && syntax is null) throw new ApiException(Errors.UnsupportedValue, "required", "tool_choice");
        var isJson = request.Format is not TextFormat.Plain;
        if (!mustCall && !isJson)
            return CallSyntaxes.Unforced(dialect) is { } free ? Unforced(rights, tools, free, plan.TextEnd, turnCancelled) : null;
        var hold = mustCall ? SchemaHold.Whole : HoldOf(request.Format);
        var key = Key($"{(mustCall ? "must" : "may")}:{hold}:{ThoughtOf(plan)}:{dialect.Begun(plan.TextEnd)?.Close}");
        var gbnf = _kept.Get(key, () => Compile(rules => Gbnf.Sequence(Thought(rules, plan), Answer(rules)), turnCancelled));
        return new BindingGrammar(gbnf, GrammarTriggers.None, ParamOf(request.Format, tools))
        {
            IsLoose = hold != SchemaHold.Whole,
        };

        string Key(string shape) => KeyOf(shape, request.Format, rights, tools);

        string Answer(GrammarRules rules)
        {
            if (mustCall) return Calls(rules, tools, syntax!, rights);
            var json = Json(rules, request.Format, hold);
            return tools.Count == 0 || syntax is null ? json : $"( {json} | {Calls(rules, tools, syntax, rights)} )";
        }
    }

    /// <summary>What holds a model that may speak as it likes, for when it begins a call.</summary>
    private BindingGrammar? Unforced(
        CallRights rights, List<OfferedTool> tools, ToolCallSyntax syntax, string promptEnd, CancellationToken turnCancelled)
    {
        if (tools.Count == 0) return null; // MarkupBan has it
        var isStrict = tools.Exists(tool => tool.IsStrict);
        var names = tools.ConvertAll(tool => CanonicalJson.Quote(tool.FlatName)[1..^1]);
        var triggers = CallTriggers.Of(dialect, syntax, names, isStrict, promptEnd);
        if (isStrict) return new BindingGrammar(
            _kept.Get(Key("calls", tools), () => Compile(rules => Calls(rules, tools, syntax, rights), turnCancelled)), triggers,
            ParamOf(TextFormat.Default, tools));
        if (!settings.CallsHeld || !CallSyntaxes.IsUniform(dialect)) return null;
        var gbnf = _kept.Get(Key("offered", tools), () => Offered(rights, tools, syntax, turnCancelled));
        return gbnf.Length == 0 ? null : new BindingGrammar(gbnf, triggers, Tools) { IsDemanded = false };

        string Key(string shape, IReadOnlyList<OfferedTool> of) => KeyOf(shape, TextFormat.Default, rights, of);
    }

    /// <summary>
    /// Calls of what is offered by its names, with the arguments of its schemas as far as a grammar can hold them; empty where none can.
    /// The client did not ask for it, so nothing is refused.
    /// </summary>
    private string Offered(CallRights rights, List<OfferedTool> tools, ToolCallSyntax syntax, CancellationToken turnCancelled)
    {
        var each = GrammarLimits.Default with { StepsMax = GrammarLimits.Default.StepsMax / tools.Count }; // all of them cost as one
        var held = tools.ConvertAll(tool => tool with
        {
            IsStrict = JsonSchemaGrammar.Compile(tool.Parameters.Utf8, Tools, each) is GrammarResult.Compiled,
        });
        return TryCompile(rules => Calls(rules, held, syntax, rights), turnCancelled)
            ?? TryCompile(rules => Calls(rules, tools, syntax, rights), turnCancelled) ?? "";
    }

    private static string? TryCompile(Func<GrammarRules, string> root, CancellationToken turnCancelled)
    {
        try
        {
            return Compile(root, turnCancelled);
        }
        catch (ApiException)
        {
            return null;
        }
    }

    /// <summary>The narrowest field that holds all that the grammar was made from.</summary>
    private static string ParamOf(TextFormat format, List<OfferedTool> tools)
    {
        if (format is TextFormat.JsonSchema) return Schema;
        var holding = Enumerable.Range(0, tools.Count).Where(at => tools[at].IsStrict || tools[at].Pattern is not null).ToList();
        return holding is not [var only] ? Tools
            : FormattableString.Invariant($"{Tools}[{only}].{(tools[only].Pattern is null ? "parameters" : "format.definition")}");
    }

    /// <summary>Names everything that the grammar follows from, besides the model itself.</summary>
    private static string KeyOf(string shape, TextFormat format, CallRights rights, IReadOnlyList<OfferedTool> tools)
    {
        using var key = new GrammarKey();
        key.Add(shape).Add(rights.ParallelCalls).Add(format.GetType().Name);
        if (format is TextFormat.JsonSchema schema) key.Add(schema.Schema.Utf8.Span);
        foreach (var tool in tools)
            key.Add(tool.FlatName).Add(tool.IsStrict).Add(tool.IsCustom).Add(tool.IsLark).Add(tool.Pattern).Add(tool.Parameters.Utf8.Span);
        return key.End();
    }

    private string Calls(GrammarRules rules, List<OfferedTool> tools, ToolCallSyntax syntax, CallRights rights)
    {
        var signatures = tools.Select(tool =>
            new ToolSignature(tool.FlatName, tool.Parameters.Utf8, tool.IsStrict || tool.IsCustom,
                tool.Pattern) { IsLark = tool.IsLark }).ToList();
        var most = rights.ParallelCalls && CallSyntaxes.HasSeveral(dialect) ? settings.CallsMax : 1;
        return ToolCallGrammar.Write(rules, signatures, syntax, new ToolCallDemand(AllowsText: false, NeedsCall: true, most), Tools);
    }

    /// <summary>How much of a schema is held: all of one that must be followed to the letter, or the demand is refused.</summary>
    private SchemaHold HoldOf(TextFormat format)
    {
        if (format is not TextFormat.JsonSchema { Strict: not true } schema) return SchemaHold.Whole;
        using var key = new GrammarKey();
        return Enum.Parse<SchemaHold>(_kept.Get(key.Add("hold").Add(schema.Schema.Utf8.Span).End(),
            () => JsonSchemaGrammar.HoldOf(schema.Schema.Utf8, Schema).ToString()));
    }

    private string Json(GrammarRules rules, TextFormat format, SchemaHold hold)
    {
        var json = format is not TextFormat.JsonSchema schema ? rules.Use(JsonRule.Object)
            : hold == SchemaHold.Type ? JsonSchemaGrammar.WriteType(rules, schema.Schema.Utf8)
            : JsonSchemaGrammar.Write(rules, schema.Schema.Utf8, Schema, hold == SchemaHold.Loose);
        var opening = CallSyntaxes.AnswerOpening(dialect);
        return opening.Length == 0 ? json : Gbnf.Sequence(Gbnf.Literal(opening), json);
    }

    /// <summary>A thought before the answer: to be ended where the prompt began it, else as the model likes.</summary>
    private string Thought(GrammarRules rules, PromptPlan plan)
    {
        var place = ThoughtOf(plan);
        if (place == ThoughtPlace.None || CallSyntaxes.Thoughts(dialect, plan.TextEnd) is not { } syntax) return "";
        var thought = FreeText.WriteOpened(rules, syntax.Close, CallSyntaxes.NoThoughts(dialect));
        var remaining = Gbnf.Sequence(thought, Gbnf.Literal(syntax.Close + syntax.Behind), "[\\n]*");
        return place == ThoughtPlace.Begun ? remaining : $"( {Gbnf.Literal(syntax.Open)} {remaining} )?";
    }

    private ThoughtPlace ThoughtOf(PromptPlan plan) =>
        CallSyntaxes.Thoughts(dialect, plan.TextEnd) is null ? ThoughtPlace.None
        : dialect.Begun(plan.TextEnd) is not null ? ThoughtPlace.Begun
        : canThink && !plan.Settings.ThinkingOff ? ThoughtPlace.Before
        : ThoughtPlace.None;

    private static string Compile(Func<GrammarRules, string> root, CancellationToken turnCancelled)
    {
        var rules = new GrammarRules(GrammarLimits.Default, turnCancelled);
        return JsonSchemaGrammar.Guard(Tools, () => new GrammarResult.Compiled(rules.Build(root(rules)))) switch
        {
            GrammarResult.Compiled compiled => compiled.Grammar.ToString(),
            GrammarResult.Unsupported unsupported => throw new ApiException(
                Errors.GrammarRefused, $"{unsupported.Keyword} is not supported.", unsupported.Path),
            GrammarResult.Invalid invalid => throw new ApiException(Errors.GrammarRefused, invalid.Reason, invalid.Path),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Where the model may think: nowhere, before its answer, or where the prompt has already begun its thought.</summary>
    private enum ThoughtPlace { None, Before, Begun }
}
