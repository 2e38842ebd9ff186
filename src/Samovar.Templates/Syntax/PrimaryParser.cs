using System.Globalization;
using System.Text;
using Samovar.Templates.Builtins;
using Samovar.Templates.Values;

namespace Samovar.Templates.Syntax;

/// <summary>Parses literals and names with all that is bound to them: keys, calls, filters and tests.</summary>
/// <param name="reader">What is read.</param>
/// <param name="parse">Reads any one expression.</param>
/// <param name="parseTuple">Reads expressions with commas between them.</param>
internal sealed class PrimaryParser(TokenReader reader, Func<Expression> parse, Func<Expression> parseTuple)
{
    public Expression ParseUnary(bool withFilters = true)
    {
        reader.Enter();
        var offset = reader.Current.Offset;
        Expression value;
        if (reader.SkipOperator("-"))
            value = new Expression.Negate(ParseUnary(withFilters: false)) { Offset = offset };
        else if (reader.SkipOperator("+"))
            value = new Expression.Plus(ParseUnary(withFilters: false)) { Offset = offset };
        else
            value = ParsePrimary();
        value = ParsePostfix(value);
        if (withFilters)
            value = ParseFiltersAndTests(value);
        reader.Leave();
        return value;
    }

    public Expression ParsePrimary()
    {
        var token = reader.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                reader.Next();
                return ParseName(token);
            case TokenKind.Text:
                return new Expression.Constant(ParseText()) { Offset = token.Offset };
            case TokenKind.Int or TokenKind.Float:
                reader.Next();
                return new Expression.Constant(ParseNumber(token)) { Offset = token.Offset };
            case TokenKind.Operator when token.Text is "(":
                return ParseParentheses();
            case TokenKind.Operator when token.Text is "[":
                return ParseList();
            case TokenKind.Operator when token.Text is "{":
                return ParseMap();
            default:
                throw reader.Unexpected("an expression");
        }
    }

    public Expression ParsePostfix(Expression value)
    {
        while (true)
        {
            if (reader.Current.IsOperator("."))
                value = ParseAttribute(value);
            else if (reader.Current.IsOperator("["))
                value = ParseItem(value);
            else if (reader.Current.IsOperator("("))
                value = new Expression.Call(value, ParseArguments()) { Offset = value.Offset };
            else
                return value;
        }
    }

    public FilterCall[] ParseFilters(bool startsInline)
    {
        var filters = new List<FilterCall>();
        if (startsInline)
            filters.Add(ParseFilter());
        while (reader.SkipOperator("|"))
            filters.Add(ParseFilter());
        return [.. filters];
    }

    private Expression ParseName(Token token)
    {
        reader.Used.Add(token.Text);
        TemplateValue? constant = token.Text switch
        {
            "true" or "True" => TemplateValue.Bool.True,
            "false" or "False" => TemplateValue.Bool.False,
            "none" or "None" => TemplateValue.None.Value,
            _ => null,
        };
        return constant is null
            ? new Expression.Name(token.Text) { Offset = token.Offset }
            : new Expression.Constant(constant) { Offset = token.Offset };
    }

    /// <summary>Texts side by side are one text.</summary>
    private TemplateValue.Text ParseText()
    {
        var first = reader.Next().Text;
        if (reader.Current.Kind != TokenKind.Text)
            return new TemplateValue.Text(first);
        var whole = new StringBuilder(first);
        while (reader.Current.Kind == TokenKind.Text)
            whole.Append(reader.Next().Text);
        return new TemplateValue.Text(whole.ToString());
    }

    private TemplateValue ParseNumber(Token token)
    {
        var text = token.Text.Replace("_", "", StringComparison.Ordinal);
        if (token.Kind == TokenKind.Float)
            return new TemplateValue.Float(double.Parse(text, CultureInfo.InvariantCulture));
        return PythonNumbers.ParseInt(text, 0) is { } whole
            ? TemplateValue.Int.Of(whole)
            : throw reader.Fail($"The number {token.Text} is not one, or is too large.");
    }

    private Expression ParseParentheses()
    {
        var offset = reader.Next().Offset;
        if (reader.SkipOperator(")"))
            return new Expression.ListLiteral([], IsTuple: true) { Offset = offset };
        var value = parseTuple();
        reader.ExpectOperator(")");
        return value;
    }

    private Expression.ListLiteral ParseList()
    {
        var offset = reader.Next().Offset;
        var items = new List<Expression>();
        while (!reader.Current.IsOperator("]"))
        {
            items.Add(parse());
            if (!reader.SkipOperator(","))
                break;
        }
        reader.ExpectOperator("]");
        return new Expression.ListLiteral([.. items], IsTuple: false) { Offset = offset };
    }

    private Expression.MapLiteral ParseMap()
    {
        var offset = reader.Next().Offset;
        var entries = new List<KeyValuePair<Expression, Expression>>();
        while (!reader.Current.IsOperator("}"))
        {
            var key = parse();
            reader.ExpectOperator(":");
            entries.Add(new(key, parse()));
            if (!reader.SkipOperator(","))
                break;
        }
        reader.ExpectOperator("}");
        return new Expression.MapLiteral([.. entries]) { Offset = offset };
    }

    private Expression ParseAttribute(Expression target)
    {
        reader.Next();
        var offset = reader.Current.Offset;
        if (reader.Current.Kind == TokenKind.Int)
            return new Expression.Item(target, new Expression.Constant(ParseNumber(reader.Next())) { Offset = offset }) { Offset = offset };
        return new Expression.Attribute(target, reader.ExpectIdentifier()) { Offset = offset };
    }

    private Expression ParseItem(Expression target)
    {
        var offset = reader.Next().Offset;
        var first = reader.Current.IsOperator(":") ? null : parseTuple();
        Expression? result = null;
        if (reader.SkipOperator(":"))
        {
            var stop = ParseSlicePart();
            var step = reader.SkipOperator(":") ? ParseSlicePart() : null;
            var isFolded = Array.TrueForAll([target, first, stop, step], part => part is null || Constants.Are(part));
            result = new Expression.Slice(target, first, stop, step) { Offset = offset, IsFolded = isFolded };
        }
        reader.ExpectOperator("]");
        return result ?? new Expression.Item(target, first!) { Offset = offset };
    }

    private Expression? ParseSlicePart() =>
        reader.Current.IsOperator(":") || reader.Current.IsOperator("]") ? null : parse();

    private ArgumentList ParseArguments()
    {
        reader.ExpectOperator("(");
        var positional = new List<Expression>();
        var named = new List<KeyValuePair<string, Expression>>();
        Expression? several = null;
        Expression? severalNamed = null;
        while (!reader.Current.IsOperator(")"))
        {
            if (severalNamed is not null)
                throw reader.Fail("Nothing follows '**' and its map.");
            if (several is null && reader.SkipOperator("*"))
                several = parse();
            else if (reader.SkipOperator("**"))
                severalNamed = parse();
            else if (reader.Current.Kind == TokenKind.Name && reader.Ahead.IsOperator("="))
                named.Add(ParseNamed(named));
            else if (named.Count > 0 || several is not null)
                throw reader.Fail("An argument by place follows one by name.");
            else
                positional.Add(parse());
            if (!reader.SkipOperator(","))
                break;
        }
        reader.ExpectOperator(")");
        return new ArgumentList([.. positional], [.. named]) { Several = several, SeveralNamed = severalNamed };
    }

    private KeyValuePair<string, Expression> ParseNamed(List<KeyValuePair<string, Expression>> earlier)
    {
        var name = reader.Next().Text;
        if (earlier.Exists(pair => string.Equals(pair.Key, name, StringComparison.Ordinal)))
            throw reader.Fail($"The argument '{name}' is given twice.");
        reader.Next();
        return new(name, parse());
    }

    private Expression ParseFiltersAndTests(Expression value)
    {
        while (true)
        {
            if (reader.SkipOperator("|"))
                value = new Expression.Filter(value, ParseFilter()) { Offset = value.Offset };
            else if (reader.SkipName("is"))
                value = ParseTest(value);
            else if (reader.Current.IsOperator("("))
                value = new Expression.Call(value, ParseArguments()) { Offset = value.Offset };
            else
                return value;
        }
    }

    private FilterCall ParseFilter()
    {
        var offset = reader.Current.Offset;
        var name = ParseDottedName();
        var arguments = reader.Current.IsOperator("(") ? ParseArguments() : ArgumentList.Empty;
        var known = Library.FindFilter(name);
        if (known is null)
            reader.NoteUnknown($"filter '{name}'", offset);
        return new FilterCall(name, known, arguments, offset);
    }

    private string ParseDottedName()
    {
        var name = reader.ExpectIdentifier();
        while (reader.SkipOperator("."))
            name += "." + reader.ExpectIdentifier();
        return name;
    }

    private Expression.Test ParseTest(Expression value)
    {
        var offset = reader.Current.Offset;
        var negated = reader.SkipName("not");
        var name = ParseDottedName();
        var arguments = ArgumentList.Empty;
        if (reader.Current.IsOperator("("))
            arguments = ParseArguments();
        else if (StartsTestArgument(reader.Current))
            arguments = new ArgumentList([ParsePostfix(ParsePrimary())], []);
        else if (reader.Current.IsName("is"))
            throw reader.Fail("Tests cannot follow each other; put the first in parentheses.");
        var known = Library.FindTest(name);
        if (known is null)
            reader.NoteUnknown($"test '{name}'", offset);
        return new Expression.Test(value, name, known, arguments, negated) { Offset = offset };
    }

    private static bool StartsTestArgument(Token token) => token.Kind switch
    {
        TokenKind.Name => token.Text is not ("else" or "or" or "and" or "is" or "if"),
        TokenKind.Text or TokenKind.Int or TokenKind.Float => true,
        TokenKind.Operator => token.Text is "[" or "{" or "(",
        _ => false,
    };
}
