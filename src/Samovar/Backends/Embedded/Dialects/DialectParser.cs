namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Reads output by what is known of a model's dialect; all that differs between models is in that record.</summary>
/// <remarks>
/// In a text, marks are looked for; where an answer begins, also calls that have none. What opens calls is kept until the name of a tool
/// has come: without one it is text. Between calls, closings are taken in any order, as models leave some of them out.
/// </remarks>
internal sealed partial class DialectParser : OutputParser
{
    private const int HeadsReadAgain = 256, OpeningCharsMax = 512;

    private enum Place { Text, Thought, Choice, Between, Head, Object, Arguments, Broken, Lost, Over }

    private readonly MarkTable _marks;
    private readonly BareCalls _bare;
    private readonly int _headCharsMax;
    private FenceCursor _fence;
    private Place _place = Place.Text;
    private bool _isAtBreak = true;
    private PartMarks? _answer;
    private IReadOnlyList<CallFormat> _choice = [];
    private CallFormat _format = new(ArgumentStyle.Object);
    private string _opening = ""; // was taken, and is text where no call follows
    private long _readAgain;
    private bool _isLineStart;
    private bool _hasCalls;
    private bool _isInBrackets;
    private CallReader? _object;
    private IArgumentsReader? _arguments;

    private bool IsList => _isInBrackets || _format.IsList || _format.Trigger.Length == 0;

    /// <param name="dialect">How the model writes.</param>
    /// <param name="sink">Where output goes.</param>
    /// <param name="headCharsMax">Bound of a call's head.</param>
    /// <param name="begun">The thought that the prompt began.</param>
    public DialectParser(ModelDialect dialect, IOutputSink sink, int headCharsMax, PartMarks? begun)
        : this(MarkTable.Of(dialect), sink, headCharsMax)
    {
        if (begun is not null) Think(begun);
    }

    private DialectParser(MarkTable marks, IOutputSink sink, int headCharsMax, bool isDraft = false) : base(sink)
    {
        (_marks, _headCharsMax, _isDraft) = (marks, headCharsMax, isDraft);
        _bare = new BareCalls(_marks.Bare, sink, headCharsMax);
    }

    protected override bool Step(bool isLast)
    {
        if (Remaining.IsEmpty) return false;
        return _place switch
        {
            Place.Thought => StepThought(isLast),
            Place.Choice => StepChoice(isLast),
            Place.Between => StepBetween(isLast),
            Place.Head => StepHead(isLast),
            Place.Object => StepObject(isLast),
            Place.Arguments => StepArguments(isLast),
            Place.Broken => StepBroken(isLast),
            Place.Lost => StepLost(isLast),
            Place.Over => Drop(),
            _ => _isAtBreak ? StepBreak(isLast) : StepText(isLast),
        };
    }

    protected override void Close()
    {
        if (_object is { HasBegun: false }) Sink.Text(_opening + _object.Raw);
        else if (_object is null && _arguments is null && !_hasCalls) Sink.Text(_opening);
        _object?.Abandon();
        if (_arguments?.Read([], isLast: true).Progress == CallProgress.More) _arguments.Abandon();
        (_object, _arguments, _opening) = (null, null, "");
    }

    protected override void BeginCut()
    {
        CutDraft();
        if (_place != Place.Head || HeadText.MayName(Remaining.ToString(), _format, Sink)) return;
        Sink.Text(_opening);
        _opening = "";
    }

    protected override void CutCall()
    {
        if (_object is { HasBegun: false, HasOnlyCallKeys: false } && _format.Trigger.Length == 0) Sink.Text(_opening + _object.Raw);
        else if (_object is not null || (_opening.Length > 0 && (!_hasCalls || _place == Place.Head))) Cut(_object, _opening);
        _arguments?.Abandon();
        (_object, _arguments, _opening) = (null, null, "");
    }

    protected override bool IsMarkup(ReadOnlySpan<char> held) => _place switch
    {
        Place.Head => HeadText.MayName(held.ToString(), _format, Sink),
        Place.Arguments or Place.Broken => true,
        Place.Text when _isAtBreak => held.Trim().Length > 1 || base.IsMarkup(held),
        _ => base.IsMarkup(held),
    };

