using Samovar.Backends.Embedded.Dialects;
using Samovar.Engine;
using Samovar.Grammars.Schemas;
using MarkKind = Samovar.Backends.Embedded.Dialects.MarkKind;

namespace Samovar.Backends.Embedded.Sampling;

/// <summary>From where on a model that may speak as it likes is held to the form of calls: where its parser would read one.</summary>
/// <remarks>
/// A token of the model's own shows a call by itself. A plain tag is also spoken of, so it shows one only together with what stands before
/// a name, and where nothing else does, with the name. A strict tool's call is held from its first key on, since a parser would read
/// one that begins with another key, too. Within a thought no call is meant: one that is made there all the same is read, but not held.
/// </remarks>
internal static class CallTriggers
{
    /// <param name="dialect">How the model writes.</param>
    /// <param name="unforced">How it begins calls behind text.</param>
    /// <param name="names">Of the tools, as they stand in JSON.</param>
    /// <param name="isStrict">Whether one of them is strict.</param>
    /// <param name="promptEnd">The prompt's last characters: whether it began a thought.</param>
    public static GrammarTriggers Of(
        ModelDialect dialect, ToolCallSyntax unforced, IReadOnlyList<string> names, bool isStrict, string promptEnd)
    {
        if (dialect.Channels is { } channels) return OfHeads(channels, unforced);
        var (format, parts) = (dialect.Written!, QuietParts(dialect));
        var begun = dialect.Begun(promptEnd) is { } thought ? parts.FindIndex(part => part.Open == thought.Open) : -1;
        return new GrammarTriggers(Texts(format, unforced, names, isStrict))
        {
            Place = PlaceOf(format, unforced), AreQuotable = !MarkText.IsToken(format.Trigger), QuietParts = parts,
            Begun = begun < 0 ? null : begun,
        };
    }

    private static string[] Texts(CallFormat format, ToolCallSyntax unforced, IReadOnlyList<string> names, bool isStrict)
    {
        if (MarkText.IsToken(format.Trigger)) return [FirstMark(format.Trigger)];
        var opening = UpToPlace(unforced.Open + unforced.BeforeName);
        var isMarked = MarkText.IsStrong(format.Trigger);
        var hasMore = opening.TrimEnd().Length > format.Trigger.Length || opening.AsSpan().Count('<') > 1;
        if (isMarked && hasMore) return [isStrict ? UpToFirstKey(opening) : opening];
        var behind = UpToPlace(unforced.BeforeArguments + unforced.Arguments?.Open);
        if (isMarked) behind = behind.Split(' ', '\n')[0];
        else if (format.Style == ArgumentStyle.Object) behind = behind[..Math.Min(behind.Length, 1)]; // the end of the name
        return [.. names.Select(name => opening + name + behind)];
    }

    /// <summary>Of a call that is an object: whatever its first key is, it is held from there on.</summary>
    private static string UpToFirstKey(string opening) =>
        opening.IndexOf('{', StringComparison.Ordinal) is >= 0 and var brace && opening.IndexOf('"', brace) is > 0 and var quote
            ? opening[..(quote + 1)] : opening;

    private static TriggerPlace PlaceOf(CallFormat format, ToolCallSyntax unforced)
    {
        if (MarkText.IsStrong(format.Trigger)) return TriggerPlace.Anywhere;
        var isOnLine = format.Trigger.Length == 0 && (format.Style == ArgumentStyle.Object || unforced.Open.StartsWith('['));
        return isOnLine ? TriggerPlace.OnLine : TriggerPlace.AtStart;
    }

    /// <summary>Thoughts, and marks behind which one may begin.</summary>
    private static List<QuietPart> QuietParts(ModelDialect dialect)
    {
        var table = MarkTable.Of(dialect);
        var parts = new List<QuietPart>();
        foreach (var mark in table.AtBreaks)
        {
            var isAnywhere = table.InText.Contains(mark);
            if (mark is { Kind: MarkKind.Thought, Part.Close: { Length: > 0 } close })
                parts.Add(new QuietPart(mark.Text, [close]) { IsAnywhere = isAnywhere, WakesAtStart = true });
            else if (mark.Kind is MarkKind.Answer or MarkKind.AnswerEnd or MarkKind.Frame
                || (mark.Kind == MarkKind.ThoughtEnd && isAnywhere))
                parts.Add(new QuietPart(mark.Text, []) { IsAnywhere = isAnywhere });
        }
        return parts;
    }

    /// <summary>A recipient stands in a message's head, which an answer may begin with; all else is a message.</summary>
    private static GrammarTriggers OfHeads(ChannelMarks channels, ToolCallSyntax unforced)
    {
        string[] heads = [channels.Start, channels.Channel];
        return new GrammarTriggers([unforced.Open + unforced.BeforeName])
        {
            QuietParts = [new QuietPart("", heads) { WakesAtStart = true }, new QuietPart(channels.Message, heads) { IsAnywhere = true }],
            Begun = 0,
        };
    }

    private static string UpToPlace(string text) =>
        text.AsSpan().IndexOfAnyInRange(CallSpelling.IdPlace, CallSpelling.NamePlace) is >= 0 and var place ? text[..place] : text;

    /// <summary>A mark up to its first space, as far as that is a mark itself.</summary>
    private static string FirstMark(string trigger)
    {
        var space = trigger.AsSpan().IndexOfAny(' ', '\n');
        return space > 0 && trigger[space - 1] is '>' or ']' ? trigger[..space] : trigger;
    }
}
