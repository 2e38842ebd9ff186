using System.Collections.Concurrent;
using System.Threading.Channels;
using Samovar.Engine;

namespace Samovar.Testing.Engines;

/// <summary>
/// An engine that says what a test asks for, and counts as the real one does: what was computed before in a namespace is cached.
/// </summary>
public sealed class FakeEngine(FakeTokenizer tokenizer, string template) : ISequenceEngine
{
    private readonly ConcurrentDictionary<string, List<int[]>> _computed = new();

    public ModelFacts Model { get; set; } = new()
    {
        Name = "fake", Path = "fake.gguf", Architecture = "fake", Identity = $"fake-{template.Length}", Parameters = 1,
            TrainedContext = 1 << 20,
        ContextTokens = 1 << 20, Streams = 4, StateBytesPerToken = 1, ChatTemplate = template, CanTruncate = true, LibraryVersion = "0",
    };

    public ITokenizer Tokenizer => tokenizer;
    public EngineCounters Counters { get; set; } = new();

    /// <summary>What the model says to a prompt; special tokens are spelled. The end token is put behind it.</summary>
    public Func<EngineTurnSpec, string> Says { get; set; } = _ => "ok";

    /// <summary>What it says in tokens; null for what <see cref="Says"/> spells.</summary>
    public int[]? SaysTokens { get; set; }

    /// <summary>The token that ends what it says; null ends at the output limit.</summary>
    public string? EndsWith { get; set; }

    /// <summary>When set, the answer at the door.</summary>
    public EngineAdmission? Refusal { get; set; }

    /// <summary>When set, turns give way in the queue, and may come again after so long.</summary>
    public TimeSpan? GivesWay { get; set; }

    /// <summary>When set, a turn says its text and then waits to be cancelled.</summary>
    public bool NeverEnds { get; set; }

    /// <summary>Every turn that came, in order.</summary>
    public List<EngineTurnSpec> Turns { get; } = [];

    /// <summary>Pins handed out and not given back.</summary>
    public int PinsHeld => _pins.Count(pin => !pin.IsDisposed);

    /// <summary>What was said of how turns ended, in their order; null where nothing was.</summary>
    public IReadOnlyList<TurnEnding?> Endings
    {
        get
        {
            lock (_pins) return [.. _pins.Select(pin => pin.Ending)];
        }
    }

    private readonly List<FakePin> _pins = [];

    public EngineAdmission Begin(EngineTurnSpec spec)
    {
        if (Refusal is not null) return Refusal;
        if (spec.Prompt.Length >= Model.ContextTokens) return new EngineAdmission.TooLong(spec.Prompt.Length, Model.ContextTokens);
        lock (Turns) Turns.Add(spec);
        return new EngineAdmission.Admitted(new FakeTurn(this, spec));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private FakePin Pin(TokenPath path)
    {
        var pin = new FakePin(path);
        lock (_pins) _pins.Add(pin);
        return pin;
    }

    private int Cached(EngineTurnSpec spec)
    {
        var tokens = spec.Prompt.ToArray();
        var known = _computed.GetOrAdd(spec.Namespace, _ => []);
        lock (known) return known.Count == 0 ? 0 : Math.Min(tokens.Length - 1, known.Max(one => one.AsSpan().CommonPrefixLength(tokens)));
    }

    private void Computed(EngineTurnSpec spec, TokenPath path)
    {
        var known = _computed.GetOrAdd(spec.Namespace, _ => []);
        lock (known) known.Add(path.ToArray());
    }

    private sealed class FakePin(TokenPath path) : SequencePin
    {
        public bool IsDisposed { get; private set; }
        public override TokenPath Path => path;
        public TurnEnding? Ending { get; private set; }
        public override void Ended(TurnEnding ending) => Ending = ending;
        public override void Dispose() => IsDisposed = true;
    }

    private sealed class FakeTurn : EngineTurn
    {
        private readonly FakeEngine _engine;
        private readonly EngineTurnSpec _spec;
        private readonly Channel<TokenStep> _steps = Channel.CreateUnbounded<TokenStep>();
        private readonly TaskCompletionSource<EngineTurnEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<int> _sampled = [];
        private readonly int _cached;

        public FakeTurn(FakeEngine engine, EngineTurnSpec spec)
        {
            (_engine, _spec, _cached) = (engine, spec, engine.Cached(spec));
            if (engine.GivesWay is not null)
            {
                End(EngineTurnEndKind.Refused);
                return;
            }
            var kind = spec.OutputTokensMax == 0 ? EngineTurnEndKind.OutputLimit : Say();
            if (!engine.NeverEnds) End(kind);
        }

        public override ChannelReader<TokenStep> Steps => _steps.Reader;
        public override Task<EngineTurnEnd> Ended => _ended.Task;
        public override Task Started => Task.CompletedTask;
        public override void Cancel() => End(EngineTurnEndKind.Cancelled);
        public override void Stop() => End(EngineTurnEndKind.Stopped);

        private EngineTurnEndKind Say()
        {
            var tokens = _engine.SaysTokens ?? _engine.Tokenizer.Tokenize(_engine.Says(_spec), addSpecial: false, parseSpecial: true);
            foreach (var token in tokens)
            {
                if (_sampled.Count == _spec.OutputTokensMax) return EngineTurnEndKind.OutputLimit;
                Emit(token, isEnd: false);
            }
            if (_engine.EndsWith is not { } end || _sampled.Count == _spec.OutputTokensMax) return EngineTurnEndKind.OutputLimit;
            Emit(((FakeTokenizer)_engine.Tokenizer).TokenOf(end), isEnd: true);
            return EngineTurnEndKind.EndOfGeneration;
        }

        private void Emit(int token, bool isEnd)
        {
            _sampled.Add(token);
            float? logprob = _spec.Sampling.TopLogprobs is null ? null : -0.5f;
            _steps.Writer.TryWrite(
                new TokenStep(token, isEnd ? default : _engine.Tokenizer.Piece(token), isEnd, logprob, logprob is null ? null : []));
        }

        private void End(EngineTurnEndKind kind)
        {
            if (!_steps.Writer.TryComplete()) return;
            var path = _spec.Prompt.Append(_sampled.ToArray());
            if (kind == EngineTurnEndKind.Refused)
            {
                _ended.SetResult(new EngineTurnEnd
                {
                    Kind = kind, CachedTokens = 0, PrefilledTokens = 0, OutputTokens = 0, Path = path, RetryAfter = _engine.GivesWay,
                });
                return;
            }
            _engine.Computed(_spec, path);
            _ended.SetResult(new EngineTurnEnd
            {
                Kind = kind, CachedTokens = _cached, PrefilledTokens = _spec.Prompt.Length - _cached, OutputTokens = _sampled.Count,
                Path = path, Pin = _engine.Pin(path), Source = _cached > 0 ? CacheSource.OwnStream : CacheSource.None,
            });
        }
    }
}
