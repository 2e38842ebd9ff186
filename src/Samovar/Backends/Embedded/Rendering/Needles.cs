using System.Buffers;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>The texts that a template has been seen to look for in what is said. Grows; a set itself does not change.</summary>
internal sealed class Needles(IReadOnlySet<string> texts)
{
    public static readonly Needles None = new(new HashSet<string>(StringComparer.Ordinal));

    private readonly SearchValues<string> _search = SearchValues.Create([.. texts], StringComparison.Ordinal);

    /// <summary>This set, or one that has more.</summary>
    public Needles With(IReadOnlySet<string> more) => more.IsSubsetOf(texts) ? this : new Needles(texts.Union(more).ToHashSet());

    /// <summary>Whether messages are treated as any others of their kinds, by a template that looks for nothing else.</summary>
    public bool AreNoneIn(IReadOnlyList<PromptMessage> messages)
    {
        foreach (var message in messages)
            if (!AreNoneIn(message.Text) || !AreNoneIn(message.Reasoning) || (message.CallName is { } name && !AreNoneIn(name))
                || message.Calls.Any(call => !AreNoneIn(call.Name)))
                return false;
        return true;
    }

    private bool AreNoneIn(string text)
    {
        if (text.Length == 0) return true;
        if (!Says(text)) return false; // how much of it is white space may matter
        if (texts.Count == 0) return true;
        if (text.AsSpan().ContainsAny(_search)) return false;
        var trimmed = text.AsSpan().Trim();
        var hasBlankEnd = trimmed.Length < text.Length;
        foreach (var needle in texts)
            if (MayJoin(text, needle) || (hasBlankEnd && (MayJoin(trimmed, needle) || needle.Any(char.IsWhiteSpace)))) return false;
        return true;
    }

    /// <summary>Whether it could be a part of the needle together with what a template writes beside it.</summary>
    private static bool MayJoin(ReadOnlySpan<char> text, string needle)
    {
        if (needle.AsSpan().Contains(text, StringComparison.Ordinal)) return true;
        for (var length = 1; length < needle.Length && length <= text.Length; length++)
            if (text.EndsWith(needle.AsSpan(0, length)) || text.StartsWith(needle.AsSpan(needle.Length - length))) return true;
        return false;
    }

    private static bool Says(string text)
    {
        foreach (var one in text)
            if (one > ' ' && !char.IsWhiteSpace(one)) return true;
        return false;
    }
}
