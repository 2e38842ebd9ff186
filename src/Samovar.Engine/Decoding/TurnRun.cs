using System.Threading.Channels;
using Samovar.Engine.Sampling;
using Samovar.Engine.Sequences;

namespace Samovar.Engine.Decoding;

/// <summary>One turn from admission to its end. Its owner sees the base class; all else belongs to the engine's thread.</summary>
internal sealed class TurnRun : EngineTurn
{
    private readonly Channel<TokenStep> _steps;
    private readonly TaskCompletionSource<EngineTurnEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action _wake;
    private readonly HeldPath? _from;
    private int[] _tokens;
    private int _tokensFrom;
    private volatile bool _isCancelled;
    private TokenStep? _unread;
    private EngineTurnEnd? _end;
    private Task _room = Task.CompletedTask; // ends with the reader's next read, or with the turn

    public TurnRun(EngineTurnSpec spec, HeldPath? from, SamplerChain? sampler, TurnLimits limits, long begun, Action wake)
    {
        (Spec, _from, Sampler, Begun, _wake) = (spec, from, sampler, begun, wake);
        _tokensFrom = from?.Segment?.End ?? 0;
        _tokens = spec.Prompt.ToArray(_tokensFrom); // on the caller's thread: the engine's never touches the history
        Fault = FaultOf(limits.Vocabulary);
        _steps = Channel.CreateBounded<TokenStep>(new BoundedChannelOptions(limits.StepsMax) { SingleReader = true, SingleWriter = true });
    }

    public override ChannelReader<TokenStep> Steps => _steps.Reader;
    public override Task<EngineTurnEnd> Ended => _ended.Task;

    public EngineTurnSpec Spec { get; }
    public SamplerChain? Sampler { get; }
    public int PromptTokens => Spec.Prompt.Length;

    /// <summary>Timestamps: of Begin, of the first batch, of the first sampled token.</summary>
    public long Begun { get; }
    public long? Started { get; set; }
    public long? FirstSampled { get; set; }

    public StreamSlot? Slot { get; set; }
    public CacheSource Source { get; set; }
    public int CachedTokens { get; set; }
    public int PrefilledTokens { get; set; }
    public List<int> Generated { get; } = [];

    /// <summary>Plans that passed this turn's prefill over.</summary>
    public int Waited { get; set; }

    /// <summary>Why the turn cannot run at all; found at the door, told as its end.</summary>
    public string? Fault { get; }

    /// <summary>Why its grammar ended it; null for any other end.</summary>
    public string? GrammarFault { get; set; }

    /// <summary>Whether its next token is still being chosen: all is decoded, and its logits are kept.</summary>
    public bool IsChoosing => Sampler?.OpenLogits is not null;

    public bool IsCancelled => _isCancelled;

    /// <summary>Prompt tokens whose state is needed and not yet there.</summary>
    public int PrefillLeft => PromptTokens - Math.Min(PromptTokens, Slot!.Length);

    /// <summary>Whether a sampled token waits to be decoded and its turn's reader keeps up.</summary>
    public bool IsDecoding => Slot is not null && PrefillLeft == 0 && Generated.Count > 0 && _unread is null && !IsChoosing;

    /// <summary>How much of the prompt may be taken from the cache: all but one token where something is to be sampled.</summary>
    public int UsableMax => Spec.OutputTokensMax > 0 ? PromptTokens - 1 : PromptTokens;

    public override void Cancel()
    {
        _isCancelled = true;
        _wake();
    }

    /// <summary>A segment on the prompt's path, and the prompt's tokens behind it.</summary>
    public (Segment From, ReadOnlyMemory<int> Behind) Lookup(Segment root)
    {
        if (_from?.Segment is { IsDetached: false } segment && segment.End >= _tokensFrom)
            return (segment, _tokens.AsMemory(segment.End - _tokensFrom));
        NeedFrom(0);
        return (root, _tokens.AsMemory(0));
    }

    /// <summary>The continued path's segment, for a turn that ends before it began.</summary>
    public Segment? Continued => _from?.Segment is { IsDetached: false } segment ? segment : null;

    /// <summary>Prompt tokens by position; from before the continued path only after <see cref="NeedFrom"/>.</summary>
    public int PromptToken(int position) => _tokens[position - _tokensFrom];

    /// <summary>Makes the prompt's tokens available from a position on: the history is fetched only when its state was lost.</summary>
    public void NeedFrom(int position)
    {
        if (position >= _tokensFrom) return;
        _tokens = Spec.Prompt.ToArray();
        _tokensFrom = 0;
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
        if (_steps.Writer.TryWrite(step)) return;
        _unread = step;
        _room = WakeWhenReadAsync();
    }

    /// <summary>Tries again to hand over what the reader had no room for; true when nothing is left.</summary>
    public bool Flush()
    {
        if (_unread is { } step && _steps.Writer.TryWrite(step)) _unread = null;
        if (_unread is not null && !_isCancelled) return false;
        if (_end is { } end) Complete(end);
        return true;
    }

    /// <summary>Ends the turn, as soon as its last step was handed over.</summary>
    public void End(EngineTurnEnd end)
    {
        Sampler?.Dispose();
        _end = end;
        if (_unread is null || _isCancelled) Complete(end);
    }

    public bool IsComplete => _ended.Task.IsCompleted;

    private void Complete(EngineTurnEnd end)
    {
        _steps.Writer.TryComplete();
        _ended.TrySetResult(end);
    }

    private async Task WakeWhenReadAsync()
    {
        await _steps.Writer.WaitToWriteAsync(CancellationToken.None).ConfigureAwait(false);
        _wake();
    }
}

/// <summary>Bounds of every turn: steps that may wait for its reader, and tokens that exist.</summary>
internal sealed record TurnLimits(int StepsMax, int Vocabulary);
