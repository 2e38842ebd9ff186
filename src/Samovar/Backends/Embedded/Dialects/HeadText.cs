namespace Samovar.Backends.Embedded.Dialects;

/// <summary>What stands between a call's opening and its arguments: its name among marks, and perhaps its id.</summary>
internal static class HeadText
{
    private const string Functions = "functions.";
    private const string Call = ".call"; // name.call(a="x"): as some were taught to call what is built in

    /// <summary>The first word that names a tool, else the first word at all; null where there is none.</summary>
    public static (string Name, string? Id)? Read(string head, CallFormat format, IOutputSink sink)
    {
        if (format.Style == ArgumentStyle.Python && Words(head).FirstOrDefault() != head.Trim()) return null; // nothing else stands there
        if (format.Style == ArgumentStyle.Python && head.Trim().EndsWith(Call, StringComparison.Ordinal) && !sink.IsOffered(head.Trim()))
            head = head.Trim()[..^Call.Length];
        var words = Words(head).Where(word => !format.Noise.Contains(word, StringComparer.Ordinal)).ToList();
        if (words.Count == 0) words = [.. Words(head)];
        var name = words.Select(NameIn).FirstOrDefault(sink.IsOffered);
        if (name is null) return words.Count == 0 ? null : (NameIn(words[0]), null);
        var id = format.Id switch
        {
            CallIdPlace.NamesFunction => words.FirstOrDefault(word => word != name && NameIn(word) == name),
            CallIdPlace.InHead => words.FirstOrDefault(word => NameIn(word) != name),
            _ => null,
        };
        return (name, id);
    }

    /// <summary>Whether a head has but a name and an id: what else it has would be lost where no arguments follow.</summary>
    public static bool IsNameAlone(string head, CallFormat format)
    {
        var others = (format.Id == CallIdPlace.InHead ? 1 : 0) + Words(format.Spelling?.Keyed?.HeadEnd ?? "").Count();
        return Words(head).Except(format.Noise, StringComparer.Ordinal).Count() <= 1 + others; // a name may stand twice
    }

    /// <summary>Whether what was read of a head may become the name of a tool.</summary>
    public static bool MayName(string head, CallFormat format, IOutputSink sink)
    {
        var mark = head.LastIndexOfAny(['<', '[']);
        if (mark >= 0 && head.AsSpan(mark).IndexOfAny('>', ']') < 0) head = head[..mark]; // it breaks off within a mark
        var words = Words(head).Where(word => !format.Noise.Any(noise => noise.StartsWith(word, StringComparison.Ordinal))).ToList();
        return sink.Offers("") && (words.Count == 0 || (format.Id == CallIdPlace.InHead && words.Count == 1)
            || words.Exists(word => sink.Offers(NameIn(word)) || MayBeCall(word) || Functions.StartsWith(word, StringComparison.Ordinal)));

        bool MayBeCall(string word) => format.Style == ArgumentStyle.Python && word.LastIndexOf('.') is > 0 and var dot
            && sink.IsOffered(word[..dot]) && Call.StartsWith(word[dot..], StringComparison.Ordinal);
    }

    /// <summary>Whether a head names its tool and says no more than a name and an id do: prose does, which speaks of the marks.</summary>
    public static bool IsShort(string head, CallFormat format)
    {
        const int WordsMax = 4; // an id, a name that stands twice, and one that is the frame's
        var trimmed = head.AsSpan().TrimStart();
        return !(trimmed.StartsWith("`") && !trimmed.StartsWith("```"))
            && Words(head).Except(format.Noise, StringComparer.Ordinal).Count() <= WordsMax;
    }

    /// <summary>An id as <c>functions.name:0</c> names its function.</summary>
    public static string NameIn(string word)
    {
        if (word.StartsWith(Functions, StringComparison.Ordinal)) word = word[Functions.Length..];
        var colon = word.LastIndexOf(':');
        return colon > 0 && word.AsSpan(colon + 1).IndexOfAnyExceptInRange('0', '9') < 0 ? word[..colon] : word;
    }

    /// <summary>Letters and digits, with the signs that names and ids have.</summary>
    public static IEnumerable<string> Words(string head)
    {
        var from = -1;
        for (var at = 0; at <= head.Length; at++)
        {
            var isIn = at < head.Length && (char.IsLetterOrDigit(head[at]) || head[at] is '_' or '-' or '.' or ':');
            if (isIn && from < 0) from = at;
            if (isIn || from < 0) continue;
            yield return head[from..at].Trim(':');
            from = -1;
        }
    }
}
