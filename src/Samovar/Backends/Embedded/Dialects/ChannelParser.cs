namespace Samovar.Backends.Embedded.Dialects;

/// <summary>
/// Reads messages with heads: the channel of thoughts is reasoning, a function as the recipient is a call, all else is text. A message of
/// another role is not the model's to write: the answer ended before it.
/// </summary>
internal sealed class ChannelParser : OutputParser
{
    private const string EmptyObject = "{}";
    private const int QuotedHeadsMax = 64;

    private enum Place { Head, Text, Thought, CallStart, RawCall, Call, Over }

    private readonly ChannelMarks _marks;
    private readonly int _headCharsMax;
    private readonly int _markCharsMax;
    private readonly string[] _heads;
    private readonly string[] _headEnds;
    private readonly string[] _bodyEnds;
    private readonly string[] _callEnds;
    private NamedCallReader? _call;
    private JsonCursor _json = new(); // where the call's arguments are
    private bool _isQuoted; // what would end the call stands in one of their texts
    private Place _place;

    public ChannelParser(ChannelMarks marks, IOutputSink sink, int headCharsMax) : base(sink)
    {
        (_marks, _headCharsMax) = (marks, headCharsMax);
        _heads = [marks.Start, marks.Channel, marks.Message, ChannelMarks.Recipient];
        _headEnds = [marks.Message, marks.Start, .. marks.Ends];
        _bodyEnds = [.. marks.Ends, marks.Start, marks.Channel];
        _callEnds = [.. marks.Ends.Select(end => end + marks.Start)];
        _markCharsMax = _bodyEnds.Append(marks.Message).Max(mark => mark.Length);
    }

    protected override bool Step(bool isLast)
    {
        if (Remaining.IsEmpty) return false;
        return _place switch
        {
            Place.Head => StepHead(isLast),
            Place.CallStart => StepCallStart(),
            Place.Call => StepCall(isLast),
            Place.Over => Drop(),
            _ => StepBody(isLast),
        };
    }

    protected override void Close()
    {
        if (_place == Place.CallStart) Sink.Arguments(EmptyObject);
        if (_place is Place.CallStart or Place.RawCall) Sink.EndCall();
        _call?.Abandon();
        (_call, _isQuoted, _place) = (null, false, Place.Head);
    }

    protected override void CutCall()
    {
        if (_place is Place.CallStart or Place.RawCall) Sink.EndCall(isWhole: false);
        _call?.Abandon();
        (_call, _isQuoted, _place) = (null, false, Place.Head);
    }

    protected override bool IsMarkup(ReadOnlySpan<char> held) => true; // no text begins like its heads

    private bool StepHead(bool isLast)
    {
        var isHead = false;
        foreach (var head in _heads)
        {
            if (Begins(head, isLast) is not { } begins) return false;
            isHead |= begins;
        }
        if (!isHead) return Go(Place.Text); // it speaks without a head
        var from = Math.Max(Looked, Remaining.StartsWith(_marks.Start, StringComparison.Ordinal) ? _marks.Start.Length : 0);
        var (at, found) = Openers.Find(Remaining[from..], _headEnds, isLast);
        at += from;
        if (at > _headCharsMax) return Refuse();
        if (found is null && !isLast)
        {
            Looked = at;
            return Remaining.Length > _headCharsMax + _markCharsMax && Refuse();
        }
        var written = new MessageHead(_marks, Remaining[..at]);
        if (found != _marks.Message) return written.IsBare ? Pass(at) : Refuse();
        Take(at + found.Length);
        if (written.IsOfAnother) return EndAnswer();
        if (written.FunctionAmong(Sink) is { } name && Sink.BeginCall(name)) return Go(Place.CallStart);
        return Go(written.IsThought ? Place.Thought : Place.Text);
    }

    private bool Pass(int chars)
    {
        Take(chars);
        return true;
    }

    private bool StepBody(bool isLast)
    {
        var (at, found) = Openers.Find(Remaining, _bodyEnds, isLast);
        if (at > 0) Emit(Remaining[..at]);
        Take(at);
        return found is not null && EndBody(found);
    }

    private bool EndBody(string found)
    {
        if (_place == Place.RawCall) Sink.EndCall();
        else Sink.EndMessage();
        if (found != _marks.Start && found != _marks.Channel) Take(found.Length);
        return Go(Place.Head);
    }

    /// <summary>Whether the arguments are an object, or a text as they stand there, or none.</summary>
    private bool StepCallStart()
    {
        Take(LeadingSpace(Remaining));
        if (Remaining.IsEmpty) return false;
        if (Remaining[0] == '{')
        {
            (_call, _json) = (new NamedCallReader(Sink), new JsonCursor());
            return Go(Place.Call);
        }
        foreach (var end in _bodyEnds)
        {
            if (Remaining.StartsWith(end, StringComparison.Ordinal))
            {
                Sink.Arguments(EmptyObject);
                _place = Place.RawCall;
                return EndBody(end);
            }
            if (end.AsSpan().StartsWith(Remaining, StringComparison.Ordinal)) return false;
        }
        return Go(Place.RawCall);
    }

    /// <summary>Reads an object; in a text that has no end, only the beginning of another message ends it.</summary>
    private bool StepCall(bool isLast)
    {
        if (_isQuoted) return StepQuoted(isLast);
        var (at, found) = Openers.Find(Remaining, _callEnds, isLast);
        var (taken, progress) = _call!.Read(Remaining[..at], isLast && found is null);
        foreach (var one in Remaining[..taken]) _json.Feed(one);
        Take(taken);
        if (progress != CallProgress.More) return EndCall();
        return _isQuoted = found is not null;
    }

    /// <summary>Another message's beginning belongs to the text that it stands in where the object comes to its end behind it.</summary>
    private bool StepQuoted(bool isLast)
    {
        var most = _headCharsMax * QuotedHeadsMax;
        var progress = JsonProgress.Inside;
        while (progress == JsonProgress.Inside && Looked < Math.Min(Remaining.Length, most)) progress = _json.Feed(Remaining[Looked++]);
        if (progress == JsonProgress.Inside && Looked < most && !isLast) return false;
        if (progress == JsonProgress.Ended) Take(_call!.Read(Remaining[..Looked], isLast: false).Taken);
        else _call!.Abandon();
        return EndCall();
    }

    private bool EndCall()
    {
        (_call, _isQuoted, Looked) = (null, false, 0);
        return Go(Place.Text);
    }

    /// <summary>A head without an end is text; its first character is sent here, so that it is not looked at again.</summary>
    private bool Refuse()
    {
        Sink.Text(Remaining[..1]);
        Take(1);
        return Go(Place.Text);
    }

    private void Emit(ReadOnlySpan<char> body)
    {
        switch (_place)
        {
            case Place.RawCall: Sink.Arguments(body); break;
            case Place.Thought: Sink.Reasoning(body); break;
            default: Sink.Text(body); break;
        }
    }

    private bool EndAnswer()
    {
        IsOver = true;
        return Go(Place.Over);
    }

    private bool Go(Place place)
    {
        _place = place;
        InReasoning = place == Place.Thought;
        return true;
    }
}
