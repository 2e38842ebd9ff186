using System.Text;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Reads arguments that stand between marks: <c>&lt;parameter=key&gt;value&lt;/parameter&gt;</c> and its kin.</summary>
/// <remarks>
/// A closing mark ends a value only where more of the call's frame follows it, or nothing: a file that is written may have such marks
/// itself. Of the frame's closings some may be left out, as models do, or stand twice; a value's own, too, where an argument follows that
/// has not come yet. Values of texts are passed on as they come, others when they are whole. All arguments may be one JSON object. Where
/// they are neither, the call is not whole: a client would run it without what it was to have.
/// </remarks>
/// <param name="sink">Where arguments go.</param>
/// <param name="format">What stands around them.</param>
/// <param name="types">What the tool's schema says of them.</param>
/// <param name="keyCharsMax">Bound of a key.</param>
/// <param name="mayHaveNone">Whether there may be none: the call's head has nothing that could be meant for one.</param>
internal sealed class KeyedReader(
    IOutputSink sink, CallFormat format, ArgumentTypes types, int keyCharsMax, bool mayHaveNone) : IArgumentsReader
{
    private const int Openings = 4; // in the list of what may follow a closing mark
    private const int NextMax = 64; // arguments that are known before they come

    private enum Place { Between, Key, ValueStart, Value }

    private readonly StringBuilder _out = new();
    private readonly StringBuilder _value = new();
    private readonly Dictionary<string, int> _keys = new(StringComparer.Ordinal); // and how often each came
    private Place _place = Place.Between;
    private string _key = "";
    private string _close = "";
    private string[] _closings = []; // the value's own, those of calls, what the first would end, and arguments that may come next
    private NamedCallReader? _object;
    private bool _isText;
    private bool _mayBeWrapped; // kept until its end shows
    private bool _isTyped;
    private bool _hasBegun;
    private bool _isValueStart;
    private bool _mayEndTwice; // the value has nothing that its closing mark would end, and is one line: a longer one may be a piece of XML
    private bool _hasWords;
    private int _looked; // of a key

    public int Looked => _place == Place.Key ? _looked : 0;

    private KeyedMarks Marks => format.Keyed;

    public (int Taken, CallProgress Progress) Read(ReadOnlySpan<char> text, bool isLast)
    {
        var taken = 0;
        var progress = CallProgress.More;
        while (progress == CallProgress.More && _object is null)
        {
            var (step, next) = Step(text[taken..], isLast);
            taken += step;
            if (next is null) break;
            progress = next.Value;
        }
        if (_object is not null)
        {
            (var read, progress) = _object.Read(text[taken..], isLast);
            return (taken + read, progress);
        }
        if (progress != CallProgress.More) Begin();
        if (progress == CallProgress.Done) _out.Append('}');
        Flush();
        if (progress != CallProgress.More) sink.EndCall(progress == CallProgress.Done);
        return (taken, progress);
    }

    public void Abandon()
    {
        if (_object is not null)
        {
            _object.Abandon();
            return;
        }
        Begin();
        Unwrap();
        if (_value.Length > 0 && Json() is var json && json[0] != '"') _out.Append(json); // a word that broke off is no value
        Flush();
        sink.EndCall(isWhole: false);
    }

    private void Begin()
    {
        if (!_hasBegun) _out.Append('{');
        _hasBegun = true;
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
        var ended = _hasBegun || mayHaveNone ? CallProgress.Done : CallProgress.BrokenOff;
        if (space == text.Length) return isLast ? (space, ended) : (space, null);
        if (!_hasBegun && text[space] == '{')
        {
            _object = new NamedCallReader(sink);
            return (space, CallProgress.More);
        }
        var (match, length, which) = MarkText.Longest(text[space..], [Marks.Open, format.Open, .. format.Between], isLast);
        if (match == MarkMatch.Open) return (0, null);
        if (match == MarkMatch.No) return (0, _hasBegun ? CallProgress.Done : CallProgress.BrokenOff);
        if (which > 0) return (0, ended);
        _place = Place.Key;
        return (space + length, CallProgress.More);
    }

    private (int Taken, CallProgress? Progress) StepKey(ReadOnlySpan<char> text, bool isLast)
    {
        var (match, at, length, which) = MarkText.Find(text[_looked..], format.KeyEnds, isLast);
        at += _looked;
        if (match == MarkMatch.Yes && which >= CallFormat.KeyBetweens) return (0, CallProgress.BrokenOff); // it was none
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
        Begin();
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
        var isPlain = match == MarkMatch.No;
        var ended = isPlain && _close.StartsWith("</", StringComparison.Ordinal) ? "<" + _close[2..].TrimEnd('>') : "";
        if (isWrapped) _close = KeyedMarks.WrapClose + "\n" + _close;
        var closings = format.Closings.Select(mark => MarkText.IsStrong(mark) ? mark : "");
        _closings = [_close, .. closings, ended, .. isPlain ? NextArguments() : []];
        (_place, _isValueStart, _mayEndTwice, _hasWords) = (Place.Value, true, ended.Length > 0, false);
        return (isWrapped ? line + length : line, CallProgress.More);
    }

    private IEnumerable<string> NextArguments() => types.Names
        .Where(name => name.Length > 0 && name.Length <= keyCharsMax && !_keys.ContainsKey(name)).Take(NextMax)
        .Select(name => Marks.Open + name + Marks.Between);

    private (int Taken, CallProgress? Progress) StepValue(ReadOnlySpan<char> text, bool isLast)
    {
        for (var from = 0; ;)
        {
            var (match, at, length, which) = MarkText.Find(text[from..], _closings, isLast);
            at += from;
            if (match == MarkMatch.No) return isLast ? EndValue(text, text.Length) : Hold(text, text.Length);
            if (match == MarkMatch.Open) return Hold(text, at);
            var calls = format.Closings.Length;
            if (which > calls + 1 && BeginsArgument(text, at)) return EndValue(text[..at], at, byFrame: true);
            if (which > calls) _mayEndTwice = false;
            if (which == 0) _mayEndTwice &= MayBeAll(text[..at]);
            var (ends, again) = which > calls ? (MarkMatch.No, 0) : Ends(text[(at + length)..], which, isLast);
            if (ends == MarkMatch.Open) return Hold(text, at);
            if (ends == MarkMatch.Yes) return EndValue(text[..at], which == 0 ? at + length + again : at, byFrame: which > 0);
            from = at + 1;
        }
    }

    /// <summary>Whether an argument stands where the form has one: on a line of its own, where it has lines.</summary>
    private bool BeginsArgument(ReadOnlySpan<char> text, int at) => (at == 0 ? _isValueStart : text[at - 1] == '\n')
        || (format.Spelling?.Keyed is { } spelled && !(spelled.Close + spelled.Open).Contains('\n'));

    /// <summary>Whether what follows a closing mark shows that it is one: the output's end, what opens an argument or a call, or enough
    /// of what closes calls; and how much of it is the value's mark once more.</summary>
    /// <param name="behind">What follows.</param>
    /// <param name="closed">How many of the format's closings the mark and those before it are; none for the value's own.</param>
    /// <param name="isLast">Whether nothing more comes.</param>
    private (MarkMatch Match, int Again) Ends(ReadOnlySpan<char> behind, int closed, bool isLast)
    {
        var (hasClose, chars, again) = (closed == 0, behind.Length, 0);
        if (hasClose && format.CallClose.Length == 0 && !MarkText.BehindSpaces(behind).IsEmpty) return (MarkMatch.Yes, 0);
        var enough = hasClose ? format.CallClosings : format.CallClosings + 1; // of a call's closings the last, or one behind it
        var (next, twice) = hasClose ? (Marks.Open, _mayEndTwice ? _close : "") : ("", "");
        while (MarkText.Spaces(behind) <= MarkText.SpacesMax)
        {
            behind = MarkText.BehindSpaces(behind);
            if (behind.IsEmpty) return (isLast ? MarkMatch.Yes : MarkMatch.Open, again);
            string[] frame = [next, format.CallOpen, format.Alias, format.Open, twice, .. format.Closings.Skip(closed)];
            var (match, length, which) = MarkText.Longest(behind, frame, isLast);
            if (match == MarkMatch.No) return (isLast && BreaksOff(behind, frame) ? MarkMatch.Yes : MarkMatch.No, again);
            if (match == MarkMatch.Open || which < Openings) return (match, again);
            behind = behind[length..];
            if (which == Openings) again = chars - behind.Length;
            else (closed, next) = (closed + which - Openings, "");
            if (which > Openings && closed >= enough) return (MarkMatch.Yes, again);
            twice = "";
        }
        return (hasClose ? MarkMatch.Yes : MarkMatch.No, again);
    }

    private static bool BreaksOff(ReadOnlySpan<char> text, string[] marks) =>
        MarkText.Longest(text, marks, isLast: false).Match == MarkMatch.Open;

    /// <summary>Passes on what surely belongs to the value; a line break before its end may be the frame's.</summary>
    private (int Taken, CallProgress? Progress) Hold(ReadOnlySpan<char> text, int until)
    {
        if (until > 0 && text[until - 1] == '\n') until--;
        _isValueStart &= until == 0;
        Pass(text[..until]);
        return (until, null);
    }

    private (int Taken, CallProgress? Progress) EndValue(ReadOnlySpan<char> value, int taken, bool byFrame = false)
    {
        if ((Marks.OnLines || byFrame) && value.EndsWith("\n")) value = value[..^1];
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

    private bool MayBeAll(ReadOnlySpan<char> rest) =>
        (_hasWords || !rest.IsWhiteSpace()) && !rest.TrimEnd('\n').Contains('\n');

    private void Pass(ReadOnlySpan<char> value)
    {
        _mayEndTwice &= !value.Contains('\n');
        _hasWords |= !value.IsWhiteSpace();
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
