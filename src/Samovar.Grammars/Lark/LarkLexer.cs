using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Lark;

internal enum LarkTokenKind
{
    Name,
    Text,
    Pattern,
    Number,
    Directive,
    Sign,
    LineEnd,
    End,
}

/// <summary>One piece of a Lark grammar's source; the flags of a text or pattern follow it.</summary>
internal readonly record struct LarkToken(LarkTokenKind Kind, string Text, string Flags, int Line)
{
    public bool Is(string sign) => Kind is LarkTokenKind.Sign or LarkTokenKind.Directive && string.Equals(Text, sign,
        StringComparison.Ordinal);
}

/// <summary>Splits a Lark grammar into tokens; comments are left out, and line ends that end nothing.</summary>
internal sealed class LarkLexer(string source, string path)
{
    private readonly List<LarkToken> _tokens = [];
    private int _at;
    private int _line = 1;
    private int _open;

    public List<LarkToken> Read()
    {
        while (_at < source.Length)
            ReadOne();
        Add(LarkTokenKind.LineEnd, "");
        Add(LarkTokenKind.End, "");
        return _tokens;
    }

    private void Add(LarkTokenKind kind, string text, string flags = "") => _tokens.Add(new LarkToken(kind, text, flags, _line));

    private void ReadOne()
    {
        var one = source[_at];
        switch (one)
        {
            case '\n':
                if (_open == 0)
                    Add(LarkTokenKind.LineEnd, "");
                _line++;
                _at++;
                break;
            case ' ' or '\t' or '\r' or '\f':
                _at++;
                break;
            case '#':
            case '/' when _at + 1 < source.Length && source[_at + 1] == '/':
                _at = source.IndexOf('\n', _at) is >= 0 and var end ? end : source.Length;
                break;
            case '/':
                ReadPattern();
                break;
            case '"':
                ReadText();
                break;
            default:
                ReadWord(one);
                break;
        }
    }

    private void ReadWord(char one)
    {
        if (char.IsAsciiLetter(one) || one == '_')
            Take(LarkTokenKind.Name, _at, next => char.IsAsciiLetterOrDigit(next) || next == '_');
        else if (char.IsAsciiDigit(one))
            Take(LarkTokenKind.Number, _at, char.IsAsciiDigit);
        else if (one == '%')
            Take(LarkTokenKind.Directive, _at + 1, char.IsAsciiLetter);
        else if (source.AsSpan(_at).StartsWith("->", StringComparison.Ordinal) || source.AsSpan(_at).StartsWith("..",
            StringComparison.Ordinal))
            Sign(source.Substring(_at, 2));
        else if (":|()[]{}*+?~!.,-".Contains(one))
            Sign(one.ToString());
        else
            throw LarkFaults.Invalid(path, _line, $"'{one}' is not expected.");
    }

    private void Sign(string text)
    {
        _open += text is "(" or "[" ? 1 : text is ")" or "]" ? -1 : 0;
        _open = Math.Max(0, _open);
        Add(LarkTokenKind.Sign, text);
        _at += text.Length;
    }

    private void Take(LarkTokenKind kind, int from, Func<char, bool> belongs)
    {
        var end = from;
        while (end < source.Length && belongs(source[end]))
            end++;
        Add(kind, source[_at..end]);
        _at = end;
    }

    private string ReadFlags()
    {
        var begin = _at;
        while (_at < source.Length && char.IsAsciiLetterLower(source[_at]))
            _at++;
        return source[begin.._at];
    }

    private void ReadPattern()
    {
        for (var at = _at + 1; at < source.Length && source[at] != '\n'; at++)
        {
            if (source[at] == '\\')
                at++;
            else if (source[at] == '/')
            {
                var expression = source[(_at + 1)..at].Replace("\\/", "/", StringComparison.Ordinal);
                _at = at + 1;
                Add(LarkTokenKind.Pattern, expression, ReadFlags());
                return;
            }
        }
        throw LarkFaults.Invalid(path, _line, "a regular expression has no end.");
    }

    private void ReadText()
    {
        for (var at = _at + 1; at < source.Length && source[at] != '\n'; at++)
        {
            if (source[at] == '\\')
                at++;
            else if (source[at] == '"')
            {
                var text = LarkEscapes.Resolve(source[(_at + 1)..at]) ?? throw LarkFaults.Invalid(path, _line,
                    "an escape in a text is not one.");
                _at = at + 1;
                Add(LarkTokenKind.Text, text, ReadFlags());
                return;
            }
        }
        throw LarkFaults.Invalid(path, _line, "a text has no end.");
    }
}
