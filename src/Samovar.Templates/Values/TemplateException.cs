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

    public override string Message => Line == 0 ? Reason : $"{Reason} (line {Line}, column {Column})";

    /// <summary>The same fault with its place in <paramref name="source"/>.</summary>
    public TemplateException At(string source, int offset)
    {
        var before = source.AsSpan(0, Math.Clamp(offset, 0, source.Length));
        var column = before.Length - before.LastIndexOf('\n');
        return new TemplateException(Reason, RaisedByTemplate) { Line = before.Count('\n') + 1, Column = column };
    }
}
