namespace Samovar.Backends.Embedded.Dialects;

/// <content>From what opens calls to what is behind the last of them.</content>
internal sealed partial class DialectParser
{
    private bool BeginBare(CallFormat format, int space, bool isLineStart)
    {
        _opening = Remaining[..space].ToString();
        Take(space);
        (_format, _hasCalls, _isLineStart, _isInBrackets, _isInFence) = (format, false, isLineStart, false, false);
        _place = format.Style is ArgumentStyle.Object or ArgumentStyle.Python ? Place.Between : Place.Head;
        return true;
    }

    /// <summary>Which of the formats that begin alike follows.</summary>
    private bool StepChoice(bool isLast)
    {
        var word = MarkText.BehindSpaces(Remaining);
        if (word.IsEmpty) return isLast && Refuse();
        var isObject = word[0] is '{' or '[';
        if (word[0] == '[' && _choice.Any(format => format.Style == ArgumentStyle.Python)) // a list of either
        {
            var inside = MarkText.BehindSpaces(word[1..]);
            if (inside.IsEmpty && !isLast) return false;
            isObject = !inside.IsEmpty && inside[0] == '{';
        }
        _format = _choice.FirstOrDefault(format => (format.Style == ArgumentStyle.Object) == isObject) ?? _choice[0];
        var isAtHead = _format.Style != ArgumentStyle.Object
            && (_format.Open.Length == 0 || MarkText.At(_opening.AsSpan().TrimStart(), _format.Open, isLast: true).Match != MarkMatch.Yes);
        _place = isAtHead && _format.Style != ArgumentStyle.Python ? Place.Head : Place.Between;
        return true;
    }

    private bool StepBetween(bool isLast)
    {
        var space = MarkText.Spaces(Remaining);
        if (space > MarkText.SpacesMax) return _hasCalls ? Leave() : Refuse();
        var word = Remaining[space..];
        if (word.IsEmpty) return isLast && (_hasCalls ? Leave() : Refuse());
        var (match, length, which) = MarkText.Longest(word, _format.Between, isLast);
        if (match == MarkMatch.Open) return false;
        if (match == MarkMatch.Yes && CallFormat.IsOpening(which)) return BeginHead(space, length);
        if (match == MarkMatch.Yes) return Pass(space + length, ends: _format.IsEnd(which));
        if (_hasCalls && IsList && word[0] is ',' or ';' or ']') return Pass(space + 1, ends: false);
        var (stray, strayLength) = Stray(word, isLast);
        if (stray == MarkMatch.Open) return false;
        if (stray == MarkMatch.Yes) return Pass(space + strayLength, ends: false);
        if (!_hasCalls && !_isInBrackets && word[0] == '[' && _format.Style is ArgumentStyle.Object or ArgumentStyle.Python)
        {
            _isInBrackets = true;
            return Pass(space + 1, ends: false);
        }
        if (_format.Style == ArgumentStyle.Object && word[0] == '{') return BeginObject(space);
        if (_format.CallOpen.Length == 0 && _format.Style != ArgumentStyle.Object && (char.IsLetter(word[0]) || word[0] == '_'))
        {
            var bare = _hasCalls && _format.Trigger.Length == 0
                ? _bare.At(word, isAnswerStart: true, isLast, isNext: true).Match : MarkMatch.Yes;
            if (bare != MarkMatch.Yes) return bare != MarkMatch.Open && Leave();
            return BeginHead(space, 0);
        }
        return _hasCalls ? Leave() : Refuse();
    }

    /// <summary>Takes what belongs to the frame.</summary>
    private bool Pass(int chars, bool ends)
    {
        Keep(_hasCalls ? 0 : chars);
        Take(_hasCalls ? chars : 0);
        if (ends && _hasCalls) Leave();
        return true;
    }

    private bool Leave()
    {
        (_place, _isAtBreak, _opening) = (Place.Text, true, "");
        return true;
    }

    private bool BeginHead(int space, int length)
    {
        if (_hasCalls) _opening = "";
        Keep(space + length);
        _place = _format.Style == ArgumentStyle.Object ? Place.Between : Place.Head;
        return true;
    }

    private bool BeginObject(int space)
    {
        if (_hasCalls) _opening = "";
        Keep(space);
        _object = new CallReader(Sink, _headCharsMax, _format, isStrict: _isLineStart);
        _place = Place.Object;
        return true;
    }

