namespace Samovar.Backends.Embedded.Dialects;

/// <summary>
/// DeepSeek: calls between its own tokens, the name before (V3.1) or behind (V3, R1) the separator, reasoning in <c>&lt;think&gt;</c>.
/// </summary>
internal sealed class DeepSeekParser : OutputParser
{
    private const string CallsOpen = "<｜tool▁calls▁begin｜>";
    private const string CallsClose = "<｜tool▁calls▁end｜>";
    private const string CallOpen = "<｜tool▁call▁begin｜>";
    private const string CallClose = "<｜tool▁call▁end｜>";
    private const string Separator = "<｜tool▁sep｜>";
    private const string ThinkClose = "</think>";
    private const string ThinkOpen = "<think>";

    private readonly int _headCharsMax;
    private NamedCallReader? _call;
    private bool _inHead;
    private bool _behindCall;

    public DeepSeekParser(IOutputSink sink, int headCharsMax, bool inReasoning) : base(sink)
    {
        _headCharsMax = headCharsMax;
        InReasoning = inReasoning;
    }

    protected override bool Step(bool isLast)
    {
        if (Remaining.IsEmpty) return false;
        if (_call is not null) return StepArguments();
        if (_inHead) return StepHead(isLast);
        return _behindCall ? StepBehind(isLast) : StepText(isLast);
    }

    protected override void Close()
    {
        _call?.Abandon();
        _call = null;
    }

    protected override void CutCall() => Close();

    private bool StepText(bool isLast)
    {
        var openers = InReasoning ? (string[])[ThinkClose] : [ThinkOpen, CallsOpen, CallsClose, CallOpen];
        var (at, found) = Openers.Find(Remaining, openers, isLast);
        if (at > 0 && InReasoning) Sink.Reasoning(Remaining[..at]);
        else if (at > 0) Sink.Text(Remaining[..at]);
        _inHead = found == CallOpen;
        Take(at + (_inHead ? 0 : found?.Length ?? 0));
        if (found is ThinkOpen or ThinkClose) InReasoning = found == ThinkOpen;
        return found is not null;
    }

    private bool StepHead(bool isLast)
    {
        var head = Remaining[CallOpen.Length..];
        var brace = head.IndexOf('{');
        if (brace < 0 && !isLast && head.Length <= _headCharsMax) return false;
        if (brace < 0 || brace > _headCharsMax) return Refuse();
        var written = head[..brace].ToString();
        var separator = written.IndexOf(Separator, StringComparison.Ordinal);
        if (separator < 0) return Refuse();
        var behind = written[(separator + Separator.Length)..].Replace("```json", "", StringComparison.Ordinal).Trim();
        var name = behind.Length > 0 ? behind : written[..separator].Trim();
        if (!Sink.BeginCall(name)) return Refuse();
        Take(CallOpen.Length + brace);
        _inHead = false;
        _call = new NamedCallReader(Sink);
        return true;
    }

    private bool Refuse()
    {
        Sink.Text(CallOpen);
        Take(CallOpen.Length);
        _inHead = false;
        return true;
    }

    private bool StepArguments()
    {
        var (taken, progress) = _call!.Read(Remaining);
        Take(taken);
        if (progress == CallProgress.More) return false;
        _call = null;
        _behindCall = progress == CallProgress.Done;
        return true;
    }

    /// <summary>The fence and the closing token behind the arguments.</summary>
    private bool StepBehind(bool isLast)
    {
        var space = LeadingSpace(Remaining);
        if (space == Remaining.Length) return false;
        Take(space);
        foreach (var closing in (string[])["```", CallClose])
        {
            if (Begins(closing, isLast) is not { } closes) return false;
            if (!closes) continue;
            Take(closing.Length);
            _behindCall = closing != CallClose;
            return true;
        }
        _behindCall = false;
        return true;
    }
}
