namespace Samovar.Backends.Embedded.Dialects;

/// <summary>What was learned of arguments that stand between marks.</summary>
/// <param name="Marks">Their marks.</param>
/// <param name="HeadEnd">What separates the name from them.</param>
/// <param name="CloseLength">How much of what stands behind the last value closes it.</param>
/// <param name="Spelling">The marks to the letter.</param>
internal sealed record KeyedForm(
    KeyedMarks Marks, string HeadEnd, int CloseLength, KeyedSpelling Spelling);

/// <summary>Finds what stands around keys and values, from two of them and from a call without any.</summary>
internal sealed class KeyedLearner(string one, CallPlace place, string? none, string? numbers)
{
    public KeyedForm? Learn()
    {
        var firstKey = one.IndexOf(CallProbe.FirstKey, place.NameEnd, StringComparison.Ordinal);
        var firstValue = one.IndexOf(CallProbe.FirstValue, firstKey, StringComparison.Ordinal);
        if (firstValue < 0) return null;
        var valueEnd = firstValue + CallProbe.FirstValue.Length;
        var lastKey = one.LastIndexOf(CallProbe.SecondKey, place.End - CallProbe.SecondValue.Length, StringComparison.Ordinal);
        var secondKey = one.IndexOf(CallProbe.SecondKey, valueEnd, StringComparison.Ordinal);
        if (lastKey < secondKey || secondKey < 0) return null;
        var head = one[place.NameEnd..firstKey];
        var between = one[(firstKey + CallProbe.FirstKey.Length)..firstValue];
        var next = Again(one[valueEnd..secondKey], CallProbe.FirstKey);
        var behind = Again(one[place.End..], CallProbe.SecondKey);
        var close = Closing(head, next, behind);
        var open = next[close.Length..];
        if (close.Trim().Length == 0 || open.Trim().Length == 0) return null;
        var headEnd = head.EndsWith(open, StringComparison.Ordinal) ? head[..^open.Length]
            : head[..^Math.Max(Atoms.ExactEnd(head, next), 0)];
        var isOnLines = between.EndsWith('\n') && close.StartsWith('\n');
        var (prefix, word, suffix, other) = Types(between);
        var marks = new KeyedMarks(open.Trim(), prefix.Trim(), suffix.Trim(), word, close.Trim(), isOnLines);
        var closeLength = close.Replace(KeyedMarks.KeyPlace.ToString(), CallProbe.SecondKey, StringComparison.Ordinal).Length;
        return new KeyedForm(marks, EndOf(headEnd), closeLength, new KeyedSpelling(headEnd, open, between, other, close));
    }

    private static string Again(string text, string key) =>
        text.Replace(key, KeyedMarks.KeyPlace.ToString(), StringComparison.Ordinal);

    /// <summary>What closes a value: what stands behind each, as far as it does not open the next.</summary>
    private string Closing(string head, string next, string behind)
    {
        var common = next[..Atoms.ExactStart(next, behind)];
        if (none is null) return common;
        var nameAt = none.LastIndexOf(CallProbe.FirstName, StringComparison.Ordinal);
        if (nameAt < 0) return common;
        var alone = none[(nameAt + CallProbe.FirstName.Length)..];
        var opening = head[Atoms.ExactStart(head, alone)..];
        return opening.Trim().Length > 0 && next.EndsWith(opening, StringComparison.Ordinal) && opening.Length < next.Length
            && common.Length + opening.Length > next.Length ? next[..^opening.Length] : common;
    }

    /// <summary>The sign behind the name; numbers and what is quoted before it are left out.</summary>
    private static string EndOf(string headEnd)
    {
        var digit = headEnd.AsSpan().LastIndexOfAnyInRange('0', '9');
        return headEnd[(digit + 1)..].TrimStart('"').Trim() is { Length: > 0 } end && digit >= 0 ? end : headEnd.Trim();
    }

    /// <summary>Between key and value: what is before the word for the type, the word of texts, what is behind it; and all for a
    /// number.</summary>
    private (string Before, string Word, string Behind, string Other) Types(string between)
    {
        var key = numbers?.IndexOf(CallProbe.FirstKey, StringComparison.Ordinal) ?? -1;
        var value = key < 0 ? -1 : numbers!.IndexOf(CallProbe.Number, key, StringComparison.Ordinal);
        if (value < 0) return (between, "", "", between);
        var other = numbers![(key + CallProbe.FirstKey.Length)..value];
        if (other == between) return (between, "", "", other);
        if (between == other + "\"") return (other, KeyedMarks.JsonWord, "", other); // texts are written as JSON, too
        var before = Atoms.ExactStart(between, other);
        var behind = Atoms.ExactEnd(between[before..], other[Math.Min(before, other.Length)..]);
        return (between[..before], between[before..^behind], between[^behind..], other);
    }
}
