using Samovar.Templates.Values;

namespace Samovar.Templates.Syntax;

/// <summary>Splits the inside of one tag into names, literals and operators.</summary>
internal sealed class TagLexer(string source, int from, bool isBlock)
{
    private static readonly string[] LongOperators = ["//", "**", "==", "!=", ">=", "<="];

    private int _at = from;
    private int _open; // brackets: inside them "}}" are two of them

    /// <summary>Where a tag ended: at <c>Offset</c>, with the text going on at <c>After</c>.</summary>
    public readonly record struct TagEnd(int Offset, int After, char Sign);

    public TagEnd ReadInto(List<Token> tokens)
    {
        while (true)
        {
            while (_at < source.Length && PythonChars.IsSpace(source[_at]))
                _at++;
            if (_at >= source.Length)
                throw new TemplateException("The tag has no end.").At(source, _at);
            if (_open == 0 && FindEnd() is { } end)
                return end;
            tokens.Add(ReadToken(afterDot: tokens.Count > 0 && tokens[^1].IsOperator(".")));
        }
    }

    private TagEnd? FindEnd()
    {
        var sign = source[_at] == '-' || (isBlock && source[_at] == '+') ? source[_at] : '\0';
        var at = sign == '\0' ? _at : _at + 1;
        return source.AsSpan(at).StartsWith(isBlock ? "%}" : "}}", StringComparison.Ordinal) ? new TagEnd(_at, at + 2, sign) : null;
    }

    private Token ReadToken(bool afterDot)
    {
        var first = source[_at];
        if (char.IsLetter(first) || first == '_')
            return Take(TokenKind.Name, Run(_at, one => char.IsLetterOrDigit(one) || one == '_'));
        if (char.IsAsciiDigit(first))
            return ReadNumber(afterDot);
        if (first is '"' or '\'')
            return ReadText(first);
        return ReadOperator(first);
    }

    private int Run(int at, Func<char, bool> belongs)
    {
        while (at < source.Length && belongs(source[at]))
            at++;
        return at;
    }

    private Token Take(TokenKind kind, int end)
    {
        var token = new Token(kind, source[_at..end], _at);
        _at = end;
        return token;
    }

    private Token ReadNumber(bool afterDot)
    {
        if (source[_at] == '0' && _at + 1 < source.Length && source[_at + 1] is 'x' or 'X' or 'o' or 'O' or 'b' or 'B')
            return Take(TokenKind.Int, Run(_at + 2, one => char.IsAsciiHexDigit(one) || one == '_'));
        var end = Digits(_at);
        var kind = TokenKind.Int;
        if (!afterDot && IsDigit(end + 1) && source[end] == '.')
        {
            end = Digits(end + 1);
            kind = TokenKind.Float;
        }
        if (!afterDot && end < source.Length && source[end] is 'e' or 'E')
        {
            var digits = end + 1 < source.Length && source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (IsDigit(digits))
                (end, kind) = (Digits(digits), TokenKind.Float);
        }
        return Take(kind, end);
    }

    private bool IsDigit(int at) => at < source.Length && char.IsAsciiDigit(source[at]);

    private int Digits(int at) => Run(at, one => char.IsAsciiDigit(one) || one == '_');

    private Token ReadText(char quote)
    {
        var begin = _at;
        for (var at = _at + 1; at < source.Length; at++)
        {
            if (source[at] == '\\')
                at++;
            else if (source[at] == quote)
            {
                _at = at + 1;
                return new Token(TokenKind.Text, StringLiterals.Unescape(source.AsSpan(begin + 1, at - begin - 1)), begin);
            }
        }
        throw new TemplateException("The text has no closing quote.").At(source, begin);
    }

    private Token ReadOperator(char first)
    {
        foreach (var two in LongOperators)
        {
            if (source.AsSpan(_at).StartsWith(two, StringComparison.Ordinal))
                return Take(TokenKind.Operator, _at + 2);
        }
        if (!"+-*/%~[](){}=<>.:|,".Contains(first))
            throw new TemplateException($"The character '{first}' is not expected here.").At(source, _at);
        if (first is '(' or '[' or '{')
            _open++;
        else if (first is ')' or ']' or '}' && --_open < 0)
            throw new TemplateException($"The '{first}' closes nothing.").At(source, _at);
        return Take(TokenKind.Operator, _at + 1);
    }
}
