using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Grammars;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;

namespace Samovar.Backends.Embedded.Sampling;

/// <summary>What holds a model to a form.</summary>
/// <param name="Gbnf">The grammar.</param>
/// <param name="Triggers">Where it begins to bind; empty for from the start.</param>
internal sealed record BindingGrammar(string Gbnf, IReadOnlyList<string> Triggers);

/// <summary>
/// Turns a demand for a form (a call that must be made, strict arguments, JSON) into a grammar, so that what is written always parses.
/// </summary>
/// <remarks>
/// A call that must be made, or an answer in JSON, binds from the first token; a thought may come before it. Where both JSON and calls are
/// open, either may be written. Strict functions that need not be called bind from the first sign of a call on.
/// </remarks>
internal sealed class GrammarChoice(Dialect dialect, bool canThink, int callsMax)
{
    private const string Tools = "tools";
    private const string Schema = "text.format.schema";

    /// <summary>Null when the model may write what it likes.</summary>
    public BindingGrammar? Of(CreateRequest request, CallRights rights, PromptPlan plan)
    {
        var tools = rights.Tools.Tools.Where(tool => rights.Find(tool.FlatName) is not null).ToList();
        var mustCall = request.ToolChoice is ToolChoice.Required or ToolChoice.Named or ToolChoice.Allowed { MustCall: true };
        var syntax = CallSyntaxes.Calls(dialect);
        if (mustCall && tools.Count == 0) throw new ApiException(Errors.NothingToCall, [], "tool_choice");
        if (mustCall && syntax is null) throw new ApiException(Errors.UnsupportedValue, "required", "tool_choice");
        var isJson = request.Format is not TextFormat.Plain;
        if (!mustCall && !isJson)
        {
            if (syntax is null || !tools.Exists(tool => tool.IsStrict)) return null;
            return new BindingGrammar(Compile(rules => Calls(rules, tools, syntax, rights)), [syntax.Trigger]);
        }
        return new BindingGrammar(Compile(rules => Gbnf.Sequence(Thought(rules, plan), Answer(rules))), []);

        string Answer(GrammarRules rules)
        {
            if (mustCall) return Calls(rules, tools, syntax!, rights);
            var json = Json(rules, request.Format);
            return tools.Count == 0 || syntax is null ? json : $"( {json} | {Calls(rules, tools, syntax, rights)} )";
        }
    }

    private string Calls(GrammarRules rules, List<OfferedTool> tools, ToolCallSyntax syntax, CallRights rights)
    {
        var signatures = tools.Select(tool =>
            new ToolSignature(tool.FlatName, tool.Parameters.Utf8, tool.IsStrict || tool.IsCustom, tool.Pattern)).ToList();
        var most = rights.ParallelCalls && CallSyntaxes.HasSeveral(dialect) ? callsMax : 1;
        return ToolCallGrammar.Write(rules, signatures, syntax, new ToolCallDemand(AllowsText: false, NeedsCall: true, most), Tools);
    }

    private string Json(GrammarRules rules, TextFormat format)
    {
        var json = format is TextFormat.JsonSchema schema
            ? JsonSchemaGrammar.Write(rules, schema.Schema.Utf8, Schema)
            : rules.Use(JsonRule.Object);
        var opening = CallSyntaxes.AnswerOpening(dialect);
        return opening.Length == 0 ? json : Gbnf.Sequence(Gbnf.Literal(opening), json);
    }

    /// <summary>A thought before the answer: to be ended where the prompt began it, else as the model likes.</summary>
    private string Thought(GrammarRules rules, PromptPlan plan)
    {
        if (CallSyntaxes.Thoughts(dialect) is not { } syntax) return "";
        var isOpen = DialectChoice.OpensReasoning(plan.TextEnd);
        if (!isOpen && (!canThink || plan.Settings.ThinkingOff)) return "";
        var rest = Gbnf.Sequence(FreeText.Write(rules, syntax.Close), Gbnf.Literal(syntax.Close + syntax.Behind), "[\\n]*");
        return isOpen ? rest : $"( {Gbnf.Literal(syntax.Open)} {rest} )?";
    }

    private static string Compile(Func<GrammarRules, string> root)
    {
        var rules = new GrammarRules(GrammarLimits.Default);
        return JsonSchemaGrammar.Guard(Tools, () => new GrammarResult.Compiled(rules.Build(root(rules)))) switch
        {
            GrammarResult.Compiled compiled => compiled.Grammar.ToString(),
            GrammarResult.Unsupported unsupported => throw new ApiException(
                Errors.GrammarRefused, $"{unsupported.Keyword} is not supported.", unsupported.Path),
            GrammarResult.Invalid invalid => throw new ApiException(Errors.GrammarRefused, invalid.Reason, invalid.Path),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
