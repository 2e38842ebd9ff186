namespace Samovar.Templates.Syntax;

internal sealed record Parameter(string Identifier, Expression? Default);

internal sealed record MacroDefinition(string Identifier, Parameter[] Parameters, Statement[] Body)
{
    /// <summary>Whether it reads <c>varargs</c>: what it is given beyond its parameters.</summary>
    public bool TakesMore { get; init; }

    /// <summary>Whether it reads <c>kwargs</c>: what it is given by other names.</summary>
    public bool TakesOtherNames { get; init; }

    /// <summary>Whether it reads <c>caller</c>: the body of the block that calls it.</summary>
    public bool TakesCaller { get; init; }
}

/// <summary>A piece of a template. A closed union, taken apart by <see cref="StatementExecutor"/>.</summary>
internal abstract record Statement
{
    private Statement() { }

    internal sealed record Data(string Text) : Statement;

    internal sealed record Output(Expression Value) : Statement;

    /// <summary>Several that stand where one does.</summary>
    internal sealed record Together(Statement[] Parts) : Statement;

    internal sealed record If(KeyValuePair<Expression, Statement[]>[] Branches, Statement[] Otherwise) : Statement;

    internal sealed record For(Target Target, Expression Items, Expression? Condition, Statement[] Body, Statement[] Otherwise) : Statement
    {
        /// <summary>Whether the body may run the loop again over other items, by <c>loop(items)</c>.</summary>
        public bool IsRecursive { get; init; }
    }

    internal sealed record Set(Target Target, Expression Value) : Statement;

    internal sealed record SetBlock(Target Target, FilterCall[] Filters, Statement[] Body) : Statement;

    internal sealed record Macro(MacroDefinition Definition) : Statement;

    /// <summary>A call whose callee may render the body by <c>caller()</c>.</summary>
    internal sealed record CallBlock(Expression.Call Call, MacroDefinition Caller) : Statement;

    internal sealed record FilterBlock(FilterCall[] Filters, Statement[] Body) : Statement;

    /// <summary>A body with names of its own: <c>with</c>, and <c>generation</c>, which only marks what the model said.</summary>
    internal sealed record Scoped(KeyValuePair<Target, Expression>[] Names, Statement[] Body) : Statement;

    /// <summary>A named part, which sees only what stands outside of all blocks.</summary>
    internal sealed record Block(string Name, bool IsScoped, Statement[] Body) : Statement;

    /// <summary>A body in which what is printed is escaped, or is not.</summary>
    internal sealed record AutoEscape(Expression Choice, Statement[] Body) : Statement;

    /// <summary>What needs other templates: an error when it is reached.</summary>
    internal sealed record Refused(string Name, int Offset) : Statement;

    internal sealed record Break : Statement;

    internal sealed record Continue : Statement;
}
