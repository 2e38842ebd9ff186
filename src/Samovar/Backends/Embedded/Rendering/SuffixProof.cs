using Samovar.Protocol.Json;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>
/// What was proven for one shape of turn: behind the assistant's end token the template writes only what the new messages say.
/// </summary>
/// <param name="Opening">What the stand-in conversation renders to, up to its assistant message.</param>
/// <param name="EndToken">The token that ends the assistant message.</param>
/// <param name="EndSpelling">How the template spells it.</param>
/// <param name="Suffix">What it writes behind that where stand-ins are new.</param>
internal sealed record SuffixProof(string Opening, int EndToken, string EndSpelling, string Suffix)
{
    /// <summary>Characters that it holds.</summary>
    public long Chars => Opening.Length + EndSpelling.Length + Suffix.Length;
}

/// <summary>A proof, and the start of a conversation that it was made with.</summary>
/// <param name="Head">The start to render with: a stand-in's, or the conversation's own where the template reads that behind it.</param>
/// <param name="Proof">The proof.</param>
/// <param name="IsOwnHead">Whether the head is the conversation's own.</param>
/// <param name="IsGeneral">
/// Whether it holds whatever messages came before; else each turn is proven by itself, with messages of the same kinds before it.
/// </param>
internal sealed record Certificate(PromptHead Head, SuffixProof Proof, bool IsOwnHead, bool IsGeneral);

/// <summary>The shape of a turn: what may decide whether, and how, a template goes on behind what it wrote before.</summary>
/// <param name="Tail">How the conversation before ends, its calls by number.</param>
/// <param name="Kinds">The new messages, a letter each, runs of one kind cut to two.</param>
/// <param name="Generate">Whether the assistant's turn is opened.</param>
/// <param name="ThinkingOff">Whether thinking is switched off.</param>
/// <param name="Effort">The reasoning effort.</param>
internal sealed record TurnShape(TailShape Tail, string Kinds, bool Generate, bool ThinkingOff, string? Effort)
{
    /// <summary>The request's own variables of the template.</summary>
    public RawJson Variables { get; init; }

    /// <summary>Longest row of kinds that is looked at.</summary>
    private const int KindsMax = 16;

    /// <summary>Null when the new messages are too mixed to be worth a proof.</summary>
    public static TurnShape? Of(PromptTail tail, IReadOnlyList<PromptMessage> added, PromptSettings settings, bool generate)
    {
        var kinds = new System.Text.StringBuilder();
        foreach (var message in added)
        {
            var kind = StandIns.KindOf(message);
            if (kinds.Length >= 2 && kinds[^1] == kind && kinds[^2] == kind) continue;
            if (kinds.Length == KindsMax) return null;
            kinds.Append(kind);
        }
        return new TurnShape(TailShape.Of(tail), kinds.ToString(), generate, settings.ThinkingOff, settings.Effort)
        {
            Variables = settings.Variables,
        };
    }
}
