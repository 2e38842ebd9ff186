using System.Globalization;
using System.Text.RegularExpressions;
using Samovar.Protocol.Items;

namespace Samovar.Testing.Scripts;

/// <summary>What the scripted model has to do, by directives in the newest user text that has any.</summary>
public sealed partial record Script
{
    public int Steps { get; private init; }
    public string Final { get; private init; } = "DONE";
    public string Out { get; private init; } = "200";
    public int Parallel { get; private init; } = 1;
    public string? Say { get; private init; }
    public string? Think { get; private init; }

    /// <summary>Tool outputs that came after the text with the directives.</summary>
    public int OutputsSeen { get; private init; }

    public static Script Read(IReadOnlyList<Item> items)
    {
        var at = -1;
        var isMarked = false;
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is not MessageItem { Role: Role.User } message) continue;
            var marks = TextOf(message).Contains("[[", StringComparison.Ordinal);
            if (isMarked && !marks) continue;
            (at, isMarked) = (i, isMarked || marks);
        }
        var text = at < 0 ? "" : TextOf((MessageItem)items[at]);
        return new Script
        {
            Steps = Number(Steps_().Match(text), 0),
            Final = Word(Final_().Match(text)) ?? "DONE",
            Out = Word(Out_().Match(text)) ?? "200",
            Parallel = Number(Parallel_().Match(text), 1),
            Say = Word(Say_().Match(text)),
            Think = Word(Think_().Match(text)),
            OutputsSeen = items.Skip(at + 1).Count(item => item.Type.EndsWith("_output", StringComparison.Ordinal)),
        };
    }

    private static string TextOf(MessageItem message) =>
        string.Concat(message.Content.OfType<ContentPart.Text>().Select(part => part.Value));
    private static int Number(Match match, int otherwise) =>
        match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : otherwise;
    private static string? Word(Match match) => match.Success ? match.Groups[1].Value : null;

    [GeneratedRegex(@"\[\[steps=(\d{1,6})\]\]")] private static partial Regex Steps_();
    [GeneratedRegex(@"\[\[final=(.*?)\]\]")] private static partial Regex Final_();
    [GeneratedRegex(@"\[\[out=(r?\d{1,9})\]\]")] private static partial Regex Out_();
    [GeneratedRegex(@"\[\[par=(\d{1,3})\]\]")] private static partial Regex Parallel_();
    [GeneratedRegex(@"\[\[say=(.*?)\]\]")] private static partial Regex Say_();
    [GeneratedRegex(@"\[\[think=(\w+)\]\]")] private static partial Regex Think_();
}
