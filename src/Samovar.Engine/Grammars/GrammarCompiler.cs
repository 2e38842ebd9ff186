using Samovar.Scheduling.Fairness;

namespace Samovar.Engine.Grammars;

/// <summary>Compiles grammars, never on the engine's thread, and keeps them for later turns.</summary>
/// <remarks>
/// A few at a time, from a bounded queue that takes flows in turn by what they have used: a flood of new grammars from one of them delays
/// only itself.
/// </remarks>
internal sealed class GrammarCompiler(ITokenizer tokenizer, EngineOptions options)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private readonly GrammarBounds _bounds = GrammarBounds.Of(options);
    private readonly Lazy<VocabularyTree> _tree = new( // what cannot be built now may be later
        () => new VocabularyTree(tokenizer), LazyThreadSafetyMode.PublicationOnly);
    private readonly CompiledGrammars _kept = new(options.GrammarBytesMax);
    private readonly Lock _gate = new();
    private readonly FairLedger _ledger = new();
    private readonly Dictionary<CompileWork, Task> _running = [];
    private FairQueue<CompileWork>? _queue;

    /// <summary>A grammar, on the caller's thread unless it is kept.</summary>
    /// <exception cref="GrammarFaultException">It cannot be used; the message says why.</exception>
    public CompiledGrammar Compile(string gbnf, GrammarTriggers triggers, CancellationToken givenUp)
    {
        var key = KeyOf(gbnf, triggers);
        if (_kept.Find(key) is { } known) return known;
        if (gbnf.Contains('\0')) throw new GrammarFaultException("The grammar has a zero character.");
        var program = ProgramBuilder.Build(gbnf, _bounds, givenUp);
        var grammar = new CompiledGrammar(program, new TriggerWatch(triggers), tokenizer, _tree.Value, _bounds);
        GrammarTrial.Run(grammar.Learned, givenUp); // nobody else has it yet
        return _kept.Keep(key, grammar);
    }

    /// <summary>A grammar for a turn, on the caller's thread unless it is kept; null where those in use leave no room for it.</summary>
    /// <exception cref="GrammarFaultException">It cannot be used; the message says why.</exception>
    public GrammarUse? Use(string gbnf, GrammarTriggers triggers, FlowId flow) =>
        _kept.Use(KeyOf(gbnf, triggers), Compile(gbnf, triggers, CancellationToken.None), flow);

    /// <summary>Has a grammar ready for a turn; the answer at the door where it cannot be, else null.</summary>
    public async ValueTask<EngineAdmission?> PrepareAsync(
        string gbnf, GrammarTriggers triggers, FlowId flow, CancellationToken turnCancelled)
    {
        if (_kept.Find(KeyOf(gbnf, triggers)) is not null) return null;
        var work = new CompileWork(gbnf, triggers, flow, turnCancelled);
        await using var leaving = turnCancelled.UnsafeRegister(_ => GiveUp(work), null);
        Enter(work);
        return await work.Answer.Task.ConfigureAwait(false);
    }

    private void Enter(CompileWork work)
    {
        CompileWork? gaveWay;
        lock (_gate)
        {
            if (work.GivenUp.IsCancellationRequested) return; // it has its answer, and nobody gives way for it
            _queue ??= new FairQueue<CompileWork>(options.QueueMax, _ledger);
            if (!_queue.TryEnter(work.Flow, work, out gaveWay)) gaveWay = work;
        }
        gaveWay?.Answer.TrySetResult(new EngineAdmission.Busy(RetryAfter));
        StartNext();
    }

    private void GiveUp(CompileWork work)
    {
        lock (_gate) _queue?.Remove(work.Flow, work);
        work.Answer.TrySetCanceled(work.GivenUp);
    }

    private void StartNext()
    {
        lock (_gate)
            while (_running.Count < options.GrammarCompilesMax && _queue!.InTurn is [var next, ..])
            {
                _queue.Remove(next.Flow, next);
                _ledger.Enter(next.Flow);
                _running[next] = Task.Run(() => Run(next), CancellationToken.None);
            }
    }

    private void Run(CompileWork work)
    {
        try
        {
            Compile(work.Gbnf, work.Triggers, work.GivenUp);
            work.Answer.TrySetResult(null);
        }
        catch (GrammarFaultException fault)
        {
            work.Answer.TrySetResult(new EngineAdmission.BadGrammar(fault.Message));
        }
        catch (OperationCanceledException)
        {
            work.Answer.TrySetCanceled(work.GivenUp);
        }
        catch (Exception fault) // one grammar's fault is its own turn's
        {
            work.Answer.TrySetException(fault);
        }
        finally
        {
            lock (_gate)
            {
                _ledger.Charge(work.Flow, work.Gbnf.Length);
                _ledger.Leave(work.Flow);
                _running.Remove(work);
            }
            StartNext();
        }
    }

    private static string KeyOf(string gbnf, GrammarTriggers triggers) => triggers.Texts.Count == 0 ? gbnf : gbnf + triggers.Key;

    /// <summary>A grammar that somebody waits for.</summary>
    private sealed class CompileWork(string gbnf, GrammarTriggers triggers, FlowId flow, CancellationToken givenUp)
    {
        public string Gbnf => gbnf;
        public GrammarTriggers Triggers => triggers;
        public FlowId Flow => flow;
        public CancellationToken GivenUp => givenUp;
        public TaskCompletionSource<EngineAdmission?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
