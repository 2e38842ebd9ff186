using System.Text;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tools;

/// <summary>
/// A call's arguments as they come from an upstream, passed on as one JSON object: nothing at all becomes the empty one, an object in a
/// string is taken out of it, slips of the pen are mended (<see cref="MendedObject"/>), what follows the object is left out. One that
/// cannot be mended never becomes whole: it would be another call than the model made.
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

        /// <summary>Inside the object: passed on as it comes, mended.</summary>
        Object,

        /// <summary>The object has ended.</summary>
        Ended,

        /// <summary>The object holds what is no JSON, and cannot be mended.</summary>
        Broken,

        /// <summary>Something else than an object: held back until its end.</summary>
        Other,
    }

    private readonly StringBuilder _held = new();
    private readonly MendedObject _object = new();
    private State _state;

    /// <summary>Whether the object has ended.</summary>
    public bool IsWhole => _state is State.Ended or State.Empty;

    /// <summary>Whether there is an object that nobody can read to its end.</summary>
    public bool IsBroken => _state == State.Broken;

    /// <summary>Reads on; returns what may be passed on.</summary>
    public string Add(string text)
    {
        foreach (var one in text) Read(one);
        return _object.Take();
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
                var found = Unwrapped(held);
                _state = found is null ? State.Broken : State.Ended;
                return found ?? "";
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
                _state = State.Object;
                foreach (var before in _held.ToString()) ReadInside(before);
                ReadInside(one);
                break;
            case State.Object: ReadInside(one); break;
            case State.Other: _held.Append(one); break;
        }
    }

    private void ReadInside(char one)
    {
        _object.Read(one);
        _state = _object.IsWhole ? State.Ended : _object.IsBroken ? State.Broken : State.Object;
    }

    /// <summary>
    /// The object that a JSON string, or a text around it, holds; the empty one for anything else. Null where a string holds a broken one.
    /// </summary>
    private static string? Unwrapped(string held)
    {
        var (start, end) = (held.IndexOf('{', StringComparison.Ordinal), held.LastIndexOf('}'));
        if (held.TrimStart() is not ['"', ..])
            return start >= 0 && start < end && !IsList(held) ? MendedObject.Of(held.AsSpan(start, end + 1 - start)) ?? "{}" : "{}";
        try
        {
            if (RawJson.Of(held.Trim()).AsText() is not { } inner) return "{}";
            var arguments = new CallArguments();
            var text = arguments.Add(inner);
            if (arguments.IsBroken) return null;
            return arguments.IsWhole ? text + arguments.End(isCut: false) : "{}";
        }
        catch (System.Text.Json.JsonException)
        {
            return "{}";
        }
    }

    private static bool IsList(string held) => held.TrimStart() is ['[', ..];
}
