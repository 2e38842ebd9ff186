using System.Threading.Channels;
using Samovar.Engine.Drafting;
using Samovar.Engine.Sampling;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Decoding;

/// <summary>One turn from admission to its end. Its owner sees the base class; all else belongs to the engine's thread.</summary>
internal sealed class TurnRun : EngineTurn
{
    /// <summary>What a decoded token costs, in prompt tokens: prefill computes many at once, decoding reads all weights for each.</summary>
    public const int DecodedTokenCost = 8;

    private readonly Channel<TokenStep> _steps;
    private readonly TaskCompletionSource<EngineTurnEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action _wake;
    private readonly HeldPath? _from;
    private int[] _tokens;
    private int _tokensFrom, _pausedRounds;
    private volatile bool _isCancelled, _isStopped, _awaitsRoom, _hasBegun;
    private readonly Queue<TokenStep> _unread = new(); // one, and what its draft had behind it
    private EngineTurnEnd? _end;
    private Task _room = Task.CompletedTask; // ends with the reader's next read, or with the turn
    private const int PausedRoundsMax = 64;
    private Segment? _suspendedAt; // pinned while the turn waits for a stream again
    private int _reached;          // prompt tokens that were ever there: what is computed a second time is not counted as the turn's

    public TurnRun(EngineTurnSpec spec, HeldPath? from, SamplerChain? sampler, TurnLimits limits, long begun, Action wake)
    {
        (Spec, _from, Sampler, Begun, _wake) = (spec, from, sampler, begun, wake);
        Target = spec.Prompt.Length;
        _tokensFrom = from?.Segment?.End ?? 0;
        _tokens = spec.Prompt.ToArray(_tokensFrom); // on the caller's thread: the engine's never touches the history
        Fault = FaultOf(limits.Vocabulary);
        if (limits.DraftTokensOf(spec) is > 0 and var drafted) Draft = new TurnDraft(drafted);
        if (spec.SpansMax > 0) Timeline = new TurnTimeline(spec.SpansMax, _tokens.Length, begun);
        _steps = Channel.CreateBounded<TokenStep>(new BoundedChannelOptions(limits.StepsMax) { SingleReader = true, SingleWriter = true });
    }

    public override ChannelReader<TokenStep> Steps => _steps.Reader;
    public override Task<EngineTurnEnd> Ended => _ended.Task;
    public override Task Started => _started.Task;
    public override EngineProgress Progress => new(_hasBegun, CachedTokens, PrefilledTokens, Generated.Count);

    public EngineTurnSpec Spec { get; }
    public SamplerChain? Sampler { get; }
    public int PromptTokens => Spec.Prompt.Length;

    /// <summary>Timestamps: of Begin, of the first batch, of the first sampled token.</summary>
    public long Begun { get; }
    public long? FirstBatch { get; set; }
    public long? FirstSampled { get; set; }

    /// <summary>What it may say next; null where nothing is drafted.</summary>
    public TurnDraft? Draft { get; }

    /// <summary>Where its time goes; null where nobody asked for that.</summary>
    public TurnTimeline? Timeline { get; }

    public StreamSlot? Slot { get; set; }

    /// <summary>Whose state it is that may be written; one that is forgotten meanwhile stays forgotten.</summary>
    public StateOwner? StoredBy { get; set; }

    /// <summary>Where its prompt is saved on the way.</summary>
    public TurnMarks Marks { get; } = new();

    /// <summary>Whether it ever had a stream; any thread.</summary>
    public bool HasBegun => _hasBegun;

    /// <summary>Tokens whose state must be there before the next one is sampled: the prompt, and behind it what was sampled and decoded
    /// before the turn's stream was taken back.</summary>
    public int Target { get; private set; }

    /// <summary>What the turn computed since it got its stream, in prompt tokens; what it had computed before does not count.</summary>
    public int Served { get; private set; }

    /// <summary>Whether it cannot go on because its reader is behind.</summary>
    public bool IsPaused => _unread.Count > 0;

    /// <summary>Whether its reader has been behind for so long that its stream serves others better: a reader that is a little slow must
    /// not make streams change hands for every token.</summary>
    public bool IsLeftAlone => IsPaused && _pausedRounds >= PausedRoundsMax;

