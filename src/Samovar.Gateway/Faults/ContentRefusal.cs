using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Faults;

/// <summary>
/// A refusal of what the request says, by a status that elsewhere means the key: another destination would say the same, and the one that
/// said it is well.
/// </summary>
internal static class ContentRefusal
{
    private static readonly string[] Words =
    [
        "usage guideline", "usage polic", "content polic", "content management polic", "content filter", "content guideline",
        "flagged", "moderation",
    ];

    private static readonly string[] Owned = // what was flagged or blocked itself
    [
        "your account", "this account", "your organization", "your organisation", "this organization", "your project", "your workspace",
        "your resource", "your access", "your subscription", "api key", "this key", "your key",
    ];

    /// <param name="said">The error's message and codes; null where it has none.</param>
    public static bool IsSaid(params ReadOnlySpan<string?> said)
    {
        var isSaid = false;
        foreach (var text in said)
        {
            if (text is null) continue;
            var plain = text.Replace('_', ' ').Replace('-', ' ');
            if (Speaks(plain, Owned)) return false;
            isSaid |= Speaks(plain, Words);
        }
        return isSaid;
    }

    /// <summary>As OpenRouter tells it, whatever the message says.</summary>
    public static bool IsIn(RawJson metadata) =>
        metadata.Text("flagged_input"u8) is { Length: > 0 } || metadata.Field("reasons"u8).Elements().Count > 0;

    private static bool Speaks(string text, string[] of) =>
        Array.Exists(of, word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
}
