namespace Samovar.Templates.Values;

/// <summary>A template that cannot be parsed or rendered, or that refused its input by <c>raise_exception</c>.</summary>
internal sealed class TemplateException(string reason, bool raisedByTemplate = false) : Exception(reason)
{
    /// <summary>What is wrong, without the place.</summary>
    public string Reason { get; } = reason;

    /// <summary>Whether the template itself refused what it was given (such as roles out of order).</summary>
    public bool RaisedByTemplate { get; } = raisedByTemplate;

    /// <summary>One-based; zero while the place is not known.</summary>
    public int Line { get; private init; }

    public int Column { get; private init; }

    /// <summary>The tag it is in, cut short; empty while the place is not known.</summary>
    public string Construct { get; private init; } = "";

    public override string Message => Line == 0 ? Reason
        : Construct.Length == 0 ? $"{Reason} (line {Line}, column {Column})"
        : $"{Reason} (line {Line}, column {Column}: {Construct})";

    /// <summary>The same fault with its place in <paramref name="source"/>.</summary>
    public TemplateException At(string source, int offset)
    {
        var before = source.AsSpan(0, Math.Clamp(offset, 0, source.Length));
        var column = before.Length - before.LastIndexOf('\n');
        return new TemplateException(Reason, RaisedByTemplate) 
        {
            Line = before.Count('\n') + 1,
            Column = column,
            Construct = Tag(source, before.Length),
        };
    }

    private static string Tag(string source, int offset)
    {
        const int CharsMax = 80;
        var begin = source.Length == 0 ? -1 : source.LastIndexOf('{', Math.Min(offset + 1, source.Length - 1));
        while (begin > 0 && (begin + 1 >= source.Length || source[begin + 1] is not ('{' or '%' or '#')))
            begin = source.LastIndexOf('{', begin - 1);
        if (begin < 0 || begin + 1 >= source.Length || source[begin + 1] is not ('{' or '%' or '#'))
            return "";
        if (source[begin + 1] == '{' && begin > 0 && source[begin - 1] == '{')
            begin--;
        var close = source[begin + 1] switch { '{' => "}}", '%' => "%}", _ => "#}" };
        var end = source.IndexOf(close, Math.Clamp(offset, begin, source.Length), StringComparison.Ordinal);
        var tag = source[begin..(end < 0 ? source.Length : end + 2)].ReplaceLineEndings(" ");
        return tag.Length <= CharsMax ? tag : tag[..CharsMax] + "…";
    }
}