    /// <summary>A round begins; what the reader has room for is handed over.</summary>
    public void NoteRound()
    {
        Share.AwaitedUsed = double.PositiveInfinity;
        Flush();
        _pausedRounds = IsPaused ? _pausedRounds + 1 : 0;
    }

    public TurnReuse Reuse { get; } = new();
    public int CachedTokens => Reuse.Tokens;
    public int PrefilledTokens { get; private set; }
    public List<int> Generated { get; } = [];

    /// <summary>Its share of rounds and streams.</summary>
    public TurnShare Share { get; } = new();

    /// <summary>Why the turn cannot run at all; found on entry, reported as its end.</summary>
    public string? Fault { get; }

    /// <summary>Why its grammar ended it; null for any other end.</summary>
    public string? GrammarFault { get; set; }

    /// <summary>Whether its next token is still being chosen: all is decoded, and its logits are kept.</summary>
    public bool IsChoosing => Sampler?.OpenLogits is not null;

    /// <summary>Whether its owner wants it to end; null: no.</summary>
    public EngineTurnEndKind? IsGone => _isStopped ? EngineTurnEndKind.Stopped : _isCancelled ? EngineTurnEndKind.Cancelled : null;

    /// <summary>Tokens to compute in chunks.</summary>
    public int PrefillLeft => UsableMax - Math.Min(UsableMax, Slot!.Length);

    /// <summary>Whether the prompt is computed and tokens are to come; a reader that is behind may ask for the next at any time.</summary>
    public bool IsSpeaking => Slot is not null && Spec.OutputTokensMax > 0 && PrefillLeft == 0;

    /// <summary>Whether a token waits whose logits are wanted, and its turn's reader keeps up.</summary>
    public bool IsDecoding => IsSpeaking && !IsPaused && !IsChoosing;

    /// <summary>
    /// The token whose logits choose the next one. The prompt's last is computed as a sampled one is, whatever of the prompt was cached: a
    /// batch of another shape would have slightly other logits.
    /// </summary>
    public int NextToken => Token(Slot!.Length);

    /// <summary>Whether it was to compute the prompt only, and has.</summary>
    public bool IsWarmedUp => Spec.OutputTokensMax == 0 && PrefillLeft == 0;

    /// <summary>Whether it is over without having run.</summary>
    public bool NeedsNoStream => Fault is not null || PromptTokens == 0;

    /// <summary>How much of the target may be taken from the cache or computed in chunks: all but the prompt's last token where the first
    /// one is to be sampled from it.</summary>
    public int UsableMax => Generated.Count == 0 && Spec.OutputTokensMax > 0 && !IsChoosing ? Target - 1 : Target;

    public override void Cancel()
    {
        _isCancelled = true;
        _wake();
    }

    public override void Stop()
    {
        _isStopped = true;
        _wake();
    }

    /// <summary>A segment on the target's path, and the target's tokens behind it.</summary>
    public (Segment From, ReadOnlyMemory<int> Behind) Lookup(Segment root)
    {
        if ((Suspended ?? Continued) is { } segment && segment.End >= _tokensFrom) return (segment, Behind(segment.End));
        NeedFrom(0);
        return (root, Behind(0));
    }

    /// <summary>The continued path's segment, for a turn that ends before it began.</summary>
    public Segment? Continued => _from?.Segment is { IsDetached: false } segment ? segment : null;

    /// <summary>Where its chain's state ends, whether it goes on from there or not.</summary>
    public Segment? Before => Spec.ContinueFrom is HeldPath { Segment: { IsDetached: false } segment } ? segment : null;

    /// <summary>Where the state of a turn that waits for a stream again ends.</summary>
    public Segment? Suspended => _suspendedAt is { IsDetached: false } segment ? segment : null;

    /// <summary>The target's tokens by position; from before the continued path only after <see cref="NeedFrom"/>.</summary>
    public int Token(int position) =>
        position < PromptTokens ? _tokens[position - _tokensFrom] : Generated[position - PromptTokens];

    /// <summary>The turn is on a stream that holds that many tokens of its target.</summary>
    public void Resume(StreamSlot slot, int held, CacheSource source)
    {
        Unpin();
        NeedFrom(held);
        (Slot, Served) = (slot, 0);
        if (_hasBegun) Reuse.Gain(Math.Min(held, PromptTokens), ref _reached);
        else Reuse.Begin(_reached = held, UsableMax, source, _from?.Segment);
    }

