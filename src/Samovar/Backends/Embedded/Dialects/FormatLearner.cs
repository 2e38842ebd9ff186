namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Finds in rendered answers how calls are written, by what they have in common and where they differ.</summary>
/// <param name="one">One call; what ends a message is cut off everywhere.</param>
/// <param name="two">Two calls; null where the template writes one alone.</param>
/// <param name="none">A call without arguments; null where the template takes none.</param>
/// <param name="numbers">The first call with numbers for texts.</param>
internal sealed class FormatLearner(string one, string? two, string? none, string? numbers)
{
    private const int TriggerCharsMax = 200;

    public CallFormat? Learn()
    {
        if (CallPlace.Find(one, 0, CallProbe.FirstName, CallProbe.FirstId) is not { } place) return null;
        var format = new CallFormat(place.Style)
        {
            NameKey = place.NameKey, ArgumentsKey = place.ArgumentsKey, Id = place.Id,
        };
        if (place.Style == ArgumentStyle.Bare) format = format with { Quote = Quote(place) };
        var end = place.End;
        KeyedSpelling? keyed = null;
        if (place.Style == ArgumentStyle.Keyed)
        {
            if (new KeyedLearner(one, place, none, numbers).Learn() is not { } learned) return null;
            (format, keyed) = (format with { Keyed = learned.Marks, HeadEnd = learned.HeadEnd }, learned.Spelling);
            end += learned.CloseLength;
        }
        var frame = Frame(place, end);
        if (frame.Open.Length + frame.CallOpen.Length > TriggerCharsMax) return null; // not a mark: something that the template says
        return Named(format, place, frame) with { Spelling = Spelling(place, frame, end) with { Keyed = keyed } };
    }

    /// <summary>What stands around the calls, to the letter.</summary>
    private sealed record CallFrame(string Open, string CallOpen, string CallClose, string? Separator, string Close, bool IsList);

    private CallFrame Frame(CallPlace place, int end)
    {
        var (before, behind) = (one[..place.Start], one[end..]);
        var isList = (place.Style is ArgumentStyle.Object or ArgumentStyle.Python) && before.TrimEnd().EndsWith('[')
            && behind.TrimStart().StartsWith(']');
        var secondFrom = two is not null && two.StartsWith(one[..end], StringComparison.Ordinal) ? end : -1;
        var second = secondFrom < 0 ? null : CallPlace.Find(two!, secondFrom, CallProbe.SecondName, CallProbe.SecondId);
        if (isList)
        {
            var space = one[(before.TrimEnd().Length)..place.Start];
            var separator = second is null ? null : two![end..second.Start];
            return new CallFrame(before, "", "", separator ?? "," + space, behind, IsList: true);
        }
        if (second is null) return new CallFrame("", before, behind, null, "", IsList: false);
        var between = two![end..second.Start];
        var shared = Atoms.ExactEnd(before, between);
        var (open, callOpen) = (before[..^shared], before[^shared..]);
        between = between[..^shared];
        var closed = Atoms.ExactStart(behind, between);
        return new CallFrame(open, callOpen, behind[..closed], between[closed..], behind[closed..], IsList: false);
    }

    private CallFormat Named(CallFormat format, CallPlace place, CallFrame frame)
    {
        var open = frame.Open.Trim();
        var close = frame.Close.Trim();
        if (frame.IsList) (open, close) = (open[..^1].TrimEnd(), close[1..].TrimStart());
        if (frame.IsList && open.Length > 0 && !MarkText.IsStrong(open)) open += "["; // a word alone is no mark
        var callOpen = frame.CallOpen.Trim();
        var noise = HeadText.Words(one[place.Start..place.ArgumentsAt]).ToList();
        if (place.Style == ArgumentStyle.Json && callOpen.IndexOfAny(['>', ']']) is >= 0 and var tag && tag + 1 < callOpen.Length)
        {
            noise.AddRange(HeadText.Words(callOpen[(tag + 1)..])); // models name functions without it, too
            callOpen = callOpen[..(tag + 1)];
        }
        var last = callOpen.LastIndexOf('<');
        var isTagged = last > 0 && callOpen[..last].TrimEnd().EndsWith('>');
        return format with
        {
            Open = open, CallOpen = callOpen, Alias = isTagged ? callOpen[last..] : "", IsList = frame.IsList,
            CallClose = frame.CallClose.Trim(), Separator = frame.IsList ? "" : frame.Separator?.Trim() ?? "", Close = close,
            Noise = [.. noise.Where(IsLiteral).Distinct(StringComparer.Ordinal)],
        };
    }

    private static bool IsLiteral(string word) => !word.Contains(CallProbe.FirstName, StringComparison.Ordinal)
        && word != CallProbe.FirstId && !word.Contains(CallProbe.FirstKey, StringComparison.Ordinal);

    private CallSpelling Spelling(CallPlace place, CallFrame frame, int end)
    {
        var head = frame.CallOpen + one[place.Start..place.ArgumentsAt];
        var nameAt = head.IndexOf(CallProbe.FirstName, StringComparison.Ordinal);
        var (before, behind) = nameAt < 0 ? (head, "") : (head[..nameAt], head[(nameAt + CallProbe.FirstName.Length)..]);
        if (place.Id == CallIdPlace.NamesFunction && behind.StartsWith(":0", StringComparison.Ordinal))
            behind = $":{CallSpelling.NumberPlace}{behind[2..]}";
        var after = place.Style == ArgumentStyle.Object ? Slots(one[place.ArgumentsEnd..end]) : "";
        return new CallSpelling(
            frame.Open, Slots(before), Slots(behind), after + frame.CallClose, frame.Separator, frame.Close)
        {
            IsComplete = nameAt >= 0,
        };
    }

    private static string Slots(string literal) => literal
        .Replace(CallProbe.FirstId, CallSpelling.IdPlace.ToString(), StringComparison.Ordinal)
        .Replace(CallProbe.FirstName, CallSpelling.NamePlace.ToString(), StringComparison.Ordinal)
        .Replace("=\"1\"", $"=\"{CallSpelling.NumberPlace}\"", StringComparison.Ordinal); // calls are counted

    /// <summary>What stands around texts.</summary>
    private string Quote(CallPlace place)
    {
        var key = one.IndexOf(CallProbe.FirstKey, place.ArgumentsAt, StringComparison.Ordinal) + CallProbe.FirstKey.Length;
        var value = one.IndexOf(CallProbe.FirstValue, key, StringComparison.Ordinal);
        var quote = one[(one.IndexOf(':', key) + 1)..value].Trim();
        return quote.Length == 0 ? "\"" : quote;
    }
}
