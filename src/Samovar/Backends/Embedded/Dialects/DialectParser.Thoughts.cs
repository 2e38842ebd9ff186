namespace Samovar.Backends.Embedded.Dialects;

/// <content>
/// Thoughts. Models call without having ended one: a token that opens calls ends it where a tool is named behind it; a plain tag, which a
/// thought may well speak of, where the output ends behind the call. With the thought's end behind it, it was thought.
/// </content>
internal sealed partial class DialectParser
{
    private const int DraftsMax = 64; // looked into in one turn
    private const int DraftHeadsMax = 64;

    private PartMarks? _thought;
    private PartMarks? _calledIn; // the thought that a call ended, whose end may stand behind the calls
    private bool _isThoughtEmpty;
    private readonly bool _isDraft; // it reads what may be a call, and makes no drafts itself: each would read all that is left again
    private DraftedCall? _draft; // begins where what remains does
    private int _drafts;

    /// <summary>Characters of a call that wait for the end of the thought, or of the output.</summary>
    private int DraftCharsMax => _headCharsMax * DraftHeadsMax;

    private void Think(PartMarks part)
    {
        (_place, _thought, _isThoughtEmpty, InReasoning) = (Place.Thought, part, true, true);
    }

    private bool StepThought(bool isLast)
    {
        if (_draft is { } draft) return StepDraft(draft, isLast);
        if (_isThoughtEmpty)
        {
            var space = MarkText.Spaces(Remaining);
            var word = MarkText.BehindSpaces(Remaining);
            if (word.IsEmpty) return false;
            var (opens, opening, first) = MarkText.Longest(word, [_thought!.Close, _thought.Open, .. _marks.CallTexts], isLast);
            if (opens == MarkMatch.Open) return false;
            _isThoughtEmpty = false;
            if (opens == MarkMatch.Yes && first == 1) Take(space + opening); // the prompt began it, and so does the model
            if (opens == MarkMatch.Yes && first > 1) // it calls without a thought
                return _isDraft ? EndThought() : Draft(space, opening, isCallAtOnce: true);
        }
        string[] marks = !_isDraft && _drafts < DraftsMax ? [_thought!.Close, .. _marks.CallTexts] : [_thought!.Close];
        var (match, at, length, which) = MarkText.Find(Remaining, marks, isLast);
        if (at > 0) Sink.Reasoning(Remaining[..at]);
        if (match == MarkMatch.Yes && which > 0) return Draft(at, length, MarkText.IsToken(marks[which]));
        Take(at + length);
        return match == MarkMatch.Yes && EndThought();
    }

    private bool Draft(int at, int opening, bool isCallAtOnce)
    {
        Take(at);
        _drafts++;
        var sink = new DraftSink(Sink);
        _draft = new DraftedCall(sink, new DialectParser(_marks, sink, _headCharsMax, isDraft: true), opening, isCallAtOnce);
        return true;
    }

    /// <summary>
    /// Looks into what may be a call, as far as the thought does not end before it. Decided by places in the text alone, however it came
    /// in pieces.
    /// </summary>
    private bool StepDraft(DraftedCall draft, bool isLast)
    {
        var (match, at, _, _) = MarkText.Find(Remaining[Looked..], [_thought!.Close], isLast);
        var end = Math.Min(Looked + at, DraftCharsMax);
        var isThought = match == MarkMatch.Yes || end == DraftCharsMax;
        var verdict = draft.Read(Remaining[..end]);
        if (verdict == DraftVerdict.Open && isLast && !isThought) verdict = draft.End();
        if (verdict == DraftVerdict.Open && !isThought)
        {
            Looked = end;
            return false;
        }
        _draft = null;
        if (verdict == DraftVerdict.Call)
        {
            _calledIn = _thought;
            return EndThought();
        }
        var thought = verdict == DraftVerdict.Thought ? draft.Opening : end; // behind its opening another may stand
        Sink.Reasoning(Remaining[..thought]);
        Take(thought);
        return true;
    }

    /// <summary>Whether a tag is the end of the thought that calls have ended before it: it is so once, and right behind them.</summary>
    private bool EndsThoughtLate(string tag)
    {
        if (!_hasCalls || !_isAtBreak || !string.Equals(_calledIn?.Close, tag, StringComparison.Ordinal)) return false;
        _calledIn = null;
        return true;
    }

    private bool EndThought()
    {
        (_place, _isAtBreak, InReasoning, Looked) = (Place.Text, true, false, 0);
        return true;
    }

    /// <summary>Where a limit came while it was not known whether a call was meant, it is thought.</summary>
    private void CutDraft()
    {
        if (_draft is null) return;
        Sink.Reasoning(Remaining[..Looked]);
        Take(Looked);
        _draft = null;
    }
}
