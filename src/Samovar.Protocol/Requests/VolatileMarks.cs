using System.Text.RegularExpressions;

namespace Samovar.Protocol.Requests;

/// <summary>The marks that are known: who writes one, where it stands, and how it is told from what anybody else writes.</summary>
/// <remarks>
/// A row is for what says nothing to a model, and for nothing else: a date, a folder, how many tokens are left may change as well, and
/// stay, because the model reads them. A mark counts in its exact form only, and only where the system prompt begins: the same words of a
/// user, or further down in a prompt that speaks of them, are left as they are.
/// </remarks>
internal static partial class VolatileMarks
{
    /// <summary>The longest mark; no text is searched further.</summary>
    private const int CharsMax = 1024;

    /// <remarks>
    /// Claude Code, its SDK, and clients that sign in as it: its version with three digits that depend on the first message, and in many
    /// versions a hash of the request (<c>cch</c>). Anthropic reads it for billing. Routers that translate Claude Code's requests put it
    /// at the beginning of what they make of the system prompt.
    /// </remarks>
    public static readonly IReadOnlyList<VolatileMarkRow> Rows =
    [
        new("Claude Code", PromptStart.MessagesSystem, ClaudeCode()),
        new("Claude Code behind a router that speaks Chat Completions", PromptStart.ChatSystem, ClaudeCode()),
        new("Claude Code behind a router that speaks Responses", PromptStart.Instructions, ClaudeCode()),
        new("Claude Code behind a router that speaks Responses, in items", PromptStart.FirstItem, ClaudeCode()),
    ];

    /// <summary>The mark that a system prompt begins with; null where it begins with none.</summary>
    /// <param name="start">Where the text stands.</param>
    /// <param name="text">The first text of the system prompt.</param>
    /// <param name="behind">The text without the mark; empty where it was all of it.</param>
    public static VolatileMark? Find(PromptStart start, string text, out string behind)
    {
        behind = text;
        foreach (var row in Rows)
        {
            if (row.Start != start) continue;
            var found = row.Form.Match(text, 0, Math.Min(text.Length, CharsMax));
            if (!found.Success || (found.Length == CharsMax && text.Length > CharsMax)) continue;
            behind = text[found.Length..];
            return new VolatileMark(text[..found.Length], IsBlock: behind.Length == 0);
        }
        return null;
    }

    /// <summary>One line of pairs, the first of them Claude Code's own, and the empty lines behind it.</summary>
    [GeneratedRegex(@"\Ax-anthropic-billing-header: ?cc[a-z_]*=[^;\s]+(?:; ?[a-z][a-z0-9_]*=[^;\s]*)*;?[ \t]*(?:(?:\r?\n)+|\z)",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ClaudeCode();
}

/// <param name="Client">Who writes it.</param>
/// <param name="Start">Where it stands.</param>
/// <param name="Form">What it looks like, from the first character on.</param>
internal sealed record VolatileMarkRow(string Client, PromptStart Start, Regex Form);
