using System.Globalization;
using System.Text;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>
/// Reads a call's arguments: an object is passed on as it is written, a text that holds an object is opened first, <c>null</c> is no
/// arguments. What no reader of JSON takes, though models write it, is written as JSON has it.
/// </summary>
internal sealed class ArgumentReader
{
    private readonly JsonCursor _cursor = new();
    private readonly StringBuilder _held = new();
    private readonly StringBuilder _number = new(); // which may turn out to be none: a date, or digits behind a nought
    private bool _streams;

    /// <summary>The characters read so far that were not passed on.</summary>
    public string Held => _held.ToString();

    /// <summary>Whether an object has begun: from here on everything is passed on.</summary>
    public bool Streams => _streams;

    /// <param name="one">The next character.</param>
    /// <param name="passOn">Where written arguments go; only used once <see cref="Streams"/>.</param>
    public JsonProgress Feed(char one, StringBuilder passOn)
    {
        var inText = _cursor.InText;
        var progress = _cursor.Feed(one);
        if (!_streams && one == '{' && _held.Length == 0 && progress == JsonProgress.Inside) _streams = true;
        var to = _streams ? passOn : _held;
        if (_cursor.InNumber) _number.Append(one);
        else EndNumber(to);
        if (_cursor.InNumber || progress is JsonProgress.Broken or JsonProgress.EndedBefore) return progress;
        var isSpace = !inText && char.IsWhiteSpace(one);
        if (isSpace && !_streams && _held.Length == 0) return progress;
        if (inText && one < ' ') to.Append(CultureInfo.InvariantCulture, $"\\u{(int)one:x4}"); // a bare line break would be no JSON
        else to.Append(isSpace && !IsJsonSpace(one) ? ' ' : one);
        return progress;
    }

    private void EndNumber(StringBuilder to)
    {
        if (_number.Length == 0) return;
        var number = _number.ToString();
        to.Append(JsonInput.TryParse(number, out _) ? number : JsonEscapes.Quote(number));
        _number.Clear();
    }

    private static bool IsJsonSpace(char one) => one is ' ' or '\t' or '\r' or '\n';

    /// <summary>The arguments of a value that is not an object: null when it cannot be arguments.</summary>
    public string? Whole()
    {
        if (_held.ToString() is "null") return "{}";
        if (_held.Length == 0 || _held[0] != '"') return null;
        if (!JsonInput.TryParse(_held.ToString(), out var text) || text.AsText() is not { } inner) return null;
        return JsonInput.TryParse(inner, out var value) && value.IsObject ? inner : null;
    }
}