    private bool StepObject(bool isLast)
    {
        var (taken, progress) = _object!.Read(Remaining);
        Take(taken);
        if (progress == CallProgress.Unclosed)
        {
            var (closes, _, _) = MarkText.Longest(Remaining, IsList ? [.. _format.StrongClosings, "]"] : _format.StrongClosings, isLast);
            if (closes == MarkMatch.Open) return false;
            progress = _object.Close(isWhole: closes == MarkMatch.Yes);
        }
        if (progress == CallProgress.More) return false;
        var (raw, hasName) = (_object.Raw, _object.HasName);
        _object = null;
        if (progress != CallProgress.Refused) return AfterCall(progress);
        PutBack(raw);
        if (hasName || !HasEnd) return Refuse(raw.Length);
        (_place, _lostChars) = (Place.Lost, raw.Length);
        return true;
    }

    private bool StepHead(bool isLast)
    {
        var (match, at, length, stop) = _format.FindArguments(Remaining, Looked, _marks.CallTexts, isLast);
        if (match == MarkMatch.Yes && stop == HeadStop.Opening) return BeginAgain(at, length);
        if (match != MarkMatch.Yes && (isLast || at > _headCharsMax || Remaining.Length > _headCharsMax)) return Refuse();
        if (match != MarkMatch.Yes)
        {
            Looked = at;
            return false;
        }
        var head = at > _headCharsMax ? "" : Remaining[..at].ToString();
        var isAlone = HeadText.IsNameAlone(head, _format);
        if (_format.Style == ArgumentStyle.Json && !HeadText.IsShort(head, _format)) return Refuse();
        if ((stop == HeadStop.Name && !isAlone) || HeadText.Read(head, _format, Sink) is not var (name, id)) return Refuse();
        if (!Sink.BeginCall(name, id)) return Refuse();
        Take(stop == HeadStop.Name ? at : at + length);
        _opening = "";
        _arguments = _format.Style switch
        {
            ArgumentStyle.Keyed => new KeyedReader(Sink, _format, Sink.TypesOf(name), _headCharsMax, mayHaveNone: isAlone),
            _ when stop == HeadStop.Name => new NoArgumentsReader(Sink),
            ArgumentStyle.Python => new LooseReader(Sink, ')', '=', "'", Sink.TypesOf(name)) { Ends = _format.StrongClosings },
            ArgumentStyle.Bare => new LooseReader(Sink, '}', ':', _format.Quote, Sink.TypesOf(name)),
            _ => new NamedCallReader(Sink),
        };
        _place = Place.Arguments;
        return true;
    }

    private bool StepArguments(bool isLast)
    {
        var (taken, progress) = _arguments!.Read(Remaining, isLast);
        Take(taken);
        if (progress == CallProgress.More)
        {
            Looked = _arguments.Looked;
            return false;
        }
        _arguments = null;
        return AfterCall(progress);
    }

    /// <summary>A head that begins with what opens calls is one that is opened twice; one that has it behind words is none.</summary>
    private bool BeginAgain(int at, int length)
    {
        if (at > MarkText.Spaces(Remaining)) return Refuse();
        Keep(at + length);
        return true;
    }

    /// <summary>Takes what may open calls and keeps it; where that is more than a head may have, all but the newest is text.</summary>
    private void Keep(int chars)
    {
        if (_opening.Length + chars > _headCharsMax)
        {
            Sink.Text(_opening);
            _fence.Feed(_opening);
            _opening = "";
        }
        _opening += Remaining[..chars].ToString();
        Take(chars);
    }

    private bool AfterCall(CallProgress progress)
    {
        (_hasCalls, _opening) = (true, "");
        (_place, _isAtBreak) = (progress == CallProgress.Done ? Place.Between : HasEnd ? Place.Broken : Place.Text, true);
        return true;
    }

    /// <summary>
    /// What looked like a call is text: its mark is sent here, so that it is not looked at again. What is behind it is, up to a bound: a
    /// model that writes nothing but openings would else be read as often as it has some.
    /// </summary>
    /// <param name="read">Characters behind the opening that were read and put back.</param>
    private bool Refuse(int read = 0)
    {
        read += _opening.Length;
        var opening = _opening.Length;
        PutBack(_opening);
        var space = LeadingSpace(Remaining);
        (_opening, _place, _isAtBreak) = ("", Place.Text, false);
        if (opening > OpeningCharsMax) return Say(opening); // the same again and again
        _readAgain += read;
        if (_readAgain > (long)_headCharsMax * HeadsReadAgain) return Say(Math.Min(Math.Max(read, 1), Remaining.Length));
        var mark = MarkText.Longest(Remaining[space..], _marks.BreakTexts, isLast: true);
        if (_format.OpensText && mark.Match == MarkMatch.Yes && Remaining[space..].StartsWith(_format.Open, StringComparison.Ordinal))
        {
            Take(space + mark.Length);
            return _isAtBreak = true;
        }
        return Say(Math.Min(space + Math.Max(mark.Length, 1), Remaining.Length));
    }
}
