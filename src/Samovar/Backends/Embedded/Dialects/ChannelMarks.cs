using Samovar.Backends.Embedded.Rendering;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>What is written around answers that are messages with heads: who speaks, on which channel, perhaps to whom.</summary>
/// <param name="Start">Begins a message; the role of who speaks is behind it.</param>
/// <param name="Role">The model's role.</param>
/// <param name="Channel">Before a channel's name.</param>
/// <param name="Message">Behind the head.</param>
/// <param name="Ends">What ends a message.</param>
internal sealed record ChannelMarks(string Start, string Role, string Channel, string Message, IReadOnlyList<string> Ends)
{
    /// <summary>Before the name of who is spoken to.</summary>
    public const string Recipient = " to=";

    /// <summary>Before the name of a function.</summary>
    public const string Functions = "functions.";

    /// <summary>The channel of thoughts.</summary>
    public string Thoughts { get; init; } = "analysis";

    /// <summary>The channel of answers.</summary>
    public string Answers { get; init; } = "final";

    /// <summary>The channel of calls, and of what is said before them.</summary>
    public string Calls { get; init; } = "commentary";

    /// <summary>Before the type of a call's arguments; empty where the vocabulary has no such token.</summary>
    public string Constrain { get; init; } = "";

    public static readonly ChannelMarks Harmony = new(
        "<|start|>", "assistant", "<|channel|>", "<|message|>", ["<|end|>", "<|call|>", "<|return|>"]) { Constrain = "<|constrain|>" };

    /// <summary>How calls are written.</summary>
    /// <param name="own">As the template writes them; null where it writes none.</param>
    public CallFormat CallsAs(CallHead? own)
    {
        CallHead[] heads =
        [
            new(Recipient + Functions, $"{Channel}{Calls} json{Message}"),
            new(Recipient + Functions, $"{Channel}{Calls} {Constrain}json{Message}"),
            new($"{Channel}{Calls}{Recipient}{Functions}", $" {Constrain}json{Message}"),
            new($"{Channel}{Calls}{Recipient}{Functions}", $" json{Message}"),
        ];
        var first = own ?? heads[0];
        return new CallFormat(ArgumentStyle.Json)
        {
            CallOpen = Recipient.Trim() + Functions,
            CallClose = Ends.FirstOrDefault(end => end.Contains("call", StringComparison.Ordinal), ""),
            Spelling = new CallSpelling("", first.BeforeName, first.BeforeArguments, "", null, "")
            {
                OtherHeads = [.. heads.Where(head => head != first).Distinct()],
            },
        };
    }

    /// <summary>What stands around words before a call.</summary>
    public PreambleMarks Preamble => new(Channel + Thoughts + Message, Channel + Calls + Message, Ends[0], Start + Role);

    /// <summary>All that answers are read by.</summary>
    public ModelDialect Dialect(CallHead? call) => new("Harmony")
    {
        Channels = this,
        Thoughts = [new PartMarks(Channel + Thoughts + Message, Ends[0]) { Behind = Start + Role }],
        Answers = [new PartMarks(Channel + Answers + Message, "")],
        Formats = [CallsAs(call)],
        Ends = [.. Ends.Skip(1)], // behind a thought's end the answer goes on
    };
}

/// <summary>One way to begin a call.</summary>
/// <param name="BeforeName">Before the name.</param>
/// <param name="BeforeArguments">Between name and arguments.</param>
internal sealed record CallHead(string BeforeName, string BeforeArguments);
