using System.Text;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Reads arguments that stand between marks: <c>&lt;parameter=key&gt;value&lt;/parameter&gt;</c> and its kin.</summary>
/// <remarks>
/// A closing mark ends a value only where more of the call's frame follows it, or nothing: a file that is written may have such marks
/// itself. Of the frame's closings some may be left out, as models do. Values of texts are passed on as they come, others when they are
/// whole.
/// </remarks>
internal sealed class KeyedReader(IOutputSink sink, CallFormat format, ArgumentTypes types, int keyCharsMax) : IArgumentsReader
{

    private const int Openings = 4; // in the list of what may follow a closing mark

    private enum Place { Between, Key, ValueStart, Value }

    private readonly StringBuilder _out = new("{");
    private readonly StringBuilder _value = new();
    private readonly Dictionary<string, int> _keys = new(StringComparer.Ordinal); // and how often each came
    private Place _place = Place.Between;
    private string _key = "";
    private string _close = "";
    private string[] _closings = []; // the value's own, then those of calls
    private bool _isText;
    private bool _mayBeWrapped; // kept until its end shows
    private bool _isTyped;
    private bool _hasBegun;
    private int _looked; // of a key

    public int Looked => _place == Place.Key ? _looked : 0;

    private KeyedMarks Marks => format.Keyed;

    public (int Taken, CallProgress Progress) Read(ReadOnlySpan<char> text, bool isLast)
    {
        var taken = 0;
        var progress = CallProgress.More;
        while (progress == CallProgress.More)
        {
            var (step, next) = Step(text[taken..], isLast);
            taken += step;
            if (next is null) break;
            progress = next.Value;
        }
        if (progress == CallProgress.Done) _out.Append('}');
        Flush();
        if (progress != CallProgress.More) sink.EndCall(progress == CallProgress.Done);
        return (taken, progress);
    }

    public void Abandon()
    {
        Unwrap();
        if (_value.Length > 0 && Json() is var json && json[0] != '"') _out.Append(json); // a word that broke off is no value
        Flush();
        sink.EndCall(isWhole: false);
    }

    /// <summary>One step; null where more text has to come first.</summary>
    private (int Taken, CallProgress? Progress) Step(ReadOnlySpan<char> text, bool isLast) => _place switch
    {
        Place.Key => StepKey(text, isLast),
        Place.ValueStart => StepValueStart(text, isLast),
        Place.Value => StepValue(text, isLast),
        _ => StepBetween(text, isLast),
    };

    private (int Taken, CallProgress? Progress) StepBetween(ReadOnlySpan<char> text, bool isLast)
    {
        var space = text.Length - text.TrimStart().Length;
        if (space == text.Length) return isLast ? (space, CallProgress.Done) : (space, null);
        var (match, length, which) = MarkText.Longest(text[space..], [Marks.Open, format.CallClose, format.Close], isLast);
        if (match == MarkMatch.Open) return (0, null);
        if (match == MarkMatch.No || which > 0) return (0, CallProgress.Done);
        _place = Place.Key;
        return (space + length, CallProgress.More);
    }

    private (int Taken, CallProgress? Progress) StepKey(ReadOnlySpan<char> text, bool isLast)
    {
        var (match, at, length, _) = MarkText.Find(text[_looked..], [Marks.Between], isLast);
        at += _looked;
        if (match != MarkMatch.Yes || at > keyCharsMax)
        {
            _looked = at;
            return isLast || at > keyCharsMax ? (0, CallProgress.BrokenOff) : (0, null);
        }
        var taken = at + length;
        var word = "";
        if (Marks.BetweenEnd.Length > 0)
        {
            var (found, wordAt, wordLength, _) = MarkText.Find(text[taken..], [Marks.BetweenEnd], isLast);
            if (found != MarkMatch.Yes || wordAt > keyCharsMax)
            {
                _looked = at;
                return isLast || wordAt > keyCharsMax ? (0, CallProgress.BrokenOff) : (0, null);
            }
            word = text.Slice(taken, wordAt).ToString();
            taken += wordAt + wordLength;
        }
        BeginValue(text[..at].Trim().ToString(), word);
        return (taken, CallProgress.More);
    }

    private void BeginValue(string key, string word)
    {
        (_key, _place, _looked) = (key, Place.ValueStart, 0);
        _close = Marks.Close.Replace(KeyedMarks.KeyPlace.ToString(), key, StringComparison.Ordinal);
        _isTyped = Marks.TextWord.Length > 0;
        _isText = _isTyped ? string.Equals(word, Marks.TextWord, StringComparison.Ordinal) : types.IsText(key);
        if (_hasBegun) _out.Append(", ");
        _hasBegun = true;
        key = Once(key);
        _out.Append('"').AppendInText(key).Append("\": ");
        if (_isText) _out.Append('"');
    }

    /// <summary>An object has a key once, and nothing is lost.</summary>
    private string Once(string key)
    {
        var unique = key;
        for (var count = _keys.GetValueOrDefault(key); !_keys.TryAdd(unique, 1); count++)
        {
            _keys[key] = count + 1;
            unique = count < 3 ? key + new string('_', count) : $"{key}_{count}";
        }
        return unique;
    }