    private bool StepBreak(bool isLast)
    {
        var space = MarkText.Spaces(Remaining);
        if (space > MarkText.SpacesMax) return Say(MarkText.SpacesMax);
        var word = Remaining[space..];
        if (word.IsEmpty) return false;
        var (match, length, which) = MarkText.Longest(word, _marks.BreakTexts, isLast);
        if (match == MarkMatch.Open) return false;
        if (match == MarkMatch.Yes && Follow(_marks.AtBreaks[which], space, length)) return true;
        var (bare, format) = _bare.At(word, isAnswerStart: true, isLast);
        if (bare == MarkMatch.Open) return false;
        if (bare == MarkMatch.Yes) return BeginBare(format!, space, isLineStart: false);
        _isAtBreak = false;
        return true;
    }

    private bool StepText(bool isLast)
    {
        var text = Remaining;
        var (fence, followed) = (_fence, 0);
        for (var at = 0; at < text.Length; at++)
        {
            if (_marks.Bare.Count > 0 && text[at] == '\n' && !IsFenced(text, at))
            {
                var (bare, format) = _bare.At(MarkText.BehindSpaces(text[at..]), isAnswerStart: false, isLast);
                if (bare == MarkMatch.Open) return Say(at, goesOn: false);
                if (bare == MarkMatch.Yes && Say(at)) return BeginBare(format!, LeadingSpace(Remaining), isLineStart: true);
            }
            var (match, length, which) = MarkText.Longest(text[at..], _marks.TextTexts, isLast);
            if (match == MarkMatch.No) continue;
            var isPlain = !MarkText.IsToken(_marks.TextTexts[which]);
            if (isPlain && IsFenced(text, at)) continue;
            if (match == MarkMatch.Open) return Say(at, goesOn: false);
            var mark = _marks.InText[which];
            var ends = mark.Kind == MarkKind.AnswerEnd && isPlain ? EndsAnswer(mark, text[(at + length)..], isLast) : MarkMatch.Yes;
            if (ends == MarkMatch.Open) return Say(at, goesOn: false);
            if (ends == MarkMatch.Yes && Say(at) && Follow(mark, 0, length)) return true;
        }
        return Say(text.Length, goesOn: false);

        bool IsFenced(ReadOnlySpan<char> said, int until) // inside a quotation
        {
            fence.Feed(said[followed..until]);
            followed = until;
            return fence.IsInside;
        }
    }

    /// <summary>A plain tag ends an answer where it began one, and nothing but a call follows.</summary>
    private MarkMatch EndsAnswer(DialectMark mark, ReadOnlySpan<char> behind, bool isLast)
    {
        if (_answer is null || !string.Equals(_answer.Close, mark.Text, StringComparison.Ordinal)) return MarkMatch.No;
        behind = MarkText.BehindSpaces(behind);
        if (behind.IsEmpty) return isLast ? MarkMatch.Yes : MarkMatch.Open;
        return MarkText.Longest(behind, _marks.CallTexts, isLast).Match;
    }

    private bool Say(int chars, bool goesOn = true)
    {
        if (chars > 0)
        {
            Sink.Text(Remaining[..chars]);
            _fence.Feed(Remaining[..chars]);
            Take(chars);
        }
        return goesOn;
    }

    /// <summary>What a mark says; false where it means nothing here.</summary>
    private bool Follow(DialectMark mark, int before, int length)
    {
        switch (mark.Kind)
        {
            case MarkKind.Thought: Think(mark.Part!); break;
            case MarkKind.Answer: _answer = mark.Part; break;
            case MarkKind.End: (_place, IsOver) = (Place.Over, true); break;
            case MarkKind.ThoughtEnd when !MarkText.IsToken(mark.Text) && !EndsThoughtLate(mark.Text): return false; // none was begun
            case MarkKind.AnswerEnd when _isAtBreak && !MarkText.IsToken(mark.Text): return false;
            case MarkKind.Calls:
                _opening = Remaining[..(before + length)].ToString();
                _choice = mark.Formats;
                (_hasCalls, _isLineStart, _isInBrackets, _isInFence) = (false, false, false, false);
                _place = Place.Choice;
                break;
        }
        Take(before + length);
        if (mark.Kind != MarkKind.Calls) _isAtBreak = true;
        return true;
    }
}
