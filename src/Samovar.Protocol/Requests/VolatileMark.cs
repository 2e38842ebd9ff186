namespace Samovar.Protocol.Requests;

/// <summary>
/// What a client wrote before its system prompt for its provider alone, and writes otherwise in the next turn or the next session. It is
/// no part of the conversation: as one it would keep every chain from being found again, and every cache cold.
/// </summary>
/// <param name="Text">As it came, with whatever parted it from the text behind it.</param>
/// <param name="IsBlock">Whether it was a block of its own, and not the beginning of one.</param>
public sealed record VolatileMark(string Text, bool IsBlock)
{
    /// <summary>The mark behind it; null where there is only one, as nearly always.</summary>
    public VolatileMark? Next { get; init; }

    /// <summary>This mark and all behind it.</summary>
    internal int Count
    {
        get
        {
            var count = 1;
            for (var at = Next; at is not null; at = at.Next) count++;
            return count;
        }
    }

    /// <summary>This mark, and another one behind it and all that follow it.</summary>
    internal VolatileMark Before(VolatileMark? other) => other is null ? this : this with { Next = Next?.Before(other) ?? other };
}

/// <summary>Where a client's system prompt begins.</summary>
internal enum PromptStart
{
    /// <summary>Messages: the first block of <c>system</c>, or its text.</summary>
    MessagesSystem,

    /// <summary>Chat Completions: the first message, where it is a system or developer message.</summary>
    ChatSystem,

    /// <summary>Responses: <c>instructions</c>.</summary>
    Instructions,

    /// <summary>Responses without instructions: the first item, where it is a system or developer message.</summary>
    FirstItem,
}
