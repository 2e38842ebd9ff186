using System.Buffers;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>The texts that a template has been seen to look for in what is said. Grows; a set itself does not change.</summary>
internal sealed class Needles
{
    public static readonly Needles None = new(new HashSet<string>(StringComparer.Ordinal), areInStandIns: false);

    private readonly IReadOnlySet<string> _texts;
    private readonly SearchValues<string> _search;

    private Needles(IReadOnlySet<string> texts, bool areInStandIns)
    {
        (_texts, AreInStandIns) = (texts, areInStandIns);
        _search = SearchValues.Create([.. texts], StringComparison.Ordinal);
    }

    /// <summary>Whether stand-ins say any of them: then nothing that was proven with these holds for texts that do not.</summary>
    public bool AreInStandIns { get; }

    public bool Has(string text) => _texts.Contains(text);

    /// <summary>This set, or one that has more.</summary>
    public Needles With(IReadOnlySet<string> more, IReadOnlyList<string> standIns)
    {
        if (more.IsSubsetOf(_texts)) return this;
        var texts = _texts.Union(more, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        return new Needles(texts, texts.Any(text => standIns.Any(said => said.Contains(text, StringComparison.Ordinal))));
    }

    /// <summary>Whether a message is treated as any other of its kind, by a template that looks for nothing else.</summary>
    public bool AreNoneIn(PromptMessage message) => AreNoneIn(message.Text) && AreNoneIn(message.Reasoning)
        && (message.CallName is not { } name || AreNoneIn(name)) && message.Calls.All(call => AreNoneIn(call.Name));

    public bool AreNoneIn(IReadOnlyList<PromptMessage> messages) => messages.All(AreNoneIn);

    public bool AreNoneIn(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) return true; // such a text is never replaced
        if (!Says(text)) return false; // white space for a template alone
        if (_texts.Count == 0) return true;
        if (text.AsSpan().ContainsAny(_search)) return false;
        var trimmed = text.AsSpan().Trim();
        var hasBlankEnd = trimmed.Length < text.Length;
        foreach (var needle in _texts)
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
