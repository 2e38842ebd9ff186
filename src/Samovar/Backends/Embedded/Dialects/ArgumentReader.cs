using System.Text;
using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>
/// Reads a call's arguments: an object is passed on as it is written, a text that holds an object is opened first, <c>null</c> is no
/// arguments. What no reader of JSON takes, though models write it, is written as JSON has it.
/// </summary>
internal sealed class ArgumentReader
{
    private readonly MendedJson _json = new();
    private readonly StringBuilder _held = new();
    private bool _hasBegun;
    private bool _streams;

    /// <summary>The characters read so far that were not passed on.</summary>
    public string Held => _held.ToString();

    /// <summary>Whether an object has begun: from here on everything is passed on.</summary>
    public bool Streams => _streams;

    /// <param name="one">The next character.</param>
    /// <param name="passOn">Where written arguments go; only used once <see cref="Streams"/>.</param>
    public JsonProgress Feed(char one, StringBuilder passOn)
    {
        if (!_hasBegun && char.IsWhiteSpace(one)) return JsonProgress.Inside;
        _streams |= !_hasBegun && one == '{';
        _hasBegun = true;
        return _json.Feed(one, _streams ? passOn : _held);
    }

    /// <summary>The arguments of a value that is not an object: null when it cannot be arguments.</summary>
    public string? Whole()
    {
        if (_held.ToString() is "null") return "{}";
        if (_held.Length == 0 || _held[0] != '"') return null;
        if (!JsonInput.TryParse(_held.ToString(), out var text) || text.AsText() is not { } inner) return null;
        return JsonInput.TryParse(inner, out var value) && value.IsObject ? inner : null;
    }
}
