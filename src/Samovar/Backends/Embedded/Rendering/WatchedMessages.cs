using System.Globalization;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Which words messages are given: what is written in the same way for both follows none of them.</summary>
internal enum WordSet
{
    First,
    Second,
}

/// <summary>
/// The same messages with words in the place of theirs that are known again. What is empty stays so, and what a template finds something
/// in.
/// </summary>
internal sealed class WatchedMessages(WordSet set, Needles needles)
{
    private const int SetSize = 5000;

    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private int _at;

    public WordSet Set { get; set; } = set;

    /// <summary>The set of the names of calls.</summary>
    public WordSet NameSet { get; set; } = set;

    private int Next => At(Set);

    private int At(WordSet set) => set == WordSet.First ? _at : SetSize + _at;

    public List<PromptMessage> Of(IReadOnlyList<PromptMessage> messages)
    {
        var watched = new List<PromptMessage>(messages.Count);
        foreach (var message in messages)
        {
            _at = (_at + 1) % SetSize;
            watched.Add(!needles.AreNoneIn(message) ? message : message with
            {
                Text = Words(message.Text),
                Reasoning = Words(message.Reasoning),
                CallName = message.CallName is { } name ? NameOf(name) : null,
                Calls = [.. message.Calls.Select(call => call with { Name = NameOf(call.Name), Arguments = Arguments() })],
            });
        }
        return watched;
    }

    private string Words(string text) => string.IsNullOrWhiteSpace(text) ? text : WatchedWords.Text(Next);

    private string NameOf(string name)
    {
        if (!_names.TryGetValue(name, out var other)) _names[name] = other = WatchedWords.Name(At(NameSet));
        return other;
    }

    /// <summary>Of another form in each set: what follows the form shows, too.</summary>
    private string Arguments()
    {
        var word = WatchedWords.Argument(Next);
        return Set == WordSet.First
            ? string.Create(CultureInfo.InvariantCulture, $$"""{"k{{word}}": "{{word}}"}""")
            : string.Create(CultureInfo.InvariantCulture, $$"""{"m{{word}}": {"n{{word}}": [1, "{{word}}"]}, "o{{word}}": true}""");
    }
}
