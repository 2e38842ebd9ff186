using Samovar.Templates.Values;

namespace Samovar.Templates.Syntax;

/// <summary>What is between parentheses after a callee, a filter or a test.</summary>
internal sealed record ArgumentList(Expression[] Positional, KeyValuePair<string, Expression>[] Named)
{
    /// <summary>A list whose items are arguments by place: <c>*items</c>.</summary>
    public Expression? Several { get; init; }

    /// <summary>A map whose entries are arguments by name: <c>**map</c>.</summary>
    public Expression? SeveralNamed { get; init; }

    public static readonly ArgumentList Empty = new([], []);
}

/// <summary>An expression of a template. A closed union, taken apart by <see cref="ExpressionEvaluator"/>.</summary>
internal abstract record Expression
{
    private Expression() { }

    /// <summary>Where it is in the source.</summary>
    public int Offset { get; init; }

    internal sealed record Constant(TemplateValue Value) : Expression;

    internal sealed record Name(string Identifier) : Expression;

    internal sealed record ListLiteral(Expression[] Items, bool IsTuple) : Expression;

    internal sealed record MapLiteral(KeyValuePair<Expression, Expression>[] Entries) : Expression;

    /// <summary><c>target.name</c>: a method or attribute first, then a key.</summary>
    internal sealed record Attribute(Expression Target, string Identifier) : Expression;

    /// <summary><c>target[key]</c>: a key first, then an attribute.</summary>
    internal sealed record Item(Expression Target, Expression Key) : Expression;

    internal sealed record Slice(Expression Target, Expression? Start, Expression? Stop, Expression? Step) : Expression
    {
        /// <summary>Whether all of it is known from the start: what has no slices then has an undefined one.</summary>
        public bool IsFolded { get; init; }
    }

    internal sealed record Call(Expression Callee, ArgumentList Arguments) : Expression;

    internal sealed record Filter(Expression Input, FilterCall Apply) : Expression;

    internal sealed record Test(Expression Input, string Identifier, ValueTest? Known, ArgumentList Arguments, bool IsNegated) : Expression;

    internal sealed record Negate(Expression Operand) : Expression;

    internal sealed record Plus(Expression Operand) : Expression;

    internal sealed record Not(Expression Operand) : Expression;

    internal sealed record And(Expression Left, Expression Right) : Expression;

    internal sealed record Or(Expression Left, Expression Right) : Expression;

    internal sealed record Binary(BinaryOperator Operator, Expression Left, Expression Right) : Expression
    {
        /// <summary>Whether a minus before the first number is applied last.</summary>
        public bool IsSignApart { get; init; }
    }

    /// <summary>A chain such as <c>a &lt; b &lt;= c</c>.</summary>
    internal sealed record Compare(Expression First, KeyValuePair<Comparison, Expression>[] Others) : Expression
    {
        /// <summary>Whether it asks of a length whether it is none, and nothing else.</summary>
        public bool AsksWhetherEmpty => First is Filter { Apply: { Identifier: "length" or "count", Arguments: var none } }
            && ReferenceEquals(none, ArgumentList.Empty)
            && Others is [{ Key: Comparison.Greater or Comparison.Equal or Comparison.NotEqual, Value: Constant { Value: var number } }]
            && number is TemplateValue.Int { Value: 0 };
    }

    internal sealed record Concat(Expression[] Parts) : Expression
    {
        /// <summary>Whether all of it is known from the start: it is then no markup.</summary>
        public bool IsFolded { get; init; }
    }


    internal sealed record Conditional(Expression Condition, Expression Then, Expression? Otherwise) : Expression;
}

/// <summary>A filter with its arguments; an unknown one is an error only when it is reached.</summary>
internal sealed record FilterCall(string Identifier, TemplateFilter? Known, ArgumentList Arguments, int Offset);
