using System.Globalization;
using System.Text;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tools;

/// <summary>
/// A call's arguments as they come from an upstream, passed on as one JSON object: nothing at all becomes the empty one, an object in a
/// string is taken out of it, line breaks inside a text are escaped, what follows the object is left out.
/// </summary>
internal sealed class CallArguments
{
    private enum State
    {
        /// <summary>Only white space so far.</summary>
        Nothing,

        /// <summary>An object that has nothing in it so far; it is held back, because many send <c>{}</c> before the real one.</summary>
        Opened,

        /// <summary>An object that ended empty.</summary>
        Empty,

        /// <summary>Inside the object: passed on as it comes.</summary>
        Object,

        /// <summary>The object has ended.</summary>
        Ended,

        /// <summary>Something else than an object: held back until its end.</summary>
        Other,
    }

    private readonly StringBuilder _held = new();
    private readonly StringBuilder _passed = new();
    private readonly StringBuilder _comma = new(); // with the white space behind it: left out before the end of an object or list
    private State _state;
    private int _depth;
    private bool _isInText;
    private bool _isEscaped;

    /// <summary>Whether the object has ended.</summary>
    public bool IsWhole => _state is State.Ended or State.Empty;

    /// <summary>Reads on; returns what may be passed on.</summary>
    public string Add(string text)
    {
        foreach (var one in text) Read(one);
        var passed = _passed.ToString();
        _passed.Clear();
        return passed;
    }

    /// <summary>What is still to be passed on when nothing more comes.</summary>
    /// <param name="isCut">A limit ended the answer here.</param>
    public string End(bool isCut)
    {
        var held = _held.ToString();
        switch (_state)
        {
            case State.Empty: return "{}";
            case State.Opened: return held;
            case State.Nothing or State.Other when !isCut:
                _state = State.Ended;
                return Unwrapped(held);
            default: return "";
        }
    }

    private void Read(char one)
    {
        switch (_state)
        {
            case State.Nothing or State.Empty when one == '{':
                _held.Clear().Append(one);
                _state = State.Opened;
                break;
            case State.Nothing when !char.IsWhiteSpace(one):
                _held.Append(one);
                _state = State.Other;
                break;
            case State.Opened when one == '}': _state = State.Empty; break;
            case State.Opened when char.IsWhiteSpace(one): _held.Append(one); break;
            case State.Opened when one != '"':
                _held.Append(one); // no JSON: {q: 1}
                _state = State.Other;
                break;
            case State.Opened:
                _passed.Append(_held);
                (_state, _depth) = (State.Object, 1);
                ReadInside(one);
                break;
            case State.Object: ReadInside(one); break;
            case State.Other: _held.Append(one); break;
        }
    }

    private void ReadInside(char one)
    {
        if (!_isInText && (one == ',' || _comma.Length > 0))
        {
            if (one == ',' || char.IsWhiteSpace(one))
            {
                _comma.Append(one);
                return;
            }
            if (one is not ('}' or ']')) _passed.Append(_comma); // else one too many
            _comma.Clear();
        }
        if (_isInText && one < ' ') _passed.Append(CultureInfo.InvariantCulture, $"\\u{(int)one:x4}");
        else _passed.Append(one);
        if (_isEscaped) _isEscaped = false;
        else if (_isInText) (_isEscaped, _isInText) = (one == '\\', one != '"');
        else if (one == '"') _isInText = true;
        else if (one is '{' or '[') _depth++;
        else if (one is '}' or ']' && --_depth == 0) _state = State.Ended;
    }

    /// <summary>The object that a JSON string, or a text around it, holds; the empty one for anything else.</summary>
    private static string Unwrapped(string held)
    {
        var (start, end) = (held.IndexOf('{', StringComparison.Ordinal), held.LastIndexOf('}'));
        if (held.TrimStart() is not ['"', ..])
            return start >= 0 && start < end && RawValues.IsObject(held[start..(end + 1)]) && !IsList(held) ? held[start..(end + 1)] : "{}";
        try
        {
            if (RawJson.Of(held.Trim()).AsText() is not { } inner) return "{}";
            var arguments = new CallArguments();
            var text = arguments.Add(inner);
            return arguments.IsWhole ? text + arguments.End(isCut: false) : "{}";
        }
        catch (System.Text.Json.JsonException)
        {
            return "{}";
        }
    }

    private static bool IsList(string held) => held.TrimStart() is ['[', ..];
}
