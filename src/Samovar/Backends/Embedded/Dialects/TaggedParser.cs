namespace Samovar.Backends.Embedded.Dialects;

/// <summary>
/// Text with reasoning in <c>&lt;think&gt;</c> and calls as JSON objects in <c>&lt;tool_call&gt;</c>: Hermes, Qwen and many that follow
/// them.
/// </summary>
internal sealed class TaggedParser : OutputParser
{
    private const string ThinkOpen = "<think>";
    private const string ThinkClose = "</think>";
    private const string CallOpen = "<tool_call>";
    private const string CallClose = "</tool_call>";

    private static readonly string[] Calls = [CallOpen];

    private readonly int _headCharsMax;
    private readonly bool _callsToo;
    private CallReader? _call;
    private bool _behindCall;
    private bool _hasText;

    /// <param name="sink">Where output goes.</param>
    /// <param name="headCharsMax">Bound of a call's head.</param>
    /// <param name="inReasoning">Whether the prompt opened the reasoning.</param>
    /// <param name="callsToo">False for models that only think aloud.</param>
    public TaggedParser(IOutputSink sink, int headCharsMax, bool inReasoning, bool callsToo = true) : base(sink)
    {
        _headCharsMax = headCharsMax;
        _callsToo = callsToo;
        InReasoning = inReasoning;
    }

    protected override bool Step(bool isLast)
    {
        if (Remaining.IsEmpty) return false;
        if (InReasoning) return StepReasoning(isLast);
        if (_call is not null) return StepCall();
        return _behindCall ? StepBehindCall(isLast) : StepText(isLast);
    }

    protected override void Close()
    {
        if (_call is null) return;
        if (!_call.HasBegun) Sink.Text(CallOpen + _call.Raw);
        _call.Abandon();
        _call = null;
    }

    protected override void CutCall()
    {
        Cut(_call, _call is null ? "" : CallOpen);
        _call = null;
    }

    protected override bool IsMarkup(ReadOnlySpan<char> held) =>
        _hasText ? base.IsMarkup(held) : held.TrimStart().Length > 1 || base.IsMarkup(held);

    private bool StepReasoning(bool isLast)
    {
        if (!ReadReasoning(ThinkClose, isLast)) return false;
        InReasoning = false;
        return true;
    }

    private bool StepText(bool isLast)
    {
        if (!_hasText)
        {
            var space = LeadingSpace(Remaining);
            var word = Remaining[space..];
            if (!isLast && ThinkOpen.AsSpan().StartsWith(word, StringComparison.Ordinal) && word.Length < ThinkOpen.Length) return false;
            _hasText = true; // thinking comes first or not at all
            if (!word.StartsWith(ThinkOpen, StringComparison.Ordinal)) return true;
            Take(space + ThinkOpen.Length);
            return InReasoning = true;
        }
        var (at, found) = Openers.Find(Remaining, _callsToo ? Calls : [], isLast);
        if (at > 0) Sink.Text(Remaining[..at]);
        Take(at + (found?.Length ?? 0));
        if (found is not null) _call = new CallReader(Sink, _headCharsMax);
        return found is not null;
    }

    private bool StepCall()
    {
        var (taken, progress) = _call!.Read(Remaining);
        Take(taken);
        if (progress == CallProgress.More) return false;
        if (progress == CallProgress.Refused)
        {
            Sink.Text(CallOpen);
            PutBack(_call.Raw);
        }
        _hasText = true;
        _behindCall = progress == CallProgress.Done;
        _call = null;
        return true;
    }

    private bool StepBehindCall(bool isLast)
    {
        var space = LeadingSpace(Remaining);
        if (space == Remaining.Length) return false;
        Take(space);
        if (Begins(CallClose, isLast) is not { } closes) return false;
        if (closes) Take(CallClose.Length);
        _behindCall = false;
        return true;
    }
}
