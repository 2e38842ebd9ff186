using Samovar.Engine.Decoding;
using Samovar.Engine.Devices;
using Samovar.Engine.Disk;
using Samovar.Engine.Grammars;
using Samovar.Engine.Native;
using Samovar.Engine.Parking;
using Samovar.Engine.Sampling;
using Samovar.Engine.Sequences;
using Samovar.Engine.States;
using Samovar.Engine.Tokens;
using Samovar.Scheduling.Fairness;

namespace Samovar.Engine.Llama;

/// <summary>The embedded engine: libllama in this process, one model, one context, one thread that decodes.</summary>
public sealed class LlamaEngine : ISequenceEngine
{
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly LlamaModel _model;
    private readonly LlamaContext _context;
    private readonly Retained _retained;
    private readonly ParkedStore _store;
    private readonly StateMover _mover;
    private readonly CandidateBuffer _candidates;
    private readonly TurnQueue _queue;
    private readonly GrammarCompiler _grammars;
    private readonly TextBans _bans;
    private readonly DecodeLoop _loop;
    private readonly EngineMeters _meters = new();
    private readonly StreamTable _streams;
    private readonly StateDisk? _disk;
    private readonly UseGate _uses = new(nameof(LlamaEngine));
    private readonly Lock _gate = new();
    private volatile bool _isClosed;

    private LlamaEngine(EngineOptions options, TimeProvider time, LlamaModel model, StateHandling handling, DeviceFacts device,
        IReadOnlyList<byte[]>? secrets)
    {
        (_options, _time, _model) = (options, time, model);
        var shape = ContextShape.Choose(options, ModelSize.Of(options.ModelPath!), device.StateRoom) with
        {
            DraftTokens = model.Kind == MemoryKind.Plain && handling != StateHandling.Snapshots ? options.DraftTokensMax : 0,
        };
        var tokenizer = new Tokenizer(model.Vocabulary, _uses, model.Metadata("tokenizer.ggml.pre"));
        Tokenizer = tokenizer;
        _context = new LlamaContext(model, shape);
        try
        {
            var probed = Probe(_context, tokenizer, shape, device);
            Traits = StateTraits.Of(model, probed, handling);
            Model = LoadedFacts.Of(options.ModelPath!, model, shape, probed, Traits, device);
            var tree = Tree = new SegmentTree();
            (_streams, _candidates) = (new StreamTable(shape.Streams, tree), new CandidateBuffer(tokenizer.VocabularySize));
            _retained = new Retained(
                options.Retention, tree, _streams, _meters, Traits.Checkpoints != CheckpointPart.None, options.ParkedBytesMax, time);
            _store = _retained.Store;
            _mover = new StateMover(_context, Traits, _store, tree, _meters, time);
            (_grammars, _bans) = (new GrammarCompiler(tokenizer, options), new TextBans(tokenizer));
            var placer = Placer = new StreamPlacer(_context, tree, _streams, _store, _mover, Traits, _retained.Victims, time);
            _queue = new TurnQueue(options.QueueMax + shape.Streams, shape.Streams, options.QueueWaitMax, time);
            Action<Action> ask = question => _loop?.Ask(question);
            _disk = placer.Files.Disk = StateDisk.Open(options, secrets, BindingOf(shape), new DiskParts(
                tree, _streams, _retained, _mover, Traits, _meters, time)
                { Wake = () => _loop?.Wake(), Ask = ask, Expect = placer.Files.Expect });
            placer.Prefixes = new PrefixKeeper(tree, _store, _mover, Traits, _retained.Pins, time) { Ask = ask };
            _loop = NewLoop(shape, shape.DecodeThreads(options, model.Parameters));
        }
        catch
        {
            Free();
            throw;
        }
    }

    public ModelFacts Model { get; }
    public ITokenizer Tokenizer { get; }
    public IStateFiles? Files => _disk;
    public EngineCounters Counters => _meters.Snapshot(_options.ParkedBytesMax, _disk?.BytesMax ?? 0) with { DiskFault = _disk?.Fault };

    /// <summary>The recognised layout of parked state; null where state moves only as a whole.</summary>
    internal StateLayout? Layout => Traits.Layout;

    /// <summary>What may be done with a stream's state.</summary>
    internal StateTraits Traits { get; }

    internal DecodeLoop Loop => _loop;
    internal StreamTable Streams => _streams;
    internal StreamPlacer Placer { get; }
    internal SegmentTree Tree { get; }

    /// <summary>What the library says that a stream holds; only while no turn runs.</summary>
    internal int HeldTokens(StreamSlot slot) => _context.Length(slot.Index);

    internal ParkedStore Store => _store;
    internal StateMover Mover => _mover;

