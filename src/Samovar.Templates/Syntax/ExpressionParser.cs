using Samovar.Templates.Values;

namespace Samovar.Templates.Syntax;

/// <summary>Parses expressions; one method per level of binding, loosest first.</summary>
internal sealed class ExpressionParser
{
    private readonly TokenReader _reader;
    private readonly PrimaryParser _primary;

    public ExpressionParser(TokenReader reader)
    {
        _reader = reader;
        _primary = new PrimaryParser(reader, Parse, () => ParseTuple());
    }

    /// <summary>The filters after each <c>|</c>, for a block they are laid over.</summary>
    public FilterCall[] ParseFilters(bool startsInline) => _primary.ParseFilters(startsInline);

    /// <summary>Expressions with commas between them, which make a tuple; without a comma just one.</summary>
    public Expression ParseTuple(bool allowConditional = true)
    {
        var offset = _reader.Current.Offset;
        var first = allowConditional ? Parse() : ParseOr();
        if (!_reader.Current.IsOperator(","))
            return first;
        var items = new List<Expression> { first };
        while (_reader.SkipOperator(","))
        {
            if (_reader.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || _reader.Current.IsOperator(")"))
                break;
            items.Add(allowConditional ? Parse() : ParseOr());
        }
        return new Expression.ListLiteral([.. items], IsTuple: true) { Offset = offset };
    }

    public Expression Parse()
    {
        _reader.Enter();
        var offset = _reader.Current.Offset;
        var value = ParseOr();
        while (_reader.SkipName("if"))
        {
            var condition = ParseOr();
            var otherwise = _reader.SkipName("else") ? Parse() : null;
            value = new Expression.Conditional(condition, value, otherwise) { Offset = offset };
        }
        _reader.Leave();
        return value;
    }

    private Expression ParseOr()
    {
        var left = ParseAnd();
        while (_reader.SkipName("or"))
            left = new Expression.Or(left, ParseAnd()) { Offset = left.Offset };
        return left;
    }

    private Expression ParseAnd()
    {
        var left = ParseNot();
        while (_reader.SkipName("and"))
            left = new Expression.And(left, ParseNot()) { Offset = left.Offset };
        return left;
    }

    private Expression ParseNot()
    {
        var offset = _reader.Current.Offset;
        if (!_reader.SkipName("not"))
            return ParseCompare();
        _reader.Enter();
        var operand = ParseNot();
        _reader.Leave();
        return new Expression.Not(operand) { Offset = offset };
    }

    private Expression ParseCompare()
    {
        var first = ParseSum();
        if (!TryComparison(out var comparison))
            return first;
        var remaining = new List<KeyValuePair<Comparison, Expression>>();
        do
            remaining.Add(new(comparison, ParseSum()));
        while (TryComparison(out comparison));
        return new Expression.Compare(first, [.. remaining]) { Offset = first.Offset };
    }

    private bool TryComparison(out Comparison comparison)
    {
        var token = _reader.Current;
        Comparison? found = (token.Kind, token.Text) switch
        {
            (TokenKind.Operator, "==") => Comparison.Equal,
            (TokenKind.Operator, "!=") => Comparison.NotEqual,
            (TokenKind.Operator, "<") => Comparison.Less,
            (TokenKind.Operator, "<=") => Comparison.LessOrEqual,
            (TokenKind.Operator, ">") => Comparison.Greater,
            (TokenKind.Operator, ">=") => Comparison.GreaterOrEqual,
            (TokenKind.Name, "in") => Comparison.In,
            (TokenKind.Name, "not") when _reader.Ahead.IsName("in") => Comparison.NotIn,
            _ => null,
        };
        comparison = found.GetValueOrDefault();
        if (found is null)
            return false;
        _reader.Next();
        if (found == Comparison.NotIn)
            _reader.Next();
        return true;
    }

    private Expression ParseSum()
    {
        var left = ParseConcat();
        while ((Operator("+", BinaryOperator.Add) ?? Operator("-", BinaryOperator.Subtract)) is { } found)
            left = new Expression.Binary(found, left, ParseConcat()) { Offset = left.Offset };
        return left;
    }

    private Expression ParseConcat()
    {
        var first = ParseProduct();
        if (!_reader.Current.IsOperator("~"))
            return first;
        var parts = new List<Expression> { first };
        while (_reader.SkipOperator("~"))
            parts.Add(ParseProduct());
        return new Expression.Concat([.. parts]) { Offset = first.Offset, IsFolded = parts.TrueForAll(Constants.Are) };
    }

    private Expression ParseProduct()
    {
        var left = ParsePower();
        while ((Operator("*", BinaryOperator.Multiply) ?? Operator("/", BinaryOperator.Divide)
               ?? Operator("//", BinaryOperator.FloorDivide) ?? Operator("%", BinaryOperator.Modulo)) is { } found)
            left = new Expression.Binary(found, left, ParsePower()) { Offset = left.Offset };
        return left;
    }

    private Expression ParsePower()
    {
        var left = _primary.ParseUnary();
        while (_reader.SkipOperator("**"))
            left = Power(left, _primary.ParseUnary());
        return left;
    }

    /// <summary>The reference folds a sign into its number, and Python then binds the power first, unless all of it is folded.</summary>
    private static Expression.Binary Power(Expression left, Expression right)
    {
        var isSignApart = Constants.Are(left) && !Constants.Are(right);
        return new Expression.Binary(BinaryOperator.Power, left, right) { Offset = left.Offset, IsSignApart = isSignApart };
    }

    private BinaryOperator? Operator(string text, BinaryOperator meaning) => _reader.SkipOperator(text) ? meaning : null;
}
