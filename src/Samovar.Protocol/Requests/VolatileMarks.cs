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

    /// <summary>Marks of one text, and blocks of them, that are taken off; where a request has as many, no more of its messages are looked
    /// at.</summary>
    public const int MarksMax = 16;

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

    /// <summary>Takes the marks off the texts that a system prompt begins with; null where it begins with none.</summary>
    /// <remarks>One client in front of another writes its own before the other's.</remarks>
    /// <param name="start">Where the texts stand.</param>
    /// <param name="textAt">The text of a block; null where it is none, or there is no such block.</param>
    /// <param name="gone">Blocks that were marks and nothing else.</param>
    /// <param name="behind">What the block behind those says without its mark; null where it has none.</param>
    public static VolatileMark? Take(PromptStart start, Func<int, string?> textAt, out int gone, out string? behind)
    {
        (gone, behind) = (0, null);
        VolatileMark? marks = null;
        while (behind is null && gone < MarksMax && textAt(gone) is { } text)
        {
            if (LengthIn(start, text) is not (> 0 and var length)) break;
            var mark = new VolatileMark(text[..length], IsBlock: length == text.Length);
            marks = marks?.Before(mark) ?? mark;
            if (mark.IsBlock) gone++;
            else behind = text[length..];
        }
        return marks;
    }

    /// <summary>Characters of the marks at the beginning.</summary>
    private static int LengthIn(PromptStart start, string text)
    {
        var length = 0;
        for (var marks = 0; marks < MarksMax; marks++)
        {
            var one = Rows.Where(row => row.Start == start).Select(row => OneAt(row, text, length)).FirstOrDefault(found => found > 0);
            if (one == 0) break;
            length += one;
        }
        return length;
    }

    private static int OneAt(VolatileMarkRow row, string text, int at)
    {
        var found = row.Form.Match(text, at, Math.Min(text.Length - at, CharsMax));
        return found.Success && (found.Length < CharsMax || text.Length - at == CharsMax) ? found.Length : 0;
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
