using System.Globalization;
using System.Text;

namespace Samovar.Protocol.Json;

/// <summary>
/// A JSON object that may stop anywhere, such as a call's arguments when a limit ends the answer: passes on what can still be closed, and
/// closes it.
/// </summary>
/// <remarks>
/// A key waits for its value, a number or word for its end, an escaped surrogate for its other half: cut there, nobody could say what they
/// would have become. The text of a value is passed on as it comes. A whole object is passed on unchanged but for what a careful reader
/// could not take: line breaks inside texts are escaped, half a surrogate pair is <c>\ufffd</c>, white space that JSON does not know is
/// left out. What is not JSON ends the object before it; what is not an object at all is the empty one.
/// </remarks>
/// <param name="depthMax">Levels that it may have; it ends before a value that has more.</param>
public sealed class CutObject(int depthMax = int.MaxValue)
{
    private enum Expect { Start, KeyOrEnd, Key, Colon, Value, ValueOrEnd, CommaOrEnd, Text, Escape, Unicode, Scalar, Over }

    private const int EscapeChars = 6;

    private readonly StringBuilder _passed = new();
    private readonly StringBuilder _held = new();
    private readonly Stack<char> _open = new();
    private Expect _expect = Expect.Start;
    private bool _hasBegun;
    private bool _inKey;
    private bool _isInText; // where what was passed on stops, the text of a value is open
    private int _hexLeft;
    private int _unicode;
    private bool _awaitsLowHalf;

    /// <summary>Whether the object ended where the text is broken, and not where the text stops: it may say something else.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The object in a text that may be cut off.</summary>
    public static string Close(string json, int depthMax = int.MaxValue)
    {
        var whole = new CutObject(depthMax);
        return whole.Add(json) + whole.End();
    }

    /// <summary>Reads on; returns what may be passed on of it and of what was held back before.</summary>
    public string Add(string json)
    {
        foreach (var one in json)
            if (_expect != Expect.Over) Read(one);
        var passed = _passed.ToString();
        _passed.Clear();
        return passed;
    }

    /// <summary>What closes the object where it stopped.</summary>
    public string End()
    {
        if (!_hasBegun) return "{}";
        _expect = Expect.Over;
        var close = new StringBuilder();
        if (_isInText) close.Append('"');
        foreach (var open in _open) close.Append(open == '{' ? '}' : ']');
        _open.Clear();
        _isInText = false;
        return close.ToString();
    }

    private void Read(char one)
    {
        if (_expect == Expect.Scalar && !IsOfScalar(one)) EndScalar();
        var isOk = _expect switch
        {
            Expect.Text => ReadText(one),
            Expect.Escape => ReadEscape(one),
            Expect.Unicode => ReadUnicode(one),
            Expect.Scalar => Hold(one),
            Expect.Over => false,
            _ => one is ' ' or '\t' or '\r' or '\n' ? Hold(one) : char.IsWhiteSpace(one) || ReadSign(one),
        };
        if (isOk) return;
        IsBroken = true;
        _expect = Expect.Over;
    }

    private bool ReadSign(char one)
    {
        switch (_expect, one)
        {
            case (Expect.Start or Expect.Value or Expect.ValueOrEnd, '{'): return OpenWith(one, Expect.KeyOrEnd);
            case (Expect.Value or Expect.ValueOrEnd, '['): return OpenWith(one, Expect.ValueOrEnd);
            case (Expect.KeyOrEnd or Expect.CommaOrEnd, '}') when _open.Peek() == '{': return Shut(one);
            case (Expect.ValueOrEnd or Expect.CommaOrEnd, ']') when _open.Peek() == '[': return Shut(one);
            case (Expect.CommaOrEnd, ','): return Hold(one, _open.Peek() == '{' ? Expect.Key : Expect.Value);
            case (Expect.Colon, ':'): return Hold(one, Expect.Value);
            case (Expect.KeyOrEnd or Expect.Key, '"'): return _inKey = Hold(one, Expect.Text);
            case (Expect.Value or Expect.ValueOrEnd, '"'):
                _inKey = false;
                Hold(one, Expect.Text);
                return PassOn(inText: true);
            case (Expect.Value or Expect.ValueOrEnd, _) when one == '-' || char.IsAsciiLetterOrDigit(one): return Hold(one, Expect.Scalar);
            default: return false;
        }
    }

