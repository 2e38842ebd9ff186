namespace Samovar.Backends.Embedded.Dialects;

/// <summary>What one more character means for a JSON value.</summary>
internal enum JsonProgress
{
    /// <summary>The value goes on.</summary>
    Inside,

    /// <summary>This character was its last.</summary>
    Ended,

    /// <summary>It ended before this character, which does not belong to it.</summary>
    EndedBefore,

    /// <summary>This is not JSON.</summary>
    Broken,
}

/// <summary>
/// Follows one JSON value character by character and says where it ends. Line breaks inside texts are let through: models write them.
/// </summary>
internal sealed class JsonCursor
{
    private const int DepthMax = 256;

    private enum Expect { Value, ValueOrEnd, KeyOrEnd, Key, Colon, CommaOrEnd, Text, Escape, Unicode, Number, Word }

    private readonly Stack<char> _open = new();
    private Expect _expect = Expect.Value;
    private bool _inKey;
    private int _left;
    private string _word = "";

    /// <summary>Whether the next character is inside a text.</summary>
    public bool InText => _expect is Expect.Text;

    /// <summary>Whether the last character was one of a number, or of what is written like one (<c>2024-01-15</c>).</summary>
    public bool InNumber => _expect is Expect.Number;

    public JsonProgress Feed(char one)
    {
        switch (_expect)
        {
            case Expect.Text: return InsideText(one);
            case Expect.Escape:
                _expect = one == 'u' ? Expect.Unicode : Expect.Text;
                _left = 4;
                return "\"\\/bfnrtu".Contains(one) ? JsonProgress.Inside : JsonProgress.Broken;
            case Expect.Unicode:
                if (--_left == 0) _expect = Expect.Text;
                return char.IsAsciiHexDigit(one) ? JsonProgress.Inside : JsonProgress.Broken;
            case Expect.Number when char.IsAsciiDigit(one) || "+-.eE".Contains(one): return JsonProgress.Inside;
            case Expect.Word when _left < _word.Length && _word[_left] == one:
                _left++;
                return JsonProgress.Inside;
            case Expect.Number: return Behind(one);
            case Expect.Word: return _left == _word.Length ? Behind(one) : JsonProgress.Broken;
            default: return char.IsWhiteSpace(one) ? JsonProgress.Inside : Sign(one);
        }
    }

    private JsonProgress InsideText(char one)
    {
        if (one == '\\') _expect = Expect.Escape;
        else if (one == '"')
        {
            if (!_inKey) return ValueEnded();
            _inKey = false;
            _expect = Expect.Colon;
        }
        return JsonProgress.Inside;
    }

    private JsonProgress Behind(char one)
    {
        if (_open.Count == 0) return JsonProgress.EndedBefore;
        _expect = Expect.CommaOrEnd;
        return Feed(one);
    }

    private JsonProgress ValueEnded()
    {
        _expect = Expect.CommaOrEnd;
        return _open.Count == 0 ? JsonProgress.Ended : JsonProgress.Inside;
    }

    private JsonProgress Sign(char one) => (_expect, one) switch
    {
        (Expect.KeyOrEnd, '}') or (Expect.ValueOrEnd, ']') => Shut(one),
        (Expect.CommaOrEnd, '}' or ']') => Shut(one),
        (Expect.KeyOrEnd or Expect.Key, '"') => Text(isKey: true),
        (Expect.Colon, ':') => Next(Expect.Value),
        (Expect.CommaOrEnd, ',') => Next(_open.Peek() == '{' ? Expect.Key : Expect.Value),
        (Expect.Value or Expect.ValueOrEnd, _) => BeginValue(one),
        _ => JsonProgress.Broken,
    };

    private JsonProgress BeginValue(char one)
    {
        switch (one)
        {
            case '"': return Text(isKey: false);
            case '{' or '[' when _open.Count < DepthMax:
                _open.Push(one);
                return Next(one == '{' ? Expect.KeyOrEnd : Expect.ValueOrEnd);
            case 't': return Word("true");
            case 'f': return Word("false");
            case 'n': return Word("null");
            default: return one == '-' || char.IsAsciiDigit(one) ? Next(Expect.Number) : JsonProgress.Broken;
        }
    }

    private JsonProgress Text(bool isKey)
    {
        _inKey = isKey;
        return Next(Expect.Text);
    }

    private JsonProgress Word(string word)
    {
        (_word, _left) = (word, 1);
        return Next(Expect.Word);
    }

    private JsonProgress Shut(char one)
    {
        if (!_open.TryPop(out var open) || (open == '{') != (one == '}')) return JsonProgress.Broken;
        return ValueEnded();
    }

    private JsonProgress Next(Expect expect)
    {
        _expect = expect;
        return JsonProgress.Inside;
    }
}