    /// <summary>Loads the library (once per process), the model and a context. Takes seconds; blocks.</summary>
    /// <param name="trial">Shows that a GPU works before this process relies on it; without one <c>auto</c> takes the CPU.</param>
    /// <param name="secrets">What state files are encrypted with, the newest first; without any there are none.</param>
    /// <exception cref="EngineLoadException">Library, model or sizes cannot be used; the message says why.</exception>
    public static LlamaEngine Load(EngineOptions options, TimeProvider time, IDeviceTrial? trial = null,
        IReadOnlyList<byte[]>? secrets = null) => StartOf(options, time, StateHandling.Rows, trial, secrets).Run();

    /// <summary>Loads with less than the model and the library allow, so that tests reach the fallbacks.</summary>
    internal static LlamaEngine Load(EngineOptions options, TimeProvider time, StateHandling handling,
        IReadOnlyList<byte[]>? secrets = null) => StartOf(options, time, handling, null, secrets).Run();

    /// <summary>Loads with one device or not at all, and without a trial: this is what a trial does.</summary>
    internal static LlamaEngine LoadOn(EngineOptions options, TimeProvider time, DeviceAttempt attempt) =>
        StartOf(options, time, StateHandling.Rows, null).RunOn(attempt);

    private static EngineStart<LlamaEngine> StartOf(
        EngineOptions options, TimeProvider time, StateHandling handling, IDeviceTrial? trial, IReadOnlyList<byte[]>? secrets = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        if (options.ModelPath is not { Length: > 0 }) throw new EngineLoadException("No model is given (Engine:ModelPath).");
        return new(options, trial, (model, device) => new LlamaEngine(options, time, model, handling, device, secrets));
    }

    public ValueTask<EngineAdmission?> PrepareAsync(SamplingSettings sampling, FlowId flow, CancellationToken turnCancelled) =>
        sampling.Grammar is { } gbnf ? _grammars.PrepareAsync(gbnf, sampling.GrammarTriggers, flow, turnCancelled) : default;

    public ValueTask<EngineMap?> MapAsync(
        IReadOnlyList<SequencePin> pins, int sharedMax, int sharedTokensMin, CancellationToken caller)
    {
        ArgumentNullException.ThrowIfNull(pins);
        var survey = () => new StateSurvey(Tree, _streams, _loop.Pins).Of(pins, sharedMax, sharedTokensMin);
        return new(_loop.Questions.AskAsync(() => survey() with { DiskTokens = _disk?.Tokens ?? 0 }, caller));
    }

    public ValueTask<PrefixSurvey?> PrefixesAsync(
        string scope, IReadOnlyList<KeptPrefix> kept, int startsMax, int tokensMin, CancellationToken caller)
    {
        ArgumentNullException.ThrowIfNull(kept);
        return new(_loop.Questions.AskAsync(
            () => new PrefixSurveyor(Tree, _streams, _loop.Pins).Of(scope, kept, startsMax, tokensMin), caller));
    }

    public EngineAdmission Begin(EngineTurnSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        using var use = _uses.Enter();
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (spec.Prompt.Length + (spec.OutputTokensMax > 0 ? 1 : 0) > Model.ContextTokens)
            return new EngineAdmission.TooLong(spec.Prompt.Length, Model.ContextTokens);
        SamplerChain? sampler = null;
        var admission = (EngineAdmission?)null;
        try
        {
            return admission = HandOver(spec, out sampler);
        }
        finally
        {
            if (admission is not EngineAdmission.Admitted) sampler?.Dispose();
        }
    }

