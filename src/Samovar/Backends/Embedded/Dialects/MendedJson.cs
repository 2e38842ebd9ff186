using System.Globalization;
using System.Text;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Writes a JSON value as it is read, and as JSON has it what a <see cref="JsonCursor"/> lets through besides.</summary>
/// <remarks>
/// What is still open to doubt is held back: a comma until something follows it, an escape until its last character, a number until it
/// shows that it is one (a date is none, nor are digits behind a nought), Python's words.
/// </remarks>
internal sealed class MendedJson
{
    private const int HexDigits = 4;

    private readonly JsonCursor _cursor = new();
    private readonly StringBuilder _word = new();
    private readonly StringBuilder _comma = new(); // and the space behind it
    private readonly StringBuilder _digits = new(); // of an escape

    /// <summary>Reads on; where the value broke or ended before it, the character is not written.</summary>
    /// <param name="one">The next character.</param>
    /// <param name="to">Where it is written.</param>
    public JsonProgress Feed(char one, StringBuilder to)
    {
        var (inText, inEscape, inUnicode) = (_cursor.InText, _cursor.InEscape, _cursor.InUnicode);
        var progress = _cursor.Feed(one);
        var goesOn = progress is JsonProgress.Inside or JsonProgress.Ended;
        if (goesOn && !(inText || inEscape || inUnicode || char.IsWhiteSpace(one) || one == ',')) EndComma(isLast: one is '}' or ']', to);
        if (goesOn && _cursor.InOddWord) _word.Append(one);
        else EndWord(to);
        if (!goesOn || _cursor.InOddWord) return progress;
        if (inEscape) WriteEscape(one, to);
        else if (inUnicode) WriteDigit(one, to);
        else if (inText) WriteInText(one, to);
        else if (one == ',') _comma.Append(one);
        else if (char.IsWhiteSpace(one)) (_comma.Length > 0 ? _comma : to).Append(IsJsonSpace(one) ? one : ' ');
        else to.Append(one == '\'' ? '"' : one);
        return progress;
    }

    /// <summary>A comma before an end is left out.</summary>
    private void EndComma(bool isLast, StringBuilder to)
    {
        if (!isLast) to.Append(_comma);
        _comma.Clear();
    }

    private void EndWord(StringBuilder to)
    {
        if (_word.Length == 0) return;
        var word = _word.ToString();
        _word.Clear();
        to.Append(word switch
        {
            "True" => "true",
            "False" => "false",
            "None" => "null",
            _ when char.IsAsciiLetter(word[0]) => "", // it broke off
            _ => JsonInput.TryParse(word, out _) ? word : JsonEscapes.Quote(word),
        });
    }

    private void WriteInText(char one, StringBuilder to)
    {
        if (one == '\\') return; // what it escapes, if anything, comes next
        if (one == _cursor.Quote) to.Append('"');
        else if (one == '"') to.Append("\\\"");
        else if (one < ' ') to.Append(CultureInfo.InvariantCulture, $"\\u{(int)one:x4}"); // a bare line break would be no JSON
        else to.Append(one);
    }

    private static void WriteEscape(char one, StringBuilder to)
    {
        if (one == 'u') return;
        if ("\"\\/bfnrt".Contains(one, StringComparison.Ordinal)) to.Append('\\').Append(one);
        else if (one == '\'') to.Append(one);
        else if (one < ' ') to.Append(@"\\").Append(CultureInfo.InvariantCulture, $"\\u{(int)one:x4}");
        else to.Append(@"\\").Append(one); // the backslash is one of the text
    }

    private void WriteDigit(char one, StringBuilder to)
    {
        var isDigit = char.IsAsciiHexDigit(one);
        if (isDigit) _digits.Append(one);
        if (isDigit && _digits.Length < HexDigits) return;
        to.Append(isDigit ? @"\u" : @"\\u").Append(_digits);
        _digits.Clear();
        if (!isDigit) WriteInText(one, to);
    }

    private static bool IsJsonSpace(char one) => one is ' ' or '\t' or '\r' or '\n';
}
