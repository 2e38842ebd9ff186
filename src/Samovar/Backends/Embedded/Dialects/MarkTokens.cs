using Samovar.Engine;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>
/// The marks of messages that are control tokens of the vocabulary. A model that only speaks of them spells them in ordinary tokens.
/// </summary>
internal sealed class MarkTokens
{
    private readonly HashSet<int> _tokens = [];
    private readonly List<string> _marks = [];

    public MarkTokens(ModelDialect dialect, ITokenizer tokenizer)
    {
        if (dialect.Channels is not { } channels) return;
        foreach (var mark in (string[])[channels.Start, channels.Channel, channels.Message, channels.Constrain, .. channels.Ends])
        {
            if (mark.Length == 0 || tokenizer.Tokenize(mark, addSpecial: false, parseSpecial: true) is not [var token]) continue;
            if (tokenizer.IsControl(token) && _tokens.Add(token)) _marks.Add(mark);
        }
    }

    /// <summary>Whether no spelling is told apart from its token.</summary>
    public bool IsEmpty => _marks.Count == 0;

    public int LongestMark => IsEmpty ? 0 : _marks.Max(mark => mark.Length);

    public bool Contains(int token) => _tokens.Contains(token);

    /// <summary>Whether a text ends with a mark.</summary>
    public bool EndsWithMark(ReadOnlySpan<char> text)
    {
        foreach (var mark in _marks)
            if (text.EndsWith(mark, StringComparison.Ordinal)) return true;
        return false;
    }
}
