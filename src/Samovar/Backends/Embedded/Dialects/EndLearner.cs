namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Finds what ends an answer, where that is no token that ends every output of the vocabulary.</summary>
/// <remarks>
/// (1) The token that the template writes behind a text. (2) Where it writes none, the one that the next question begins with: a model that
/// writes it speaks for somebody else. (3) The token behind calls, where texts end otherwise.
/// </remarks>
internal static class EndLearner
{
    public static IReadOnlyList<string> Learn(AnswerFrame frame, CallFormat? calls)
    {
        var ends = new List<string>();
        if (ProbeTalk.Behind(frame.Body(CallProbe.Said), CallProbe.Text) is not { } said) return ends;
        if (!frame.HasEnd(said))
        {
            if (TokenAt(frame, frame.MessageEnd() is [var end, ..] ? end : "") is { } own) ends.Add(own); // :: 1
            else if (said.Trim().Length == 0 && TokenAt(frame, Next(frame)) is { } next) ends.Add(next); // :: 2
        }
        else if (calls is not null && BehindCalls(frame, calls) is { } behind) ends.Add(behind); // :: 3
        return ends;
    }

    private static string Next(AnswerFrame frame) =>
        ProbeTalk.Behind(frame.Talk.UntilNext(CallProbe.Said, frame.Form), CallProbe.Text) ?? "";

    private static string? BehindCalls(AnswerFrame frame, CallFormat calls)
    {
        var tail = ProbeTalk.Behind(frame.Body(CallProbe.One), CallProbe.SecondValue)?.TrimEnd();
        if (tail is null || frame.HasEnd(tail)) return null;
        var last = frame.Control.LastIndexOfSpelling(tail);
        if (last < 0 || frame.Control.SpellingAt(tail, last) is not { } token || last + token.Length < tail.Length) return null;
        var isOfEach = calls.Spelling is { Separator: { } separator } spelling
            && (separator + spelling.AfterArguments).Contains(token, StringComparison.Ordinal);
        return isOfEach ? null : token;
    }

    private static string? TokenAt(AnswerFrame frame, string text) => frame.Control.SpellingAt(text.TrimStart(), 0);
}
