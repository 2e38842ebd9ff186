using System.Buffers;
using Samovar.Templates.Values;

namespace Samovar.Templates.Builtins;

/// <summary>The methods that take a text apart.</summary>
internal static class TextSplits
{
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n\v\f\u001c\u001d\u001e\u0085\u2028\u2029");

    public static TemplateValue Split(RenderContext context, string self, CallArguments arguments)
    {
        var most = MostSplits(arguments);
        if (arguments.FindText(0, "sep") is { } separator)
            return Made(context, self, Parts(self, separator, most));
        var words = new List<string>();
        var remaining = PythonChars.TrimStart(self);
        while (!remaining.IsEmpty)
        {
            var end = words.Count == most ? -1 : IndexOfSpace(remaining);
            words.Add((end < 0 ? (words.Count == most ? remaining : PythonChars.TrimEnd(remaining)) : remaining[..end]).ToString());
            remaining = end < 0 ? [] : PythonChars.TrimStart(remaining[end..]);
        }
        return Made(context, self, words);
    }

    public static TemplateValue SplitFromEnd(RenderContext context, string self, CallArguments arguments)
    {
        var most = MostSplits(arguments);
        var separator = arguments.FindText(0, "sep");
        if (most == int.MaxValue)
            return Split(context, self, arguments);
        var parts = new List<string>();
        var remaining = self.AsSpan();
        while (parts.Count < most)
        {
            if (separator is null)
                remaining = PythonChars.TrimEnd(remaining);
            var at = separator is null ? LastIndexOfSpace(remaining) : remaining.LastIndexOf(Checked(separator));
            if (at < 0)
                break;
            parts.Add(remaining[(at + (separator?.Length ?? 1))..].ToString());
            remaining = remaining[..at];
        }
        if (separator is null)
            remaining = PythonChars.TrimEnd(remaining);
        if (separator is not null || !remaining.IsEmpty)
            parts.Add(remaining.ToString());
        parts.Reverse();
        return Made(context, self, parts);
    }

    public static TemplateValue SplitLines(RenderContext context, string self, CallArguments arguments) =>
        Made(context, self, Lines(self, arguments.IsTrue(0, "keepends")));

    public static TemplateValue Partition(RenderContext context, string self, CallArguments arguments)
    {
        var separator = Checked(arguments.RequireText(0, "sep"));
        var at = self.IndexOf(separator, StringComparison.Ordinal);
        return at < 0
            ? TemplateValue.List.Tuple(self, "", "")
            : TemplateValue.List.Tuple(self[..at], separator, context.Made(self[(at + separator.Length)..]));
    }

    public static TemplateValue PartitionFromEnd(RenderContext context, string self, CallArguments arguments)
    {
        var separator = Checked(arguments.RequireText(0, "sep"));
        var at = self.LastIndexOf(separator, StringComparison.Ordinal);
        return at < 0
            ? TemplateValue.List.Tuple("", "", self)
            : TemplateValue.List.Tuple(context.Made(self[..at]), separator, self[(at + separator.Length)..]);
    }

    /// <summary>The lines of a text; a line end at its end begins no other line.</summary>
    public static List<string> Lines(string text, bool keepEnds = false)
    {
        var lines = new List<string>();
        for (var begin = 0; begin < text.Length;)
        {
            var end = text.AsSpan(begin).IndexOfAny(LineEnds);
            if (end < 0)
            {
                lines.Add(text[begin..]);
                break;
            }
            end += begin;
            var next = text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
            lines.Add(text[begin..(keepEnds ? next : end)]);
            begin = next;
        }
        return lines;
    }

    private static string[] Parts(string self, string separator, int most) =>
        self.Split(Checked(separator), most == int.MaxValue ? int.MaxValue : most + 1, StringSplitOptions.None);

    private static string Checked(string separator) =>
        separator.Length > 0 ? separator : throw new TemplateException("A text cannot be split by an empty one.");

    private static int MostSplits(CallArguments arguments) =>
        arguments.FindInt(1, "maxsplit") is { } most and >= 0 ? most : int.MaxValue;

    private static int IndexOfSpace(ReadOnlySpan<char> text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (PythonChars.IsSpace(text[at]))
                return at;
        }
        return -1;
    }

    private static int LastIndexOfSpace(ReadOnlySpan<char> text)
    {
        for (var at = text.Length - 1; at >= 0; at--)
        {
            if (PythonChars.IsSpace(text[at]))
                return at;
        }
        return -1;
    }

    private static TemplateValue.List Made(RenderContext context, string self, IReadOnlyCollection<string> parts)
    {
        context.Meter.ChargeChars(self.Length);
        return context.Made(parts.Select(TemplateValue (part) => new TemplateValue.Text(part)).ToList());
    }
}
