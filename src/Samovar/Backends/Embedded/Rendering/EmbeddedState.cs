using Samovar.Chains;
using Samovar.Engine;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>
/// What one response leaves for its continuation: its tokens, the hold on their state, and what the next rendering must know.
/// </summary>
internal sealed class EmbeddedState(TokenPath path, SequencePin? pin, PromptSettings settings, PromptTail? tail, ToolCatalog tools)
    : BackendState
{
    private const int StateBytes = 1024; // its own objects and the links of its path
    private const int StepBytes = 96; // one object for each block of tokens
    private const int ToolBytes = 512;

    private SequencePin? _pin = pin;

    /// <summary>
    /// Prompt and generated tokens, the end token included. Stays after <see cref="Release"/>: a fork may still grow from it.
    /// </summary>
    public TokenPath Path => path;
    public SequencePin? Pin => Volatile.Read(ref _pin);
    public PromptSettings Settings => settings;

    /// <summary>What took the state away, where it is not there any more.</summary>
    public string LostBy => Pin is { IsOver: true } ? MissReasons.Unloaded : MissReasons.Evicted;

    /// <summary>How the conversation ends; null where a continuation has to render the whole (after a warm-up).</summary>
    public PromptTail? Tail => tail;

    /// <summary>Every tool the conversation has named so far.</summary>
    public ToolCatalog Tools => tools;

    /// <summary>Tokens of the prompt; behind them is what was sampled.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Whether the prompt's tokens are those that the whole conversation, rendered from scratch, would have.</summary>
    public required bool IsPromptAsWritten { get; init; }

    /// <summary>Tokens that were the parent's already: their memory is shared.</summary>
    public required int TokensShared { get; init; }

    /// <summary>Whether the catalogue of tools is not the parent's.</summary>
    public required bool HasOwnTools { get; init; }

    /// <summary>Items of the conversation that its tokens leave out.</summary>
    public int ItemsDropped { get; init; }

    /// <summary>Whether the conversation's instructions or questions write a call's mark.</summary>
    public bool SpellsMark { get; init; }

    public override long Bytes => StateBytes + TokenBytes(path.Length - TokensShared) + (HasOwnTools ? ToolTextBytes : 0);

    private static long TokenBytes(long tokens) => sizeof(int) * tokens + StepBytes * (tokens / TokenPath.StepMax);

    private long ToolTextBytes =>
        tools.Tools.Sum(tool => ToolBytes + sizeof(char) * (long)(tool.FlatName.Length + (tool.Description?.Length ?? 0)));

    public override void Release() => Interlocked.Exchange(ref _pin, null)?.Dispose();
}
