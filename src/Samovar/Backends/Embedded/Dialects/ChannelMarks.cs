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

    /// <summary>What stands around words before a call.</summary>
    public PreambleMarks Preamble => new(Channel + Thoughts + Message, Channel + Calls + Message, Ends[0], Start + Role);
}