    private EngineAdmission HandOver(EngineTurnSpec spec, out SamplerChain? sampler)
    {
        sampler = null;
        if (spec.OutputTokensMax > 0)
        {
            if (RefuseGrammar(spec, out var grammar) is { } refusal) return refusal;
            sampler = NewSampler(spec, grammar);
        }
        // A chain may have been another engine's before: what that one holds is nothing here.
        var from = spec.ContinueFrom is HeldPath pin && ReferenceEquals(pin.Home, _loop.Pins) && pin.Scope == spec.Namespace
            && spec.Prompt.GrewFrom(pin.Path) ? pin : null;
        var turn = new TurnRun(
            spec, from, sampler, new TurnLimits(_options.StepsBufferedMax, Tokenizer.VocabularySize, Model.DraftTokens),
            _time.GetTimestamp(), _loop.Wake);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            if (!_queue.TryEnter(turn)) return Refuse(spec.Flow);
        }
        _loop.Wake();
        return new EngineAdmission.Admitted(turn);
    }

    /// <summary>No new turns, running ones end as cancelled, then the thread ends and all memory is given back.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
        }
        await Task.Run(() =>
        {
            _loop.Dispose();
            _uses.Close(); // texts may still be tokenised: their thread must leave libllama first
            try { Free(); }
            finally { _model.Dispose(); }
        }).ConfigureAwait(false);
    }

    /// <summary>All but the model, as far as it was made.</summary>
    private void Free()
    {
        try { _disk?.Dispose(); }
        finally
        {
            _store?.Clear();
            _retained?.Pins.Close();
            _mover?.Dispose();
            _candidates?.Dispose();
            _context.Dispose();
        }
    }

    /// <summary>Mostly prepared; else compiled here. One that nobody demanded is left out where there is no room for it.</summary>
    private EngineAdmission? RefuseGrammar(EngineTurnSpec spec, out GrammarUse? grammar)
    {
        grammar = null;
        if (spec.Sampling.Grammar is not { } gbnf) return null;
        try
        {
            grammar = _grammars.Use(gbnf, spec.Sampling.GrammarTriggers, spec.Flow);
            return grammar is null && spec.Sampling.IsGrammarDemanded ? Refuse(spec.Flow) : null;
        }
        catch (GrammarFaultException fault)
        {
            return new EngineAdmission.BadGrammar(fault.Message);
        }
    }

    private SamplerChain NewSampler(EngineTurnSpec spec, GrammarUse? grammar)
    {
        try
        {
            var ban = _bans.Of(spec.Sampling.Forbidden) is { } forbidden ? new TextBanGate(forbidden, spec.StopTokens) : null;
            return new SamplerChain(Tokenizer.VocabularySize, spec.Sampling, grammar, ban, spec.StopTokens);
        }
        catch
        {
            grammar?.Dispose();
            throw;
        }
    }

    private DecodeLoop NewLoop(ContextShape shape, int loneThreads)
    {
        var chooser = new TokenChooser(Tokenizer, _candidates, shape.ContextTokens, _options.GrammarStepsPerRound);
        var drafter = new Drafter(chooser, new DraftLimits(
            shape.DraftTokens, shape.ContextTokens, shape.BatchTokens, IsAlways: _options.DraftPolicy == "always"));
        var isProcessor = Model.Device.Kind == DeviceKinds.Cpu;
        var guess = PrefillGuess.Of(_model.Parameters, shape.Threads, isProcessor);
        Placer.Copies = new CopyWorth(_retained.Prefill, guess.Cost, _mover.Reads);
        var trial = new DraftTrial(_context, Layout, shape, loneThreads, _time);
        return new DecodeLoop(_context, Placer, _streams, _queue, chooser, drafter,
            new LoopSettings(_meters, _time, OnRound, shape.BatchTokens, shape.Threads, _options.DecodeDelayMax)
            {
                Retention = _retained.Turns,
                Pins = _retained.Pins,
                Prefill = _retained.Prefill,
                PrefillGuess = guess,
                IsProcessor = isProcessor,
                DecodeThreads = loneThreads,
                AreThreadsFixed = _options.ThreadPolicy == "fixed",
                Between = _disk is null ? null : _disk.Saver.Busy,
                Idle = _disk is null ? null : _disk.Saver.Idle,
                Begin = () => drafter.Learn(trial, isProcessor, Tokenizer.BeginOfText ?? Tokenizer.EndOfTurn ?? 0),
            });
    }

    /// <summary>State that another model, library, device or shape of the context made is none of ours.</summary>
    private string BindingOf(ContextShape shape) => string.Join('|', Model.Identity, Traits, Layout?.Description ?? "whole",
        shape.KvType, shape.ContextTokens, shape.Streams, Model.Device.Kind);

    /// <summary>A decode that fails shows here, before any turn; the device may then be replaced, so it gets its memory back.</summary>
    private static ProbedState Probe(LlamaContext context, Tokenizer tokenizer, ContextShape shape, DeviceFacts device)
    {
        if (device.Layers > 0) DeviceWarmup.Run(context, shape, tokenizer.BeginOfText ?? tokenizer.EndOfTurn ?? 0);
        return LayoutProbe.Learn(context, tokenizer, shape.Streams);
    }

    private EngineAdmission.Busy Refuse(FlowId flow)
    {
        Interlocked.Increment(ref _meters.Refusals);
        return new EngineAdmission.Busy(_queue.RetryAfter(flow));
    }

    private void OnRound(EngineMeters meters)
    {
        var (busy, held, tokens) = (0, 0, 0L);
        foreach (var slot in _streams.Slots)
        {
            tokens += slot.Length;
            if (!slot.IsIdle) busy++;
            else if (slot.Length > 0) held++;
        }
        Volatile.Write(ref meters.StreamsBusy, busy);
        Volatile.Write(ref meters.StreamsHeld, held);
        Volatile.Write(ref meters.StreamTokens, tokens);
        Volatile.Write(ref meters.ParkedBytes, _store.Bytes);
    }
}
