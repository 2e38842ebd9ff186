using System.Buffers;
using System.Globalization;
using System.Text;

namespace Samovar.Escaping;

/// <summary>
/// Text that somebody else wrote (a client, an upstream, a model, a file), made fit for a log, a label or a terminal: nothing in it moves
/// the cursor, ends a line, turns the reading order round, cannot be seen, or passes for a field of its own.
/// </summary>
internal static class ForeignText
{
    private const char Masked = '␦';
    private const char NonJoiner = '\u200c', Joiner = '\u200d'; // Persian and emoji need them, and no terminal obeys them

    // What ends a value of a key=value line, or begins another one.
    private static readonly SearchValues<char> Delimiters = SearchValues.Create(" =\"\\");

    /// <summary>One line: what is unsafe stands as <c>\n</c>, <c>\u001b</c> or <c>\U000e0001</c>.</summary>
    public static string OneLine(string? text) => IsPlain(text) ? text ?? "" : Rewrite(text!, Escape, keepsLines: false);

    /// <summary>A value of a key=value line: as it is where nothing in it can be taken for a delimiter, else quoted and without
    /// <c>=</c>, so that a search for <c>tenant=bob</c> finds Bob's lines only.</summary>
    public static string? Value(string? text)
    {
        if (text is null) return null;
        if (text.Length > 0 && !text.AsSpan().ContainsAny(Delimiters) && IsPlain(text)) return text;
        var escaped = new StringBuilder(OneLine(text.Replace("\\", "\\\\", StringComparison.Ordinal)));
        return escaped.Replace("\"", "\\\"").Replace("=", "\\u003d").Insert(0, '"').Append('"').ToString();
    }

    /// <summary>Lines for a terminal: line feeds and tabs stay, what is unsafe is shown as one sign.</summary>
    public static string Screen(string? text) =>
        IsPlain(text) ? text ?? "" : Rewrite(text!, static (line, _) => line.Append(Masked), keepsLines: true);

    /// <summary>A cell of a screen: one line, in which one sign stands for what is unsafe.</summary>
    public static string Cell(string? text) =>
        IsPlain(text) ? text ?? "" : Rewrite(text!, static (line, _) => line.Append(Masked), keepsLines: false);

    private static bool IsPlain(string? text)
    {
        if (text is null || !text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return true;
        for (var remaining = text.AsSpan(); !remaining.IsEmpty;)
        {
            var status = Rune.DecodeFromUtf16(remaining, out var rune, out var length);
            if (status != OperationStatus.Done || IsUnsafe(rune)) return false;
            remaining = remaining[length..];
        }
        return true;
    }

    private static string Rewrite(string text, Action<StringBuilder, int> unsafePart, bool keepsLines)
    {
        var safe = new StringBuilder(text.Length + 16);
        for (var remaining = text.AsSpan(); !remaining.IsEmpty;)
        {
            var status = Rune.DecodeFromUtf16(remaining, out var rune, out var length);
            if (status != OperationStatus.Done) unsafePart(safe, remaining[0]); // half a surrogate pair
            else if (!IsUnsafe(rune) || keepsLines && rune.Value is '\n' or '\t' or NonJoiner or Joiner) safe.Append(remaining[..length]);
            else unsafePart(safe, rune.Value);
            remaining = remaining[length..];
        }
        return safe.ToString();
    }

    private static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static void Escape(StringBuilder line, int code) => _ = code switch
    {
        '\n' => line.Append("\\n"),
        '\r' => line.Append("\\r"),
        '\t' => line.Append("\\t"),
        > char.MaxValue => line.Append(CultureInfo.InvariantCulture, $"\\U{code:x8}"),
        _ => line.Append(CultureInfo.InvariantCulture, $"\\u{code:x4}"),
    };
}
