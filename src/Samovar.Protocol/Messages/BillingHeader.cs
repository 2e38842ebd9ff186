using Samovar.Protocol.Items;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Messages;

/// <summary>
/// The first block of Claude Code's system prompt, which is for Anthropic alone and another one in every turn: as part of the history it
/// would keep every chain from being found again, and every cache cold.
/// </summary>
internal static class BillingHeader
{
    /// <summary>Where the create request keeps it, for upstreams of the Messages API.</summary>
    public const string Field = "messages_billing_header";
    private const string Start = "x-anthropic-billing-header:";

    /// <summary>Takes it out of a system prompt: a block of its own, or the first line of one.</summary>
    /// <returns>The header; null if absent.</returns>
    public static string? Take(List<MessageBlock> system)
    {
        for (var at = 0; at < system.Count; at++)
        {
            if (system[at] is not MessageBlock.Part { Value.Content: ContentPart.Text { Value: var text } }) continue;
            if (!text.StartsWith(Start, StringComparison.OrdinalIgnoreCase)) continue;
            var end = text.IndexOf('\n', StringComparison.Ordinal);
            var remaining = end < 0 ? "" : text[(end + 1)..].TrimStart('\r', '\n');
            if (remaining.Length > 0) system[at] = new MessageBlock.Part(new InputPart(new ContentPart.Text(remaining)));
            else system.RemoveAt(at);
            return (end < 0 ? text : text[..end]).TrimEnd('\r');
        }
        return null;
    }
}
