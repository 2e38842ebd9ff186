using Samovar.Engine;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>A turn's prompt in tokens, and what its continuation must know of it.</summary>
internal sealed record PromptPlan
{
    public required TokenPath Path { get; init; }

    /// <summary>The hold that an earlier turn left; a shortcut for the engine.</summary>
    public SequencePin? ContinueFrom { get; init; }
    public required PromptSettings Settings { get; init; }

    /// <summary>Every tool known at the turn's end.</summary>
    public required ToolCatalog Tools { get; init; }
    public required bool HasSystem { get; init; }

    /// <summary>Whether the template was given tools.</summary>
    public required bool HasTools { get; init; }

    /// <summary>Whether an assistant message after the newest user message carries reasoning.</summary>
    public required bool ReasoningSinceUser { get; init; }

    /// <summary>The last characters of the text: whether the assistant's turn was opened inside its reasoning.</summary>
    public required string TextEnd { get; init; }

    /// <summary>Tokens shared with the parent's path.</summary>
    public required int Shared { get; init; }

    /// <summary>Those of them that this path has copied.</summary>
    public required int Copied { get; init; }

    /// <summary>Whether only what is new was rendered.</summary>
    public required bool IsIncremental { get; init; }

    /// <summary>Whether these are the tokens that the whole conversation, rendered from scratch and nothing left out, would have.</summary>
    public required bool IsAsWritten { get; init; }

    /// <summary>Names the conversation's head.</summary>
    public required string HeadName { get; init; }

    /// <summary>Whether the template treats what was said before the answer as it treats stand-ins.</summary>
    public required Likeness Likeness { get; init; }

    /// <summary>What its messages are; null where nobody has had to know.</summary>
    public PromptSkeleton? Skeleton { get; init; }

    /// <summary>Messages that are new with it, where only they were rendered.</summary>
    public IReadOnlyList<PromptMessage> Added { get; init; } = [];

    /// <summary>Places of the prompt that are worth keeping; none where the engine wants none.</summary>
    public IReadOnlyList<PromptMark> Marks { get; init; } = [];

    /// <summary>Tokens that were computed for it before it came; 0: none were.</summary>
    public int Prepared { get; init; }

    /// <summary>Items of the conversation that are left out, because it is longer than the context and the request allows it.</summary>
    public int ItemsDropped { get; init; }

    /// <summary>What was cleared of it, and what that came to.</summary>
    public IReadOnlyList<AppliedEdit> Edits { get; init; } = [];

    /// <summary>Whether instructions or questions write a call's mark: then an answer may quote it.</summary>
    public bool SpellsMark { get; init; }

    /// <summary>Why the whole conversation was rendered; null where it was not.</summary>
    public string? WholeBecause { get; init; }

    /// <summary>Why not all of the parent's tokens could stay; null when they could, or there is no parent.</summary>
    public string? MissReason { get; init; }
}
