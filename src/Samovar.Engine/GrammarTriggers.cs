namespace Samovar.Engine;

/// <summary>Where a trigger has to stand to count.</summary>
public enum TriggerPlace
{
    /// <summary>Anywhere.</summary>
    Anywhere,

    /// <summary>Where a line begins, spaces aside, or nothing was said yet.</summary>
    OnLine,

    /// <summary>Where nothing was said yet: at the beginning, and behind the end of a quiet part.</summary>
    AtStart,
}

/// <summary>Where a grammar begins to bind: at the first of some texts that is not merely spoken of.</summary>
/// <remarks>
/// White space within such a text, or within the mark of a part, may be written in any number or be left out; the grammar hears of it as
/// it stands in the text.
/// </remarks>
/// <param name="Texts">The texts, beginnings of what the grammar admits; none for a grammar that binds from the first token.</param>
public sealed record GrammarTriggers(IReadOnlyList<string> Texts)
{
    /// <summary>The grammar binds from the first token.</summary>
    public static readonly GrammarTriggers None = new([]);

    public TriggerPlace Place { get; init; }

    /// <summary>Whether one within a quotation of code (between lines that begin with three backticks) is only spoken of.</summary>
    public bool AreQuotable { get; init; }

    /// <summary>Parts of an output in which none counts.</summary>
    public IReadOnlyList<QuietPart> QuietParts { get; init; } = [];

    /// <summary>Which of these parts has begun before the first token; null for none.</summary>
    public int? Begun { get; init; }

    /// <summary>Tells apart what is watched for differently.</summary>
    internal string Key => string.Concat((string[])
    [
        .. Texts.Select(text => "\0" + text), FormattableString.Invariant($"\0\u0001{(int)Place}{AreQuotable}"),
        .. QuietParts.Select(part => $"\0\u0002{part.IsAnywhere}{part.WakesAtStart}\u0001{part.Open}"
            + string.Concat(part.Closes.Select(close => "\u0001" + close))),
    ]);
}

/// <summary>A part of an output in which triggers are words like all others, such as a thought.</summary>
/// <param name="Open">What begins it; empty for one that only stands at the beginning.</param>
/// <param name="Closes">What ends it; none for a mark behind which nothing has been said yet.</param>
public sealed record QuietPart(string Open, IReadOnlyList<string> Closes)
{
    /// <summary>Whether it may begin anywhere; else only where nothing was said yet.</summary>
    public bool IsAnywhere { get; init; }

    /// <summary>Whether a trigger counts with which it begins.</summary>
    public bool WakesAtStart { get; init; }
}