    private (int Taken, CallProgress? Progress) StepValueStart(ReadOnlySpan<char> text, bool isLast)
    {
        if (text.IsEmpty && !isLast) return (0, null);
        var line = Marks.OnLines && text.Length > 0 && text[0] == '\n' ? 1 : 0;
        var (match, length) = Marks.MayWrap ? MarkText.At(text[line..], KeyedMarks.WrapOpen, isLast) : (MarkMatch.No, 0);
        if (match == MarkMatch.Open) return (0, null);
        var isWrapped = match == MarkMatch.Yes && Marks.Wraps;
        _mayBeWrapped = match == MarkMatch.Yes && !Marks.Wraps;
        if (isWrapped) _close = KeyedMarks.WrapClose + "\n" + _close;
        _closings = [_close, .. format.Closings.Select(mark => MarkText.IsStrong(mark) ? mark : "")];
        _place = Place.Value;
        return (isWrapped ? line + length : line, CallProgress.More);
    }

    private (int Taken, CallProgress? Progress) StepValue(ReadOnlySpan<char> text, bool isLast)
    {
        for (var from = 0; ;)
        {
            var (match, at, length, which) = MarkText.Find(text[from..], _closings, isLast);
            at += from;
            if (match == MarkMatch.No) return isLast ? EndValue(text, text.Length) : Hold(text, text.Length);
            if (match == MarkMatch.Open) return Hold(text, at);
            var ends = Ends(text[(at + length)..], which, isLast);
            if (ends == MarkMatch.Open) return Hold(text, at);
            if (ends == MarkMatch.Yes) return EndValue(text[..at], which == 0 ? at + length : at);
            from = at + 1;
        }
    }

    /// <summary>Whether what follows a closing mark shows that it is one: the output's end, what opens an argument or a call, or enough
    /// of what closes calls.</summary>
    /// <param name="behind">What follows.</param>
    /// <param name="closed">How many of the format's closings the mark and those before it are; none for the value's own.</param>
    /// <param name="isLast">Whether nothing more comes.</param>
    private MarkMatch Ends(ReadOnlySpan<char> behind, int closed, bool isLast)
    {
        var hasClose = closed == 0;
        if (hasClose && format.CallClose.Length == 0 && !MarkText.BehindSpaces(behind).IsEmpty) return MarkMatch.Yes;
        var enough = hasClose ? format.CallClosings : format.CallClosings + 1; // of a call's closings the last, or one behind it
        var next = hasClose ? Marks.Open : "";
        while (MarkText.Spaces(behind) <= MarkText.SpacesMax)
        {
            behind = MarkText.BehindSpaces(behind);
            if (behind.IsEmpty) return isLast ? MarkMatch.Yes : MarkMatch.Open;
            string[] frame = [next, format.CallOpen, format.Alias, format.Open, .. format.Closings.Skip(closed)];
            var (match, length, which) = MarkText.Longest(behind, frame, isLast);
            if (match == MarkMatch.No) return isLast && BreaksOff(behind, frame) ? MarkMatch.Yes : MarkMatch.No;
            if (match == MarkMatch.Open || which < Openings) return match;
            closed += which - Openings + 1;
            if (closed >= enough) return MarkMatch.Yes;
            behind = behind[length..];
            next = "";
        }
        return hasClose ? MarkMatch.Yes : MarkMatch.No;
    }

    private static bool BreaksOff(ReadOnlySpan<char> text, string[] marks) =>
        MarkText.Longest(text, marks, isLast: false).Match == MarkMatch.Open;

    /// <summary>Passes on what surely belongs to the value; a line break before its end may be the frame's.</summary>
    private (int Taken, CallProgress? Progress) Hold(ReadOnlySpan<char> text, int until)
    {
        if (Marks.OnLines && until > 0 && text[until - 1] == '\n') until--;
        Pass(text[..until]);
        return (until, null);
    }

    private (int Taken, CallProgress? Progress) EndValue(ReadOnlySpan<char> value, int taken)
    {
        if (Marks.OnLines && value.EndsWith("\n")) value = value[..^1];
        Pass(value);
        Unwrap();
        if (_isText) _out.Append('"');
        else _out.Append(Json());
        _value.Clear();
        _place = Place.Between;
        return (taken, CallProgress.More);
    }

    private string Json() => _isTyped
        ? ArgumentTypes.OfForm(_value.ToString()) : types.ToJson(_key, _value.ToString(), PythonLiteral.ToJson);

    private void Pass(ReadOnlySpan<char> value)
    {
        if (_isText && !_mayBeWrapped) _out.AppendInText(value);
        else _value.Append(value);
    }

    /// <summary>Passes on a value that was kept: without the wrapper where it is one to the end, else as it stands.</summary>
    private void Unwrap()
    {
        if (!_mayBeWrapped) return;
        var value = _value.ToString().AsSpan();
        var trimmed = value.TrimEnd();
        if (trimmed.EndsWith(KeyedMarks.WrapClose)) value = trimmed[KeyedMarks.WrapOpen.Length..^KeyedMarks.WrapClose.Length];
        _mayBeWrapped = false;
        _value.Clear();
        Pass(value);
    }

    private void Flush()
    {
        foreach (var chunk in _out.GetChunks()) sink.Arguments(chunk.Span);
        _out.Clear();
    }
}
