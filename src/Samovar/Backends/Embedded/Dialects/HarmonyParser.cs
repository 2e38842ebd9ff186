using System.Text.RegularExpressions;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>
/// gpt-oss: messages with a channel and perhaps a recipient; analysis is reasoning, a recipient is a call, all else is text.
/// </summary>
internal sealed partial class HarmonyParser(IOutputSink sink, int headCharsMax) : OutputParser(sink)
{
    private const string Start = "<|start|>";
    private const string Channel = "<|channel|>";
    private const string Message = "<|message|>";

    private static readonly string[] Heads = [Start, Channel, " to="];
    private static readonly string[] Ends = ["<|end|>", "<|call|>", "<|return|>", Start, Channel];

    private enum Place { Head, Text, Reasoning, Call }

    private Place _place;

    protected override bool Step(bool isLast)
    {
        if (Remaining.IsEmpty) return false;
        return _place == Place.Head ? StepHead(isLast) : StepBody(isLast);
    }

    protected override void Close()
    {
        if (_place == Place.Call) Sink.EndCall();
        Go(Place.Head);
    }

    protected override void CutCall() => Close();

    protected override bool IsMarkup(ReadOnlySpan<char> held) => true; // no text begins like its heads

    private bool StepHead(bool isLast)
    {
        var isHead = false;
        foreach (var head in Heads)
        {
            if (Begins(head, isLast) is not { } begins) return false;
            isHead |= begins;
        }
        if (!isHead) return Go(Place.Text); // it speaks without a head
        var end = Remaining.IndexOf(Message, StringComparison.Ordinal);
        if (end > headCharsMax || (end < 0 && (isLast || Remaining.Length > headCharsMax + Message.Length))) return Refuse();
        if (end < 0) return false;
        var written = Remaining[..end].ToString();
        Take(end + Message.Length);
        var recipient = Recipient().Match(written);
        if (recipient.Success) return Go(Sink.BeginCall(recipient.Groups["name"].Value) ? Place.Call : Place.Text);
        return Go(written.Contains(Channel + "analysis", StringComparison.Ordinal) ? Place.Reasoning : Place.Text);
    }

    private bool StepBody(bool isLast)
    {
        var (at, found) = Openers.Find(Remaining, Ends, isLast);
        if (at > 0) Emit(Remaining[..at]);
        Take(at);
        if (found is null) return false;
        if (_place == Place.Call) Sink.EndCall();
        if (found is not Start and not Channel) Take(found.Length);
        return Go(Place.Head);
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
            case Place.Call: Sink.Arguments(body); break;
            case Place.Reasoning: Sink.Reasoning(body); break;
            default: Sink.Text(body); break;
        }
    }

    private bool Go(Place place)
    {
        _place = place;
        InReasoning = place == Place.Reasoning;
        return true;
    }

    [GeneratedRegex(@"to=(?:functions\.)?(?<name>[^\s<]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Recipient();
}
