using Samovar.Chains;
using Samovar.Engine;
using Samovar.Protocol.Responses;

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
    private SequencePin? _prepared;
    private Action<ChainNode>? _whenKept;
    private volatile bool _isReleased;
    private volatile bool _isContinued;

    /// <summary>
    /// Prompt and generated tokens, the end token included. Stays after <see cref="Release"/>: a fork may still grow from it.
    /// </summary>
    public TokenPath Path => path;
    public override TokenPath? EnginePath => path;
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
    public required int TokensShared { get; set; }

    /// <summary>Whether the catalogue of tools is not the parent's.</summary>
    public required bool HasOwnTools { get; set; }

    /// <summary>Names the conversation's head; null where that is not known yet.</summary>
    public string? HeadName { get; set; }

    /// <summary>Whether the template treats the conversation, its newest answer apart, as it treats stand-ins.</summary>
    public Likeness Likeness { get; set; }

    /// <summary>What its messages are, its newest answer apart; null where nobody has had to know.</summary>
    public PromptSkeleton? Skeleton { get; set; }

    /// <summary>Items of the conversation that its tokens leave out.</summary>
    public int ItemsDropped { get; init; }

    /// <summary>What was cleared of the conversation, and what that came to.</summary>
    public IReadOnlyList<AppliedEdit> Edits { get; init; } = [];

    /// <summary>Whether the conversation's instructions or questions write a call's mark.</summary>
    public bool SpellsMark { get; init; }

    public override long Bytes => StateBytes + TokenBytes(path.Length - TokensShared) + (HasOwnTools ? ToolTextBytes : 0);

    private static long TokenBytes(long tokens) => sizeof(int) * tokens + StepBytes * (tokens / TokenPath.StepMax);

    private long ToolTextBytes =>
        tools.Tools.Sum(tool => ToolBytes + sizeof(char) * (long)(tool.FlatName.Length + (tool.Description?.Length ?? 0)));

    /// <summary>What is to be done when the response was kept.</summary>
    public Action<ChainNode>? WhenKept { init => _whenKept = value; }

    /// <summary>Whether its next question is still to come: somebody holds the response, and nobody has continued it.</summary>
    public bool IsAwaited => !_isReleased && !_isContinued;

    /// <summary>Tokens at the start of any next question's prompt that were computed meanwhile; 0: none were.</summary>
    public int PreparedTokens { get; private set; }

    public override void FollowsOn(BackendState? parent)
    {
        var before = parent as EmbeddedState;
        HasOwnTools = before?.Tools != tools;
        TokensShared = before is null ? 0 : before.Path.ToArray().AsSpan().CommonPrefixLength(path.ToArray());
    }

    public override void Kept(ChainNode node) => Interlocked.Exchange(ref _whenKept, null)?.Invoke(node);

    /// <summary>Holds what was computed for the next question.</summary>
    public void HoldPrepared(SequencePin? prepared, int tokens)
    {
        PreparedTokens = tokens;
        Interlocked.Exchange(ref _prepared, prepared)?.Dispose();
        if (!IsAwaited) LeavePrepared(); // the question came meanwhile, and may be answered already
    }

    /// <summary>The next question comes: nothing more is held for it.</summary>
    public void Continue() => _isContinued = true;

    /// <summary>The next question was answered: what was computed for it is its own now.</summary>
    public void LeavePrepared() => Interlocked.Exchange(ref _prepared, null)?.Dispose();

    public override void Release()
    {
        _isReleased = true;
        Interlocked.Exchange(ref _pin, null)?.Dispose();
        LeavePrepared();
    }
}

/// <summary>Whether a template treats a conversation as it treats the stand-ins that proofs are made with.</summary>
internal enum Likeness
{
    /// <summary>Nobody has looked yet.</summary>
    Unknown,

    /// <summary>It does.</summary>
    Like,

    /// <summary>What the conversation says has changed the way that the template goes.</summary>
    Unlike,
}