    private bool OpenWith(char one, Expect next)
    {
        if (_open.Count == depthMax) return false;
        _open.Push(one);
        _hasBegun = true;
        Hold(one, next);
        return PassOn(inText: false);
    }

    private bool Shut(char one)
    {
        _open.Pop();
        Hold(one, _open.Count == 0 ? Expect.Over : Expect.CommaOrEnd);
        return PassOn(inText: false);
    }

    private bool ReadText(char one)
    {
        if (one == '\\') return Hold(one, Expect.Escape);
        if (_awaitsLowHalf) MendHalf(behind: 0);
        if (one < ' ') _held.Append(CultureInfo.InvariantCulture, $"\\u{(int)one:x4}");
        else Hold(one);
        if (one == '"') _expect = _inKey ? Expect.Colon : Expect.CommaOrEnd;
        return _inKey || char.IsHighSurrogate(one) || PassOn(inText: one != '"');
    }

    private bool ReadEscape(char one)
    {
        if (one == 'u')
        {
            (_hexLeft, _unicode) = (4, 0);
            return Hold(one, Expect.Unicode);
        }
        if (!"\"\\/bfnrt".Contains(one)) return false;
        if (_awaitsLowHalf) MendHalf(behind: 1);
        Hold(one, Expect.Text);
        return _inKey || PassOn(inText: true);
    }

    private bool ReadUnicode(char one)
    {
        if (!char.IsAsciiHexDigit(one)) return false;
        Hold(one);
        _unicode = _unicode * 16 + Convert.ToInt32(one.ToString(), 16);
        if (--_hexLeft > 0) return true;
        var half = (char)_unicode;
        var isPair = _awaitsLowHalf && char.IsLowSurrogate(half);
        if (_awaitsLowHalf && !isPair) MendHalf(behind: EscapeChars);
        if (char.IsLowSurrogate(half) && !isPair) MendHalf(behind: 0);
        _awaitsLowHalf = char.IsHighSurrogate(half);
        _expect = Expect.Text;
        return _inKey || _awaitsLowHalf || PassOn(inText: true);
    }

    /// <summary>The escape that turned out to have no other half stands for a sign that could not be read.</summary>
    /// <param name="behind">Characters that are held behind it.</param>
    private void MendHalf(int behind)
    {
        var end = _held.Length - behind;
        _held.Remove(end - 4, 4).Insert(end - 4, "fffd");
        _awaitsLowHalf = false;
        if (_inKey) return;
        _passed.Append(_held, 0, end);
        _held.Remove(0, end);
    }

    private static bool IsOfScalar(char one) => char.IsAsciiLetterOrDigit(one) || one is '+' or '-' or '.';

    /// <summary>A number or word is held from its first character on, behind its comma or key.</summary>
    private void EndScalar()
    {
        var from = _held.Length;
        while (from > 0 && IsOfScalar(_held[from - 1])) from--;
        IsBroken = !IsScalar(_held.ToString(from, _held.Length - from));
        _expect = IsBroken ? Expect.Over : Expect.CommaOrEnd;
        if (!IsBroken) PassOn(inText: false);
    }

    /// <summary>Whether it is a number, or one of the words of JSON.</summary>
    internal static bool IsScalar(string written)
    {
        if (written is "true" or "false" or "null") return true;
        var digits = written.AsSpan(written[0] == '-' ? 1 : 0);
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[0]) || !char.IsAsciiDigit(digits[^1])) return false;
        if (digits.Length > 1 && digits[0] == '0' && char.IsAsciiDigit(digits[1])) return false;
        var point = digits.IndexOf('.');
        if (point >= 0 && !char.IsAsciiDigit(digits[point + 1])) return false; // 1.e5
        return double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }

    private bool Hold(char one)
    {
        _held.Append(one);
        return true;
    }

    private bool Hold(char one, Expect next)
    {
        _expect = next;
        return Hold(one);
    }

    private bool PassOn(bool inText)
    {
        _passed.Append(_held);
        _held.Clear();
        _isInText = inText;
        return true;
    }
}
