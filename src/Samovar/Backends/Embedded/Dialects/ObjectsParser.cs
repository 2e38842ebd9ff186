namespace Samovar.Backends.Embedded.Dialects;

/// <summary>
/// Calls as bare JSON objects at the start of the output, one or several, or a list of them: Llama 3.x and models without a format of
/// their own.
/// </summary>
/// <remarks>Reasoning in <c>&lt;think&gt;</c> may come before. <c>&lt;|python_tag|&gt;</c> opens a call anywhere.</remarks>
internal sealed class ObjectsParser : OutputParser
{
    private const string PythonTag = "<|python_tag|>";
    private const string ThinkOpen = "<think>";
    private const string ThinkClose = "</think>";

    private enum Place { Start, Reasoning, Call, Behind, Text }

    private readonly int _headCharsMax;
    private Place _place;
    private CallReader? _call;
    private string _opening = "";
    private bool _inList;

    public ObjectsParser(IOutputSink sink, int headCharsMax, bool inReasoning) : base(sink)
    {
        _headCharsMax = headCharsMax;
        Go(inReasoning ? Place.Reasoning : Place.Start);
    }

    protected override bool Step(bool isLast)
    {
        if (Remaining.IsEmpty) return false;
        return _place switch
        {
            Place.Start => StepStart(isLast),
            Place.Reasoning => StepReasoning(isLast),
            Place.Call => StepCall(),
            Place.Behind => StepBehind(),
            _ => StepText(isLast),
        };
    }

    protected override void Close()
    {
        if (_call is { HasBegun: false }) Sink.Text(_opening + _call.Raw);
        _call?.Abandon();
        _call = null;
    }

    protected override void CutCall()
    {
        if (_call is { HasBegun: false, HasOnlyCallKeys: false }) Sink.Text(_opening + _call.Raw); // JSON that was asked for
        else Cut(_call, _call is null ? "" : _opening);
        _call = null;
    }

    private bool StepStart(bool isLast)
    {
        var space = LeadingSpace(Remaining);
        var word = Remaining[space..];
        if (word.IsEmpty) return false;
        foreach (var tag in (string[])[PythonTag, ThinkOpen])
        {
            if (word.StartsWith(tag, StringComparison.Ordinal))
            {
                Take(space + tag.Length);
                return Go(tag == ThinkOpen ? Place.Reasoning : Place.Start);
            }
            if (!isLast && tag.AsSpan().StartsWith(word, StringComparison.Ordinal)) return false;
        }
        if (word[0] == '[')
        {
            var inside = LeadingSpace(word[1..]) + 1;
            if (inside == word.Length && !isLast) return false;
            if (inside < word.Length && word[inside] == '{') return BeginCall(space + inside, inList: true);
        }
        return word[0] == '{' ? BeginCall(space, inList: false) : Go(Place.Text);
    }

    private bool BeginCall(int opening, bool inList)
    {
        _opening = Remaining[..opening].ToString();
        _inList = inList;
        _call = new CallReader(Sink, _headCharsMax);
        Take(opening);
        return Go(Place.Call);
    }

    private bool StepReasoning(bool isLast) => ReadReasoning(ThinkClose, isLast) && Go(Place.Start);

    private bool StepCall()
    {
        var (taken, progress) = _call!.Read(Remaining);
        Take(taken);
        if (progress == CallProgress.More) return false;
        if (progress == CallProgress.Refused) PutBack(_opening + _call.Raw);
        _call = null;
        return Go(progress == CallProgress.Done ? Place.Behind : Place.Text);
    }

    /// <summary>Between calls stand line breaks, semicolons or commas; anything else is text.</summary>
    private bool StepBehind()
    {
        var next = 0;
        while (next < Remaining.Length && (char.IsWhiteSpace(Remaining[next]) || Remaining[next] is ';' or ',')) next++;
        if (next == Remaining.Length) return false;
        if (Remaining[next] == '{') return BeginCall(next, _inList);
        if (Remaining[next] == ']' && _inList)
        {
            Take(next + 1);
            _inList = false;
            return true;
        }
        return Go(Place.Text);
    }

    private bool StepText(bool isLast)
    {
        var (at, found) = Openers.Find(Remaining, [PythonTag], isLast);
        if (at > 0) Sink.Text(Remaining[..at]);
        Take(at + (found?.Length ?? 0));
        return found is not null && Go(Place.Start);
    }

    private bool Go(Place place)
    {
        _place = place;
        InReasoning = place == Place.Reasoning;
        return true;
    }
}
