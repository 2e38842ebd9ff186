using System.Text.Json;

namespace Samovar.Bench.Workloads.Targets;

/// <summary>Whether a target can be talked with in some way, found out by two turns.</summary>
/// <param name="Refusal">What it said instead; null where it can.</param>
internal sealed record ModeProbe(TargetMode Mode, string? Refusal)
{
    private const int ErrorLength = 300, TextLength = 4000;

    public static async Task<ModeProbe> OfAsync(Target target, TargetMode mode, CancellationToken stop)
    {
        await using var conversation = new TargetConversation(target, mode);
        var first = await conversation.SayAsync(Speech.OfLength(TextLength, mode.Seed + 1), stop);
        if (first.Error is { } error) return new ModeProbe(mode, Short(error));
        var second = await conversation.SayAsync(Speech.OfLength(TextLength, mode.Seed + 2), stop);
        if (second.Error is { } later) return new ModeProbe(mode, "the second turn: " + Short(later));
        // A server that takes the id and forgets what it stands for would look fast.
        return new ModeProbe(mode, second.InputTokens == 0 || second.InputTokens >= first.InputTokens * 3 / 2 ? null
            : $"it took the second turn and forgot the first: {second.InputTokens} tokens of input after {first.InputTokens}");
    }

    /// <summary>On one line, no longer than somebody reads: an error's own words where it has the protocol's shape.</summary>
    public static string Short(string error)
    {
        var line = string.Join(' ', WordsOf(error).Split((char[])['\r', '\n', '\t', '|'], StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= ErrorLength ? line : line[..ErrorLength] + "…";
    }

    private static string WordsOf(string error)
    {
        try
        {
            using var json = JsonDocument.Parse(error);
            var at = json.RootElement;
            if (at.TryGetProperty("response", out var response)) at = response;
            if (!at.TryGetProperty("error", out var inner) || inner.ValueKind != JsonValueKind.Object) return error;
            var words = inner.TryGetProperty("message", out var message) ? message.ToString() : error;
            return inner.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.String ? $"{code}: {words}" : words;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // no object, or no JSON at all
        {
            return error;
        }
    }
}
