using System.Globalization;
using System.Text;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tools;

/// <summary>
/// A JSON object as a model without a grammar writes it, passed on as JSON wherever it is beyond doubt what was meant: a backslash that
/// escapes nothing is one of the text, line breaks inside a text are escaped, Python's and JavaScript's words become JSON's, a comma too
/// many is left out.
/// </summary>
/// <remarks>
/// What is still open to doubt is held back: an escape until its last character, a word or number until its end, a comma until something
/// follows it. Anything else that is not JSON breaks the object: a guess would be another call than the model made.
/// </remarks>
internal sealed class MendedObject
{
    private enum Expect
    {
        Start, KeyOrEnd, NextKey, Colon, Value, ValueOrEnd, NextValue, CommaOrEnd, Text, Escape, Unicode, Word, Whole, Broken,
    }

    private const int HexDigits = 4;
    private readonly StringBuilder _passed = new();
    private readonly StringBuilder _held = new(); // a comma and the white space behind it, the digits of an escape, a word
    private readonly Stack<char> _open = new();
    private Expect _expect = Expect.Start;
    private bool _isInKey;

    /// <summary>Whether the object has ended.</summary>
    public bool IsWhole => _expect == Expect.Whole;

    /// <summary>Whether it holds what nobody can read: nothing more is passed on.</summary>
    public bool IsBroken => _expect == Expect.Broken;

    /// <summary>The object that is all of a text; null where the text is something else, or more than that.</summary>
    public static string? Of(ReadOnlySpan<char> text)
    {
        var mended = new MendedObject();
        foreach (var one in text)
        {
            if (mended.IsWhole || mended.IsBroken) return null;
            mended.Read(one);
        }
        return mended.IsWhole ? mended.Take() : null;
    }

    /// <summary>What may be passed on since it was last asked for.</summary>
    public string Take()
    {
        var passed = _passed.ToString();
        _passed.Clear();
        return passed;
    }

    public void Read(char one)
    {
        if (_expect == Expect.Word && !IsOfWord(one)) EndWord();
        switch (_expect)
        {
            case Expect.Whole or Expect.Broken: break;
            case Expect.Text: ReadText(one); break;
            case Expect.Escape: ReadEscape(one); break;
            case Expect.Unicode: ReadUnicode(one); break;
            case Expect.Word: _held.Append(one); break;
            default:
                if (!char.IsWhiteSpace(one)) ReadSign(one);
                else if (one is ' ' or '\t' or '\r' or '\n') (_held.Length > 0 ? _held : _passed).Append(one); // JSON knows no other
                break;
        }
    }

    private void ReadSign(char one)
    {
        switch (_expect, one)
        {
            case (Expect.Start or Expect.Value or Expect.ValueOrEnd or Expect.NextValue, '{'): Open(one, Expect.KeyOrEnd); break;
            case (Expect.Value or Expect.ValueOrEnd or Expect.NextValue, '['): Open(one, Expect.ValueOrEnd); break;
            case (Expect.KeyOrEnd or Expect.NextKey or Expect.CommaOrEnd, '}') when _open.Peek() == '{': Shut(one); break;
            case (Expect.ValueOrEnd or Expect.NextValue or Expect.CommaOrEnd, ']') when _open.Peek() == '[': Shut(one); break;
            case (Expect.CommaOrEnd, ','):
                _held.Append(one);
                _expect = _open.Peek() == '{' ? Expect.NextKey : Expect.NextValue;
                break;
            case (Expect.NextKey, ','): break; // in a list something could be missing between two
            case (Expect.Colon, ':'): Pass(one, Expect.Value); break;
            case (Expect.KeyOrEnd or Expect.NextKey, '"'): Begin(one, isKey: true); break;
            case (Expect.Value or Expect.ValueOrEnd or Expect.NextValue, '"'): Begin(one, isKey: false); break;
            case (Expect.Value or Expect.ValueOrEnd or Expect.NextValue, _) when IsOfWord(one):
                PassHeld();
                _held.Append(one);
                _expect = Expect.Word;
                break;
            default: Break(); break;
        }
    }

    private void Begin(char quote, bool isKey)
    {
        PassHeld();
        _isInKey = isKey;
        Pass(quote, Expect.Text);
    }

    private void Open(char one, Expect next)
    {
        PassHeld();
        _open.Push(one);
        Pass(one, next);
    }

    private void Shut(char one)
    {
        _held.Clear(); // a comma too many
        _open.Pop();
        Pass(one, _open.Count == 0 ? Expect.Whole : Expect.CommaOrEnd);
    }

    private void ReadText(char one)
    {
        if (one == '\\') _expect = Expect.Escape;
        else if (one == '"') Pass(one, _isInKey ? Expect.Colon : Expect.CommaOrEnd);
        else if (one < ' ') _passed.Append(CultureInfo.InvariantCulture, $"\\u{(int)one:x4}");
        else _passed.Append(one);
    }

    private void ReadEscape(char one)
    {
        _expect = Expect.Text;
        if (one == 'u') _expect = Expect.Unicode;
        else if ("\"\\/bfnrt".Contains(one, StringComparison.Ordinal)) _passed.Append('\\').Append(one);
        else if (one == '\'') _passed.Append(one);
        else
        {
            _passed.Append(@"\\");
            ReadText(one);
        }
    }

    private void ReadUnicode(char one)
    {
        var isDigit = char.IsAsciiHexDigit(one);
        if (isDigit) _held.Append(one);
        if (isDigit && _held.Length < HexDigits) return;
        _passed.Append(isDigit ? @"\u" : @"\\u");
        PassHeld();
        _expect = Expect.Text;
        if (!isDigit) ReadText(one);
    }

    private static bool IsOfWord(char one) => char.IsAsciiLetterOrDigit(one) || one is '+' or '-' or '.';

    private void EndWord()
    {
        var word = _held.ToString();
        _held.Clear();
        var meant = word switch
        {
            "true" or "True" => "true",
            "false" or "False" => "false",
            "null" or "None" or "NaN" or "Infinity" or "-Infinity" or "undefined" => "null",
            _ => CutObject.IsScalar(word) ? word : null,
        };
        if (meant is null) Break();
        else Pass(meant, Expect.CommaOrEnd);
    }

    private void Break()
    {
        _held.Clear();
        _expect = Expect.Broken;
    }

    private void Pass(char one, Expect next)
    {
        _passed.Append(one);
        _expect = next;
    }

    private void Pass(string text, Expect next)
    {
        _passed.Append(text);
        _expect = next;
    }

    private void PassHeld()
    {
        _passed.Append(_held);
        _held.Clear();
    }
}
