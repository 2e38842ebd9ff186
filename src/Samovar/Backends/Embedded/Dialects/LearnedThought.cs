namespace Samovar.Backends.Embedded.Dialects;

/// <summary>How a model writes thoughts.</summary>
/// <param name="Marks">What stands around them.</param>
/// <param name="AnswerOpen">What stands between a thought's end and a text.</param>
/// <param name="AnswerClose">What stands behind such a text.</param>
internal sealed record LearnedThought(PartMarks Marks, string AnswerOpen, string AnswerClose)
{
    /// <summary>A text without the empty thought that it begins with.</summary>
    public string Without(string text)
    {
        var start = text.AsSpan().TrimStart();
        if (Marks.Open.Length > 0 && start.StartsWith(Marks.Open, StringComparison.Ordinal)) start = start[Marks.Open.Length..].TrimStart();
        var close = start.IndexOf(Marks.Close, StringComparison.Ordinal);
        var probe = start.IndexOf("probe", StringComparison.Ordinal);
        if (close < 0 || (probe >= 0 && probe < close) || start[..close].Trim().Length > "undefined".Length) return text;
        start = start[(close + Marks.Close.Length)..];
        if (Marks.Behind.Length > 0 && start.TrimStart().StartsWith(Marks.Behind, StringComparison.Ordinal))
            start = start.TrimStart()[Marks.Behind.Length..];
        return start.ToString();
    }
}
