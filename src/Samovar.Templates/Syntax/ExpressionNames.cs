namespace Samovar.Templates.Syntax;

/// <summary>The names that an expression reads, in their order.</summary>
internal static class ExpressionNames
{
    public static IEnumerable<string> In(Expression expression)
    {
        var open = new Stack<Expression>([expression]); // an expression may nest as deep as its source is long
        while (open.TryPop(out var next))
        {
            if (next is Expression.Name name) yield return name.Identifier;
            foreach (var part in Parts(next).Reverse()) open.Push(part);
        }
    }

    public static IEnumerable<string> In(ArgumentList arguments) => Parts(arguments).SelectMany(In);

    private static IEnumerable<Expression> Parts(Expression expression) => expression switch
    {
        Expression.Constant or Expression.Name => [],
        Expression.ListLiteral list => list.Items,
        Expression.MapLiteral map => map.Entries.SelectMany(static entry => new[] { entry.Key, entry.Value }),
        Expression.Attribute attribute => [attribute.Target],
        Expression.Item item => [item.Target, item.Key],
        Expression.Slice slice => Known(slice.Target, slice.Start, slice.Stop, slice.Step),
        Expression.Call call => [call.Callee, .. Parts(call.Arguments)],
        Expression.Filter filter => [filter.Input, .. Parts(filter.Apply.Arguments)],
        Expression.Test test => [test.Input, .. Parts(test.Arguments)],
        Expression.Negate negate => [negate.Operand],
        Expression.Plus plus => [plus.Operand],
        Expression.Not not => [not.Operand],
        Expression.And and => [and.Left, and.Right],
        Expression.Or or => [or.Left, or.Right],
        Expression.Binary binary => [binary.Left, binary.Right],
        Expression.Compare compare => [compare.First, .. compare.Others.Select(static other => other.Value)],
        Expression.Concat concat => concat.Parts,
        Expression.Conditional choice => Known(choice.Condition, choice.Then, choice.Otherwise),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static IEnumerable<Expression> Parts(ArgumentList arguments) =>
        [.. arguments.Positional, .. arguments.Named.Select(static named => named.Value),
            .. Known(arguments.Several, arguments.SeveralNamed)];

    private static IEnumerable<Expression> Known(params Expression?[] parts) => parts.OfType<Expression>();
}
