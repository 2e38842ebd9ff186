namespace Samovar.Backends.Embedded.Dialects;

/// <summary>What a mark in an output begins or ends.</summary>
internal enum MarkKind { Thought, ThoughtEnd, Answer, AnswerEnd, Calls, Frame, End }

/// <summary>One mark of a dialect.</summary>
/// <param name="Text">How it is written.</param>
/// <param name="Kind">What it means.</param>
/// <param name="Part">Of thoughts and answers: both their marks.</param>
/// <param name="Formats">The formats whose calls it opens.</param>
internal sealed record DialectMark(string Text, MarkKind Kind, PartMarks? Part, IReadOnlyList<CallFormat> Formats);

/// <summary>All marks of a dialect, by where they are looked for.</summary>
internal sealed class MarkTable
{
    private MarkTable(IReadOnlyList<DialectMark> atBreaks, IReadOnlyList<DialectMark> inText, IReadOnlyList<CallFormat> bare)
    {
        (AtBreaks, InText, Bare) = (atBreaks, inText, bare);
        (BreakTexts, TextTexts) = ([.. atBreaks.Select(mark => mark.Text)], [.. inText.Select(mark => mark.Text)]);
        CallTexts = [.. inText.Select(mark => mark.Kind == MarkKind.Calls ? mark.Text : "")];
    }

    /// <summary>Where an answer, a thought or calls may begin.</summary>
    public IReadOnlyList<DialectMark> AtBreaks { get; }

    /// <summary>Anywhere in a text.</summary>
    public IReadOnlyList<DialectMark> InText { get; }

    /// <summary>Formats whose calls have no mark before them.</summary>
    public IReadOnlyList<CallFormat> Bare { get; }

    public string[] BreakTexts { get; }
    public string[] TextTexts { get; }

    /// <summary>Those of a text that open calls, at their places.</summary>
    public string[] CallTexts { get; }

    public static MarkTable Of(ModelDialect dialect)
    {
        var calls = dialect.Formats
            .SelectMany(format => Openings(format).Select(text => (text, format)))
            .GroupBy(one => one.text, one => one.format, StringComparer.Ordinal)
            .Select(group => new DialectMark(group.Key, MarkKind.Calls, null, [.. group.Distinct()])).ToList();
        var frames = dialect.Thoughts.Select(part => part.Behind).Where(text => text.Length > 0).Distinct(StringComparer.Ordinal)
            .Select(text => new DialectMark(text, MarkKind.Frame, null, []));
        var closings = dialect.Formats.SelectMany(Closings).Concat(dialect.Frames).Where(MarkText.IsToken).Distinct(StringComparer.Ordinal)
            .Select(text => new DialectMark(text, MarkKind.Frame, null, []));
        List<DialectMark> atBreaks =
        [
            .. calls, .. dialect.Ends.Select(text => new DialectMark(text, MarkKind.End, null, [])),
            .. Parts(dialect.Thoughts, part => part.Open, MarkKind.Thought),
            .. Parts(dialect.Thoughts, part => part.Close, MarkKind.ThoughtEnd),
            .. Parts(dialect.Answers, part => part.Open, MarkKind.Answer),
            .. Parts(dialect.Answers, part => part.Close, MarkKind.AnswerEnd),
            .. frames, .. closings,
        ];
        atBreaks = [.. atBreaks.DistinctBy(mark => mark.Text, StringComparer.Ordinal)];
        return new MarkTable(atBreaks, [.. atBreaks.Where(IsInText)], [.. dialect.Formats.Where(format => format.Trigger.Length == 0)]);
    }

    /// <summary>What may open calls: a section, and a call whose section was left out.</summary>
    private static IEnumerable<string> Openings(CallFormat format)
    {
        if (format.Open.Length > 0) yield return format.Open;
        if (format.CallOpen.Length > 0 && (format.Open.Length == 0 || MarkText.IsStrong(format.CallOpen))) yield return format.CallOpen;
        if (format.Alias.Length > 0) yield return format.Alias;
        if (format.Trigger.Length == 0 && MarkText.IsStrong(format.Separator)) yield return format.Separator;
    }

    private static IEnumerable<string> Closings(CallFormat format) => MarkText.Parts(format.CallClose + "\n" + format.Close);

    private static IEnumerable<DialectMark> Parts(IEnumerable<PartMarks> parts, Func<PartMarks, string> text, MarkKind kind) =>
        parts.Where(part => text(part).Length > 0).Select(part => new DialectMark(text(part), kind, part, []));

    /// <summary>A thought or an answer in plain tags begins where one may begin; calls, and whatever is a token, stand anywhere.</summary>
    private static bool IsInText(DialectMark mark) => mark.Kind switch
    {
        MarkKind.Calls => MarkText.IsStrong(mark.Text),
        MarkKind.AnswerEnd or MarkKind.End => true,
        _ => MarkText.IsToken(mark.Text),
    };
}
