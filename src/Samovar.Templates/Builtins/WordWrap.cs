using System.Text.RegularExpressions;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>The filter <c>wordwrap</c>: breaks each line of a text where Python's <c>textwrap</c> does.</summary>
internal sealed partial class WordWrap
{
    private const int UsualWidth = 79;

    private readonly RenderContext _context;
    private readonly int _width;
    private readonly bool _breaksLong;
    private readonly bool _breaksHyphens;

    private WordWrap(RenderContext context, CallArguments arguments)
    {
        _context = context;
        _width = arguments.RequireInt(0, "width", UsualWidth);
        _breaksLong = arguments.IsTrue(1, "break_long_words", otherwise: true);
        _breaksHyphens = arguments.IsTrue(3, "break_on_hyphens", otherwise: true);
    }

    public static TemplateValue Filter(RenderContext context, TemplateValue input, CallArguments arguments)
    {
        if (input is not TemplateValue.Text text)
            throw new TemplateException($"Only a text has lines to break, not {PythonText.TypeName(input)}.");
        var wrap = new WordWrap(context, arguments);
        var between = arguments.FindText(2, "wrapstring") ?? "\n";
        var lines = TextSplits.Lines(text.Value).Select(line => string.Join(between, wrap.Lines(line)));
        return context.Made(string.Join(between, lines));
    }

    private List<string> Lines(string text)
    {
        if (_width <= 0)
            throw new TemplateException("The width of a line must be above zero.");
        var chunks = new Stack<string>((_breaksHyphens ? Hyphenated() : Plain()).Split(text).Where(chunk => chunk.Length > 0).Reverse());
        var lines = new List<string>();
        while (chunks.Count > 0)
        {
            _context.Meter.Step();
            if (lines.Count > 0 && IsSpace(chunks.Peek()))
                chunks.Pop();
            if (Line(chunks) is { Length: > 0 } line)
                lines.Add(line);
        }
        return lines;
    }

    private string Line(Stack<string> chunks)
    {
        var line = new List<string>();
        var length = 0;
        while (chunks.Count > 0 && length + CodePoints.Count(chunks.Peek()) <= _width)
        {
            length += CodePoints.Count(chunks.Peek());
            line.Add(chunks.Pop());
        }
        if (chunks.Count > 0 && CodePoints.Count(chunks.Peek()) > _width)
            BreakLong(chunks, line, _width - length);
        if (line.Count > 0 && IsSpace(line[^1]))
            line.RemoveAt(line.Count - 1);
        return string.Concat(line);
    }

    private void BreakLong(Stack<string> chunks, List<string> line, int left)
    {
        if (!_breaksLong)
        {
            if (line.Count == 0)
                line.Add(chunks.Pop());
            return;
        }
        var chunk = chunks.Pop();
        _context.Meter.ChargeChars(chunk.Length);
        var end = CodePoints.OffsetOf(chunk, left);
        if (_breaksHyphens && end > 0 && chunk.LastIndexOf('-', end - 1) is > 0 and var hyphen && chunk.AsSpan(0,
            hyphen).ContainsAnyExcept('-'))
            end = hyphen + 1;
        line.Add(chunk[..end]);
        chunks.Push(chunk[end..]);
    }

    private static bool IsSpace(string chunk) => PythonChars.Trim(chunk).IsEmpty;

    [GeneratedRegex(
        """
        (?<chunk> [\t\n\v\f\r\x20]+
        | (?<=[\w!"'&.,?]) -{2,} (?=\w)
        | [^\t\n\v\f\r\x20]+? (?:
            -(?: (?<=[^\d\W]{2}-) | (?<=[^\d\W]-[\w!"'&.,?]-))(?= [^\d\W] -? [^\d\W])
          | (?=[\t\n\v\f\r\x20]|\z)
          | (?<=[\w!"'&.,?]) (?=-{2,}\w)
          )
        )
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: RegexTime.MillisecondsMax)]
    private static partial Regex Hyphenated();

    [GeneratedRegex(@"(?<space>[\t\n\v\f\r ]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: RegexTime.MillisecondsMax)]
    private static partial Regex Plain();
}