    /// <summary>The turn runs; true for the first time.</summary>
    public bool Begin()
    {
        if (_hasBegun) return false;
        _hasBegun = true;
        _started.TrySetResult();
        return true;
    }

    /// <summary>The turn's stream was taken back; what it computed is held as far as a segment.</summary>
    public void Suspend(Segment? held)
    {
        Slot = null;
        // The newest token is decoded next, wherever that is; where the one behind it is being chosen, it has been.
        Target = PromptTokens + (IsChoosing ? Generated.Count : Math.Max(0, Generated.Count - 1));
        _suspendedAt = held;
        if (held is not null) held.Pins++;
    }

    /// <summary>The hold on what was computed before ends: the turn is on a stream again, or over.</summary>
    public void Unpin()
    {
        if (_suspendedAt is { } segment) segment.Pins--;
        _suspendedAt = null;
    }

    /// <summary>The stream holds that many more tokens; whether they are of the target, and not sampled since the turn got it.</summary>
    /// <param name="added">Of the prompt, for the first time.</param>
    public bool Advance(int tokens, out int added)
    {
        added = 0;
        var position = Slot!.Length;
        Slot.Length += tokens;
        if (position >= Target)
        {
            Served += DecodedTokenCost;
            return false;
        }
        added = Math.Max(0, Math.Min(Slot.Length, PromptTokens) - _reached);
        (PrefilledTokens, _reached, Served) = (PrefilledTokens + added, _reached + added, Served + added);
        return true;
    }

    private ReadOnlyMemory<int> Behind(int position)
    {
        if (Target == PromptTokens) return _tokens.AsMemory(position - _tokensFrom);
        var tokens = new int[Target - position];
        for (var index = 0; index < tokens.Length; index++) tokens[index] = Token(position + index);
        return tokens;
    }

    /// <summary>Makes the prompt's tokens available from a position on: the history is fetched only when its state was lost.</summary>
    private void NeedFrom(int position)
    {
        if (position >= _tokensFrom) return;
        (_tokens, _tokensFrom) = (Spec.Prompt.ToArray(), 0);
    }

    /// <summary>Looks at the tokens that are new with this turn; those before were looked at when they were new.</summary>
    private string? FaultOf(int vocabulary)
    {
        if (PromptTokens == 0 && Spec.OutputTokensMax > 0) return "The prompt is empty.";
        foreach (var token in _tokens)
            if ((uint)token >= (uint)vocabulary) return $"The prompt has a token {token}; the vocabulary has {vocabulary}.";
        return null;
    }

    /// <summary>Hands a step to the reader; while the reader is behind, the turn is not decoded further.</summary>
    public void Publish(TokenStep step)
    {
        if (!IsPaused && _steps.Writer.TryWrite(step)) return;
        _unread.Enqueue(step);
        AwaitRoom();
    }

    /// <summary>Tries again to hand over what the reader had no room for; true when nothing is left.</summary>
    public bool Flush()
    {
        while (_unread.TryPeek(out var step) && _steps.Writer.TryWrite(step)) _unread.Dequeue();
        if (IsPaused && !_isCancelled)
        {
            AwaitRoom();
            return false;
        }
        if (_end is { } end) Complete(end);
        return true;
    }

    /// <summary>Ends the turn, as soon as its last step was handed over.</summary>
    public void End(EngineTurnEnd end)
    {
        Sampler?.Dispose();
        _end = end;
        if (!IsPaused || _isCancelled) Complete(end);
    }

    public bool IsComplete => _ended.Task.IsCompleted;

    private void Complete(EngineTurnEnd end)
    {
        _steps.Writer.TryComplete();
        _ended.TrySetResult(end);
        _started.TrySetResult();
    }

    private void AwaitRoom()
    {
        if (_awaitsRoom) return;
        _awaitsRoom = true;
        _room = WakeWhenReadAsync();
    }

    private async Task WakeWhenReadAsync()
    {
        await _steps.Writer.WaitToWriteAsync(CancellationToken.None).ConfigureAwait(false);
        _awaitsRoom = false; // before the engine looks
        _wake();
    }
}
