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
/// Follows one JSON value character by character and says where it ends. What models write and JSON does not know is let through where
/// it is beyond doubt what was meant: line breaks and stray backslashes in texts, texts in single quotes, Python's words, a comma too
/// many. <see cref="MendedJson"/> writes it as JSON has it.
/// </summary>
internal sealed class JsonCursor
{
    private const int DepthMax = 256;
    private const string Escapes = "\"'\\/bfnrtu";

    private enum Expect { Value, ValueOrEnd, KeyOrEnd, Key, Colon, CommaOrEnd, Text, Escape, Unicode, Number, Word }

    private readonly Stack<char> _open = new();
    private Expect _expect = Expect.Value;
    private bool _inKey;
    private int _left;
    private string _word = "";

    /// <summary>What the newest text began with, and ends with.</summary>
    public char Quote { get; private set; }

    /// <summary>Whether the next character is inside a text.</summary>
    public bool InText => _expect is Expect.Text;

    /// <summary>Whether it stands behind a backslash.</summary>
    public bool InEscape => _expect is Expect.Escape;

    /// <summary>Whether it may be a digit of <c>\u0000</c>.</summary>
    public bool InUnicode => _expect is Expect.Unicode;

    /// <summary>Whether the last character was one of a number, or of what is written like one (<c>2024-01-15</c>), or of a word that
    /// only Python has.</summary>
    public bool InOddWord => _expect is Expect.Number || (_expect is Expect.Word && char.IsAsciiLetterUpper(_word[0]));

    public JsonProgress Feed(char one)
    {
        switch (_expect)
        {
            case Expect.Text: return InsideText(one);
            case Expect.Escape:
                _expect = one == 'u' ? Expect.Unicode : Expect.Text;
                _left = 4;
                return Quote == '"' || Escapes.Contains(one) ? JsonProgress.Inside : JsonProgress.Broken; // Python's own mean something
            case Expect.Unicode when char.IsAsciiHexDigit(one):
                if (--_left == 0) _expect = Expect.Text;
                return JsonProgress.Inside;
            case Expect.Unicode: return InsideText(one); // it was none
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
        _expect = one == '\\' ? Expect.Escape : Expect.Text;
        if (one == Quote)
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
        (Expect.KeyOrEnd or Expect.Key, '}') or (Expect.ValueOrEnd, ']') => Shut(one),
        (Expect.CommaOrEnd, '}' or ']') => Shut(one),
        (Expect.KeyOrEnd or Expect.Key, '"' or '\'') => Text(one, isKey: true),
        (Expect.Colon, ':') => Next(Expect.Value),
        (Expect.CommaOrEnd, ',') => Next(_open.Peek() == '{' ? Expect.Key : Expect.ValueOrEnd),
        (Expect.Value or Expect.ValueOrEnd, _) => BeginValue(one),
        _ => JsonProgress.Broken,
    };

    private JsonProgress BeginValue(char one)
    {
        switch (one)
        {
            case '"' or '\'': return Text(one, isKey: false);
            case '{' or '[' when _open.Count < DepthMax:
                _open.Push(one);
                return Next(one == '{' ? Expect.KeyOrEnd : Expect.ValueOrEnd);
            case 't': return Word("true");
            case 'f': return Word("false");
            case 'n': return Word("null");
            case 'T': return Word("True");
            case 'F': return Word("False");
            case 'N': return Word("None");
            default: return one == '-' || char.IsAsciiDigit(one) ? Next(Expect.Number) : JsonProgress.Broken;
        }
    }

    private JsonProgress Text(char quote, bool isKey)
    {
        (Quote, _inKey) = (quote, isKey);
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
