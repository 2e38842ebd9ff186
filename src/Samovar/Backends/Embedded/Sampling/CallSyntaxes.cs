using Samovar.Backends.Embedded.Dialects;
using Samovar.Grammars.Schemas;

namespace Samovar.Backends.Embedded.Sampling;

/// <summary>How a dialect's calls and thoughts are written, for grammars: the same shapes that its parser reads.</summary>
internal static class CallSyntaxes
{
    /// <summary>
    /// What calls are marked with, as far as it cannot be anything else: where nothing may be called, none of it is written. Their closing
    /// brackets are left out: of a mark in several tokens nothing is left then that merely lacks its end.
    /// </summary>
    public static IReadOnlyList<string> Marks(ModelDialect dialect)
    {
        if (dialect.Channels is { } channels)
            return
            [
                (ChannelMarks.Recipient + ChannelMarks.Functions).TrimStart(), channels.Channel + channels.Calls + ChannelMarks.Recipient,
                channels.Start + channels.Role + ChannelMarks.Recipient,
            ];
        var marks = dialect.Formats.SelectMany(format => (string[])
        [
            format.Trigger, format.Open.Length > 0 ? format.CallOpen : "", format.Alias,
            .. MarkText.Parts(format.CallClose), .. MarkText.Parts(format.Close),
        ]);
        var strong = marks.Where(mark => mark.Length > 1 && MarkText.IsStrong(mark)).Select(Begun);
        var parts = dialect.Thoughts.Concat(dialect.Answers).SelectMany(part => (string[])[part.Open, part.Close, part.Behind])
            .Concat(dialect.Frames).Append(dialect.BeforeEnd).ToList(); // an answer without calls has these, too
        return
        [
            .. strong.Where(mark => mark.Any(char.IsLetter) && !parts.Exists(part => part.Contains(mark, StringComparison.Ordinal)))
                .Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>Whether a call always has a mark; else an object that was asked for may look like one.</summary>
    public static bool AreMarked(ModelDialect dialect) =>
        dialect.Formats.Count > 0 && dialect.Formats.All(format => MarkText.IsStrong(format.Trigger) || dialect.Channels is not null);

    /// <summary>Texts behind which an answer begins: what stands before them is thought, or frame.</summary>
    public static IReadOnlyList<string> Openings(ModelDialect dialect) =>
        dialect.Channels is { } channels ? [channels.Message]
        : [.. dialect.Thoughts.Select(part => part.Close).Distinct(StringComparer.Ordinal)];

    /// <summary>How the call of one function begins as a JSON object, for those dialects that write objects.</summary>
    public static IReadOnlyList<string> Heads(ModelDialect dialect, string name) =>
    [
        .. dialect.Formats.SelectMany(format => format.Style switch
        {
            ArgumentStyle.Object when format.NameKey is { } key =>
                (string[])[$"{{\"{key}\": \"{name}\"", $"{{\"{key}\":\"{name}\""],
            ArgumentStyle.Python when format.Trigger.Length == 0 && name.Length > 0 => [$"[{name}("],
            _ => [],
        }).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Whether all models of the dialect write a call alike, and nothing else begins as a call does.</summary>
    public static bool IsUniform(ModelDialect dialect) =>
        dialect.Formats is [{ Style: ArgumentStyle.Object, Open: "", CallOpen: "<tool_call>", NameKey: "name" }];

    /// <summary>Null for a model that makes no calls.</summary>
    public static ToolCallSyntax? Calls(ModelDialect dialect) =>
        dialect.Written is { Spelling: { } spelling } format ? Syntax(format, spelling) : null;

    /// <summary>The calls of a model that may speak first: without what only a message of calls alone has before them.</summary>
    public static ToolCallSyntax? Unforced(ModelDialect dialect) =>
        Calls(dialect) is not { } syntax ? null
        : dialect.Channels is null ? syntax with { Open = dialect.Written!.Spelling!.Open }
        : FromRecipient(syntax);

    /// <summary>Calls from where they show that they are some, whatever channel that is on.</summary>
    private static ToolCallSyntax FromRecipient(ToolCallSyntax syntax) => syntax with
    {
        BeforeName = FromRecipient(syntax.BeforeName),
        OtherHeads = [.. syntax.OtherHeads.Select(head => head with { BeforeName = FromRecipient(head.BeforeName) })],
    };

    private static string FromRecipient(string beforeName) =>
        beforeName[beforeName.LastIndexOf(ChannelMarks.Recipient, StringComparison.Ordinal)..];

    /// <summary>The thought that the prompt began, else the one that the model would begin; null for a model that does not think
    /// aloud.</summary>
    public static ThoughtSyntax? Thoughts(ModelDialect dialect, string promptEnd) =>
        (dialect.Begun(promptEnd) ?? (dialect.Thoughts is [var first, ..] ? first : null)) is { Open.Length: > 0 } part
            ? new ThoughtSyntax(part.Open, part.Close, part.Behind) : null;

    /// <summary>What a thought does not begin with: a reader takes it for a call without a thought.</summary>
    public static IReadOnlyList<string> NoThoughts(ModelDialect dialect) => dialect.Channels is not null ? []
        :
        [
            .. MarkTable.Of(dialect).CallTexts.Select(mark => mark.TrimStart()).Where(mark => mark.Length > 0)
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>What precedes an answer that is not a call.</summary>
    public static string AnswerOpening(ModelDialect dialect) => dialect.Answers is [var answer, ..] ? answer.Open : "";

    /// <summary>Whether several calls in one message are written like this.</summary>
    public static bool HasSeveral(ModelDialect dialect) => dialect.Written is { Spelling.Separator: not null };

    private static string Begun(string mark) => mark.TrimEnd('>', ']', '|', '｜');

    private static ToolCallSyntax Syntax(CallFormat format, CallSpelling spelling)
    {
        var after = spelling.AfterArguments;
        if (after.Contains(CallSpelling.IdPlace)) after = "}"; // an id behind the arguments may be left out
        var separator = spelling.Separator ?? "";
        if (spelling.Close.Length == 0) (after, separator) = (after.TrimEnd(), after[after.TrimEnd().Length..] + separator);
        var trigger = format.Trigger.Length > 0 ? format.Trigger : spelling.BeforeName.Trim();
        return new ToolCallSyntax(
            spelling.Lead + spelling.Open, spelling.BeforeName, spelling.BeforeArguments, after, separator,
            spelling.Close + spelling.End, trigger)
        {
            Arguments = Arguments(format, spelling),
            OtherHeads = spelling.OtherHeads,
        };
    }

    private static ArgumentSyntax? Arguments(CallFormat format, CallSpelling spelling) => format.Style switch
    {
        ArgumentStyle.Keyed when spelling.Keyed is { } keyed => new ArgumentSyntax(
            keyed.HeadEnd, keyed.Open, keyed.TextBetween, keyed.Close, keyed.OtherBetween, keyed.Close, "", "",
            TextsAreJson: format.Keyed.TextWord == KeyedMarks.JsonWord),
        ArgumentStyle.Python => new ArgumentSyntax("(", "", "=", "", "=", "", ", ", ")", TextsAreJson: true),
        ArgumentStyle.Bare => new ArgumentSyntax(
            "{", "", ":" + format.Quote, format.Quote, ":", "", ",", "}", TextsAreJson: format.Quote == "\""),
        _ => null,
    };
}

/// <summary>What surrounds a thought.</summary>
internal sealed record ThoughtSyntax(string Open, string Close, string Behind);
