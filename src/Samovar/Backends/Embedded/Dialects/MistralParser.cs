namespace Samovar.Backends.Embedded.Dialects;

/// <summary>
/// Mistral: <c>[TOOL_CALLS]</c>, then a list of objects, or (newer) a name, <c>[ARGS]</c> and the arguments, once for each call.
/// </summary>
internal sealed class MistralParser(IOutputSink sink, int headCharsMax) : OutputParser(sink)
{
    private const string CallsOpen = "[TOOL_CALLS]";
    private const string Args = "[ARGS]";
    private const string CallId = "[CALL_ID]";
    private const string ThinkOpen = "[THINK]";
    private const string ThinkClose = "[/THINK]";

    private enum Place { Text, Head, List, Object, Arguments }

    private Place _place;
    private CallReader? _call;
    private NamedCallReader? _named;
    private string _opening = "";

    protected override bool Step(bool isLast)
    {
        if (Remaining.IsEmpty) return false;
        if (InReasoning) return StepReasoning(isLast);
        return _place switch
        {
            Place.Head => StepHead(isLast),
            Place.List => StepList(isLast),
            Place.Object => StepObject(),
            Place.Arguments => StepArguments(),
            _ => StepText(isLast),
        };
    }

    protected override void Close()
    {
        if (_opening.Length > 0) Sink.Text(_opening);
        if (_call is { HasBegun: false }) Sink.Text(_call.Raw);
        _opening = "";
        _call?.Abandon();
        _named?.Abandon();
        (_call, _named) = (null, null);
    }

    protected override void CutCall()
    {
        Cut(_call, _opening);
        _named?.Abandon();
        (_call, _named, _opening) = (null, null, "");
    }

    private bool StepReasoning(bool isLast)
    {
        if (!ReadReasoning(ThinkClose, isLast)) return false;
        InReasoning = false;
        return true;
    }

    private bool StepText(bool isLast)
    {
        var (at, found) = Openers.Find(Remaining, [CallsOpen, ThinkOpen], isLast);
        if (at > 0) Sink.Text(Remaining[..at]);
        if (found == CallsOpen)
        {
            Take(at); // the tag stays until it is clear that a call follows
            _place = Place.Head;
            return true;
        }
        Take(at + (found?.Length ?? 0));
        InReasoning = found is not null;
        return found is not null;
    }

    /// <summary>Behind the tag: a list, or a name up to its arguments.</summary>
    private bool StepHead(bool isLast)
    {
        var head = Remaining[CallsOpen.Length..];
        var space = LeadingSpace(head);
        if (space == head.Length) return isLast && Refuse();
        if (head[space] == '[')
        {
            _opening = Remaining[..(CallsOpen.Length + space + 1)].ToString();
            Take(_opening.Length);
            _place = Place.List;
            return true;
        }
        var brace = head.IndexOf('{');
        if (brace < 0 && !isLast && head.Length <= headCharsMax) return false;
        if (brace < 0 || brace > headCharsMax) return Refuse();
        var name = head[..brace].ToString();
        if (name.IndexOf(Args, StringComparison.Ordinal) is >= 0 and var args) name = name[..args];
        if (name.IndexOf(CallId, StringComparison.Ordinal) is >= 0 and var id) name = name[..id];
        if (name.AsSpan().IsWhiteSpace() || !Sink.BeginCall(name.Trim())) return Refuse();
        Take(CallsOpen.Length + brace);
        _named = new NamedCallReader(Sink);
        _place = Place.Arguments;
        return true;
    }

    private bool Refuse()
    {
        Sink.Text(CallsOpen);
        Take(CallsOpen.Length);
        _place = Place.Text;
        return true;
    }

    private bool StepList(bool isLast)
    {
        var next = 0;
        while (next < Remaining.Length && (char.IsWhiteSpace(Remaining[next]) || Remaining[next] == ',')) next++;
        if (next == Remaining.Length && !(isLast && _opening.Length > 0)) return false;
        if (next < Remaining.Length && Remaining[next] == '{')
        {
            _opening += Remaining[..next].ToString();
            _call = new CallReader(Sink, headCharsMax);
            _place = Place.Object;
            Take(next);
            return true;
        }
        if (_opening.Length == 0 && Remaining[next] == ']') Take(next + 1);
        else if (_opening.Length > 0) Sink.Text(_opening);
        _opening = "";
        _place = Place.Text;
        return true;
    }

    private bool StepObject()
    {
        var (taken, progress) = _call!.Read(Remaining);
        Take(taken);
        if (progress == CallProgress.More) return false;
        if (progress == CallProgress.Refused)
        {
            Sink.Text(_opening);
            PutBack(_call.Raw);
        }
        _opening = "";
        _call = null;
        _place = progress == CallProgress.Done ? Place.List : Place.Text;
        return true;
    }

    private bool StepArguments()
    {
        var (taken, progress) = _named!.Read(Remaining);
        Take(taken);
        if (progress == CallProgress.More) return false;
        _named = null;
        _place = Place.Text;
        return true;
    }
}
