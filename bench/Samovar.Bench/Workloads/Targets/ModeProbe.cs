namespace Samovar.Bench.Workloads.Targets;

/// <summary>Whether a target can be talked with in some way, found out by two turns.</summary>
/// <param name="Refusal">What it said instead; null where it can.</param>
internal sealed record ModeProbe(TargetMode Mode, string? Refusal)
{
    private const int ErrorLength = 300, TextLength = 4000;

    public static async Task<ModeProbe> OfAsync(Target target, TargetMode mode, CancellationToken stop)
    {
        await using var conversation = new TargetConversation(target, mode);
        var first = await conversation.SayAsync(Speech.OfLength(TextLength, 1), stop);
        if (first.Error is { } error) return new ModeProbe(mode, Short(error));
        var second = await conversation.SayAsync(Speech.OfLength(TextLength, 2), stop);
        if (second.Error is { } later) return new ModeProbe(mode, "the second turn: " + Short(later));
        // A server that takes the id and forgets what it stands for would look fast.
        return new ModeProbe(mode, second.InputTokens == 0 || second.InputTokens >= first.InputTokens * 3 / 2 ? null
            : $"it took the second turn and forgot the first: {second.InputTokens} tokens of input after {first.InputTokens}");
    }

    /// <summary>On one line of a table, and no longer than somebody reads.</summary>
    public static string Short(string error)
    {
        var line = string.Join(' ', error.Split((char[])['\r', '\n', '\t', '|'], StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= ErrorLength ? line : line[..ErrorLength] + "…";
    }
}
