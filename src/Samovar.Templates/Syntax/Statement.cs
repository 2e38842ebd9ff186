using Samovar.Templates.Builtins;

namespace Samovar.Templates.Syntax;

/// <summary>What a <c>set</c> or <c>for</c> writes to.</summary>
internal abstract record Target
{
    private Target() { }

    internal sealed record Name(string Identifier) : Target;

    internal sealed record NamespaceAttribute(string Namespace, string Identifier) : Target;

    internal sealed record Several(Target[] Parts) : Target;
}

internal sealed record Parameter(string Identifier, Expression? Default);

internal sealed record MacroDefinition(string Identifier, Parameter[] Parameters, Statement[] Body);

/// <summary>A piece of a template. A closed union, taken apart by <see cref="StatementExecutor"/>.</summary>
internal abstract record Statement
{
    private Statement() { }

    internal sealed record Data(string Text) : Statement;

    internal sealed record Output(Expression Value) : Statement;

    internal sealed record If(KeyValuePair<Expression, Statement[]>[] Branches, Statement[] Otherwise) : Statement;

    internal sealed record For(Target Target, Expression Items, Expression? Condition, Statement[] Body, Statement[] Otherwise) : Statement;

    internal sealed record Set(Target Target, Expression Value) : Statement;

    internal sealed record SetBlock(Target Target, FilterCall[] Filters, Statement[] Body) : Statement;

    internal sealed record Macro(MacroDefinition Definition) : Statement;

    /// <summary>A call whose callee may render the body by <c>caller()</c>.</summary>
    internal sealed record CallBlock(Expression.Call Call, MacroDefinition Caller) : Statement;

    internal sealed record FilterBlock(FilterCall[] Filters, Statement[] Body) : Statement;

    /// <summary>A body with names of its own: <c>with</c>, and <c>generation</c>, which only marks what the model said.</summary>
    internal sealed record Scoped(KeyValuePair<Target, Expression>[] Names, Statement[] Body) : Statement;

    internal sealed record Break : Statement;

    internal sealed record Continue : Statement;
}
