using Samovar.Grammars.Lark;
using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Schemas;

/// <summary>How a family of models writes calls: what is around them all, around each, and between them.</summary>
/// <param name="Open">Before the first.</param>
/// <param name="BeforeName">Begins each.</param>
/// <param name="BeforeArguments">Between the name and the arguments.</param>
/// <param name="AfterArguments">Ends each.</param>
/// <param name="Separator">Between two.</param>
/// <param name="Close">After the last.</param>
/// <param name="Trigger">What shows that a call begins; free text before it does not have this.</param>
internal sealed record ToolCallSyntax(
    string Open, string BeforeName, string BeforeArguments, string AfterArguments, string Separator, string Close, string Trigger)
{
    /// <summary>Stands in what is before the arguments for an id of nine letters and digits.</summary>
    public const char IdPlace = '\u0001';

    /// <summary>Stands there for a number.</summary>
    public const char NumberPlace = '\u0002';

    /// <summary>Stands there for the name again.</summary>
    public const char NamePlace = '\u0003';

    /// <summary>Other ways to begin a call.</summary>
    public IReadOnlyList<ToolCallHead> OtherHeads { get; init; } = [];

    /// <summary>How arguments are written; null for a JSON object.</summary>
    public ArgumentSyntax? Arguments { get; init; }

    /// <summary>Tagged, one after the other, as Hermes models and those trained after them write.</summary>
    public static readonly ToolCallSyntax Hermes = new(
        "", "<tool_call>\n{\"name\": \"", "\", \"arguments\": ", "}\n</tool_call>", "\n", "", "<tool_call>");
}

/// <summary>One way to begin a call.</summary>
/// <param name="BeforeName">Before the name.</param>
/// <param name="BeforeArguments">Between the name and the arguments.</param>
internal sealed record ToolCallHead(string BeforeName, string BeforeArguments);

/// <summary>How many calls there may be, and whether text may stand before them.</summary>
internal sealed record ToolCallDemand(bool AllowsText, bool NeedsCall, int CallsMax);

/// <summary>Makes the grammar for an answer that calls functions: each by its name, with arguments of its schema.</summary>
internal static class ToolCallGrammar
{
    /// <param name="tools">Those that may be called; just one when a function is forced.</param>
    /// <param name="syntax">How the model writes calls.</param>
    /// <param name="demand">How many there may be.</param>
    /// <param name="param">The request's parameter; the index of a tool is added to it in results.</param>
    /// <param name="limits">What the grammar may cost.</param>
    public static GrammarResult Compile(
        IReadOnlyList<ToolSignature> tools, ToolCallSyntax syntax, ToolCallDemand demand, string param, GrammarLimits limits)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tools.Count, nameof(tools));
        ArgumentOutOfRangeException.ThrowIfLessThan(demand.CallsMax, 1, nameof(demand));
        var rules = new GrammarRules(limits);
        return JsonSchemaGrammar.Guard(param, () => new GrammarResult.Compiled(rules.Build(Write(rules, tools, syntax, demand, param))));
    }

    /// <summary>Adds calls to a grammar that has more in it; faults are for <see cref="JsonSchemaGrammar.Guard"/> to catch.</summary>
    /// <returns>The expression of the calls.</returns>
    public static string Write(
        GrammarRules rules, IReadOnlyList<ToolSignature> tools, ToolCallSyntax syntax, ToolCallDemand demand, string param)
    {
        var arguments = tools.Select((tool, at) => Arguments(rules, tool, syntax, FormattableString.Invariant($"{param}[{at}]"))).ToList();
        var ways = syntax.OtherHeads.Prepend(new ToolCallHead(syntax.BeforeName, syntax.BeforeArguments)).Select(head =>
        {
            var each = tools.Select((tool, at) => Call(rules, tool, head.BeforeArguments, arguments[at], syntax));
            return Gbnf.Sequence(Slots(head.BeforeName, ""), rules.Define("named", Gbnf.Choice(each)));
        });
        var call = rules.Define("call", Gbnf.Choice(ways)); // one way in for each head, however many tools there are
        var next = rules.Define("next", Gbnf.Sequence(Quoted(syntax.Separator), call));
        var more = rules.Repeat(next, 0, demand.CallsMax - 1);
        var calls = rules.Define("calls", Gbnf.Sequence(Quoted(syntax.Open), call, more, Quoted(syntax.Close)));
        var text = demand.AllowsText ? FreeText.Write(rules, syntax.Trigger) : "";
        return Gbnf.Sequence(text, demand.NeedsCall ? calls : calls + "?");
    }

    private static string Arguments(GrammarRules rules, ToolSignature tool, ToolCallSyntax syntax, string param)
    {
        var arguments = syntax.Arguments is { } form ? ArgumentGrammar.Write(rules, tool, form, param)
            : tool.Pattern is { } pattern ? Input(rules, pattern, tool.IsLark, param + ".format.definition")
            : tool.IsStrict ? JsonSchemaGrammar.Write(rules, tool.ParametersUtf8, param + ".parameters")
            : rules.Use(JsonRule.Object);
        return syntax.OtherHeads.Count == 0 ? arguments : rules.Define("arguments-" + tool.Name, arguments);
    }

    private static string Call(GrammarRules rules, ToolSignature tool, string beforeArguments, string arguments, ToolCallSyntax syntax)
    {
        var name = CanonicalJson.Quote(tool.Name)[1..^1];
        return rules.Define(
            "call-" + tool.Name,
            Gbnf.Sequence(Slots(name + beforeArguments, name), arguments, Slots(syntax.AfterArguments, name)));
    }

    private static string Input(GrammarRules rules, string pattern, bool isLark, string param)
    {
        var space = rules.Use(JsonRule.Space);
        var text = isLark ? LarkGrammar.Write(rules, pattern, param) : PatternGrammar.OfTool(rules, pattern, param, isPlain: false).Write();
        return Gbnf.Sequence(Gbnf.Literal("{"), space, Gbnf.Literal("\"input\""), space, Gbnf.Literal(":"), space, Gbnf.Literal("\""), text,
            Gbnf.Literal("\""), space, Gbnf.Literal("}"));
    }

    /// <summary>A text to the letter but for its places.</summary>
    private static string Slots(string text, string name)
    {
        var parts = new List<string>();
        var from = 0;
        for (var at = 0; at <= text.Length; at++)
        {
            if (at < text.Length && text[at] > ToolCallSyntax.NamePlace) continue;
            if (at > from) parts.Add(Gbnf.Literal(text[from..at]));
            if (at < text.Length)
                parts.Add(text[at] switch
                {
                    ToolCallSyntax.IdPlace => "[a-zA-Z0-9]{9}",
                    ToolCallSyntax.NumberPlace => "[0-9]{1,3}",
                    _ => Gbnf.Literal(name),
                });
            from = at + 1;
        }
        return Gbnf.Sequence([.. parts]);
    }

    private static string Quoted(string text) => text.Length == 0 ? "" : Gbnf.Literal(text);
}
