using Samovar.Templates.Values;

namespace Samovar.Templates.Syntax;

/// <summary>Splits a template into text and tags, and takes away white space as the tags ask.</summary>
/// <remarks>By <c>-</c> and <c>+</c>, and as with trim_blocks and lstrip_blocks, which every runner of chat templates has on.</remarks>
internal sealed class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _at;
    private bool _atLineStart = true;

    private Lexer(string source) => _source = source;

    /// <param name="source">With <c>\n</c> as its only line end.</param>
    public static List<Token> Read(string source)
    {
        var lexer = new Lexer(source);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (_at < _source.Length)
        {
            var open = FindTag(_at);
            if (open < 0)
            {
                AddData(_source.AsSpan(_at), _at);
                break;
            }
            ReadTag(open);
        }
        _tokens.Add(new Token(TokenKind.End, "", _source.Length));
    }

    private int FindTag(int from)
    {
        for (var at = from; (at = _source.IndexOf('{', at)) >= 0 && at + 1 < _source.Length; at++)
        {
            if (_source[at + 1] is '{' or '%' or '#')
                return at;
        }
        return -1;
    }

    private void ReadTag(int open)
    {
        var kind = _source[open + 1];
        var sign = Sign(open + 2);
        AddDataBefore(open, sign, isBlock: kind != '{');
        _at = open + (sign == '\0' ? 2 : 3);
        switch (kind)
        {
            case '#': SkipComment(); break;
            case '%' when RawBodyStart() is { } body: ReadRaw(open, body); break;
            case '%': ReadInside(open, TokenKind.BlockBegin, TokenKind.BlockEnd); break;
            default: ReadInside(open, TokenKind.VariableBegin, TokenKind.VariableEnd); break;
        }
    }

    private char Sign(int at) => at < _source.Length && _source[at] is '-' or '+' ? _source[at] : '\0';

    private void AddDataBefore(int open, char sign, bool isBlock)
    {
        var text = _source.AsSpan(_at, open - _at);
        if (sign == '-')
            text = text.TrimEnd();
        else if (sign != '+' && isBlock)
            text = WithoutIndent(text);
        AddData(text, _at);
    }

    private ReadOnlySpan<char> WithoutIndent(ReadOnlySpan<char> text)
    {
        var line = text.LastIndexOf('\n') + 1;
        var startsLine = line > 0 || _atLineStart;
        return startsLine && text[line..].IsWhiteSpace() ? text[..line] : text;
    }

    private void AddData(ReadOnlySpan<char> text, int offset)
    {
        if (!text.IsEmpty)
            _tokens.Add(new Token(TokenKind.Data, text.ToString(), offset));
    }

    private void SkipComment()
    {
        var end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0 && _at == _source.Length)
            return; // with nothing in it
        if (end < 0)
            throw new TemplateException("The comment has no end.").At(_source, _at);
        var sign = end > _at ? Sign(end - 1) : '\0';
        _at = end + 2;
        AfterTag(sign, isBlock: true);
    }

    private int? RawBodyStart()
    {
        var at = SkipSpace(_at);
        if (!_source.AsSpan(at).StartsWith("raw", StringComparison.Ordinal))
            return null;
        at = SkipSpace(at + 3);
        var remaining = _source.AsSpan(at);
        if (remaining.StartsWith("-%}", StringComparison.Ordinal))
            return SkipSpace(at + 3);
        return remaining.StartsWith("%}", StringComparison.Ordinal) ? at + 2 : null;
    }

    private void ReadRaw(int open, int body)
    {
        _at = body;
        _atLineStart = false;
        for (var at = body; (at = _source.IndexOf("{%", at, StringComparison.Ordinal)) >= 0; at += 2)
        {
            var sign = Sign(at + 2);
            var name = SkipSpace(at + (sign == '\0' ? 2 : 3));
            if (!_source.AsSpan(name).StartsWith("endraw", StringComparison.Ordinal))
                continue;
            var end = SkipSpace(name + "endraw".Length);
            var endSign = Sign(end);
            if (!_source.AsSpan(end + (endSign == '\0' ? 0 : 1)).StartsWith("%}", StringComparison.Ordinal))
                continue;
            AddDataBefore(at, sign, isBlock: true);
            _at = end + (endSign == '\0' ? 2 : 3);
            AfterTag(endSign, isBlock: true);
            return;
        }
        throw new TemplateException("The raw block has no end.").At(_source, open);
    }

    private void ReadInside(int open, TokenKind begin, TokenKind end)
    {
        _tokens.Add(new Token(begin, "", open));
        var inside = new TagLexer(_source, _at, isBlock: end == TokenKind.BlockEnd);
        var close = inside.ReadInto(_tokens);
        _tokens.Add(new Token(end, "", close.Offset));
        _at = close.After;
        AfterTag(close.Sign, isBlock: end == TokenKind.BlockEnd);
    }

    /// <summary>Takes away what follows a tag: all white space after <c>-</c>, one line end after a block.</summary>
    private void AfterTag(char sign, bool isBlock)
    {
        _atLineStart = false;
        if (sign == '-')
            _at = SkipSpace(_at);
        else if (sign != '+' && isBlock && _at < _source.Length && _source[_at] == '\n')
        {
            _at++;
            _atLineStart = true;
        }
    }

    private int SkipSpace(int at)
    {
        while (at < _source.Length && PythonChars.IsSpace(_source[at]))
            at++;
        return at;
    }
}
