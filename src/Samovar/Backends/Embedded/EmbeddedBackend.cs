using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Samovar.Backends.Embedded.Dialects;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Backends.Embedded.Sampling;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Engine;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Fields;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded;

/// <summary>
/// The model in this process as a backend: a conversation becomes text, tokens, an engine turn, and its output events again.
/// </summary>
/// <remarks>
/// (1) Plan the prompt: only what is new, where that is proven. (2) Choose how tokens are sampled and what may be called.
/// (3) Hand the turn to the engine; full, too long and impossible are answers. (4) Read tokens, tell text, reasoning and calls apart.
/// (5) End with the engine's own counts and with what a continuation needs. A turn that shall end early ends its item where it stands, or
/// before the next one, and keeps its state.
/// </remarks>
internal sealed partial class EmbeddedBackend : IBackend, IPrefixBackend, IAsyncDisposable
{
    private readonly ISequenceEngine _engine;
    private readonly EmbeddedOptions _options;
    private readonly TimeProvider _time;
    private readonly IdSource _ids;
    private readonly ILogger _logger;
    private readonly SamplingChoice _sampling;
    private readonly DefaultSampling? _echo;
    private readonly GrammarChoice _grammar;
    private readonly MarkupBan _ban;
    private readonly BackendModel _name;
    private readonly HistoryPreparer _preparer;
    private readonly TurnPrompts _prompts;

    public EmbeddedBackend(ISequenceEngine engine, EmbeddedOptions options, TimeProvider time, IdSource ids,
        ILogger<EmbeddedBackend> logger)
    {
        (_engine, _options, _time, _ids, _logger) = (engine, options, time, ids, logger);
        (Model, Template) = TemplateReading.Of(engine, options, time);
        var suggested = engine.Model.Sampling;
        var defaults = SamplingDefaults.Of(options.Sampling, suggested);
        (_sampling, _echo) = (new SamplingChoice(defaults, engine.Tokenizer.VocabularySize), defaults.Echo());
        _grammar = new GrammarChoice(Model.Writes, Model.Facts.ReasoningField is not null,
            new GrammarSettings(options.CallsMax, options.CallsHeld, options.GrammarCharsMax));
        _ban = new MarkupBan(Model.Writes, options.CallLookback);
        _name = new BackendModel(options.ModelName ?? engine.Model.Name, "samovar", engine.Model.ContextTokens);
        TemplateLog.Write(logger, _name.Name, Model);
        _prompts = new TurnPrompts(engine, Model.Planner, new ContextEditor(Model.Planner), _name.Name);
        _preparer = new HistoryPreparer(engine, Model.Planner, options, time, logger);
        Prefixes = new EmbeddedPrefixes(engine, Model, _name.Name, _preparer, logger);
        Log.Loaded(logger, _name.Name, Model.Writes, (long)Template.Took.TotalMilliseconds);
        if (Model.ThoughtSwitch is { } found) Log.ThoughtSwitch(logger, _name.Name, found, options.KeepThoughts ? "is" : "is not");
        if (suggested.ToString() is { Length: > 0 } said) Log.SamplingSuggested(logger, _name.Name, said);
        if (suggested.Unusable.Count > 0) Log.SamplingUnusable(logger, _name.Name, string.Join(", ", suggested.Unusable));
    }

    public IReadOnlyList<BackendModel> Models => [_name];
    public IReadOnlyList<IStateFiles> StateFiles => _engine.Files is { } files ? [files] : [];
    public IPrefixKeeping Prefixes { get; }
    public bool CountsHere => true;

    /// <summary>What is known of the loaded model, and what its template turned out to be.</summary>
    internal EmbeddedModel Model { get; }
    internal TemplateReading Template { get; }

    public async IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, [EnumeratorCancellation] CancellationToken turnCancelled)
    {
        FieldReport.Refuse(turn.Request, static uses => uses.Embedded);
        await Task.Yield(); // the caller's connection is read on this thread: it must notice a client that leaves or cancels meanwhile
        using var busy = _preparer.Begin(turn.ParentState as EmbeddedState);
        var times = EmbeddedTimes.Of(turn.Times, _time);
        var plan = times.Planned(_prompts.Plan, turn, turnCancelled); // :: 1
        var rights = SamplingChoice.Rights(turn.Request, plan.Tools);
        var mayQuote = plan.SpellsMark && plan.Tools.Tools.Count == 0;
        rights = rights with { WithholdsUnknown = rights.IsEmpty && !mayQuote && CallSyntaxes.AreMarked(Model.Writes) };
        var grammar = turn.Request.Generate ? _grammar.Of(turn.Request, rights, plan, turnCancelled) : null;
        var sampling = _sampling.Settings(turn.Request, grammar) with
            { Forbidden = _ban.Of(turn.Request, rights, turn.Context, mayQuote) }; // :: 2
        if (plan.Path.Length == 0) // a warm-up of nothing
        {
            yield return new BackendEvent.Accepted(_name.Name) { Sampling = _echo };
            yield return new BackendEvent.Finished(Usage.Zero);
            yield break;
        }
        var refusal = await _engine.PrepareAsync(sampling, turn.Flow, turnCancelled);
        if (refusal is not null && grammar is { IsDemanded: false }) // it costs too much, or there is no room for it
            (grammar, sampling, refusal) = (null, sampling with { Grammar = null, GrammarTriggers = GrammarTriggers.None }, null);
        if (refusal is not null) throw EngineRefusals.Refused(refusal, grammar);
        var running = turn.Report.Running = Begin(turn, plan, sampling, grammar, times.SpansMax); // :: 3
        var isClaimed = false;
        try
        {
            await using var cancelling = turnCancelled.UnsafeRegister(static state => ((EngineTurn)state!).Cancel(), running);
            await using var ending = turn.EndsEarly.UnsafeRegister(static state => ((EngineTurn)state!).Stop(), running);
            if (await IsRefusedAsync(running)) throw EngineRefusals.Overloaded((await running.Ended).RetryAfter);
            times.Started(running);
            var verdict = CacheVerdict.Of(turn, plan, _name.Name, _engine.Tokenizer);
            yield return new BackendEvent.Accepted(_name.Name)
                { Usage = new Usage(plan.Path.Length, 0, 0, 0), Sampling = _echo, Cache = verdict?.Expected };
            var output = Reading(turn, rights, plan);
            var early = new EarlyEnd(turn.EndsEarly);
            while (!early.IsDue && await running.Steps.WaitToReadAsync(CancellationToken.None)) // :: 4 ends within a batch of a cancel
                while (!early.IsDue && running.Steps.TryRead(out var step))
                    foreach (var reported in Read(output, step, running, times))
                    {
                        yield return reported;
                        if (early.IsDueBehind(reported)) break;
                    }
            var end = await early.EndAsync(running, output);
            times.Ended(end);
            turnCancelled.ThrowIfCancellationRequested();
            if (end.Kind == EngineTurnEndKind.Refused) throw EngineRefusals.Overloaded(end.RetryAfter);
            if (end.Kind == EngineTurnEndKind.Failed) throw Failed(turn, end, grammar);
            if (!early.IsDue) foreach (var reported in output.LastWords(early.IsCut(end, output))) yield return reported;
            CacheAccount.Note(turn, plan, end, verdict, _engine.Tokenizer);
            var finished = Finish(turn, plan, grammar, end, output, early, verdict); // :: 5
            isClaimed = true; // from here on the response's state holds what the engine keeps
            yield return finished;
        }
        finally
        {
            running.Cancel(); // a reader that leaves early ends the turn; an ended one is not touched
            var left = await running.Ended;
            times.Ended(left);
            turn.Report.Spent = new Usage(left.CachedTokens + left.PrefilledTokens, left.CachedTokens, left.OutputTokens, 0);
            if (!isClaimed) left.Pin?.Dispose();
        }
    }

    public ValueTask DisposeAsync() => _preparer.DisposeAsync();

    public ValueTask<int?> CountInputAsync(BackendTurn turn, CancellationToken caller) => new(_prompts.Plan(turn, caller).Path.Length);

    public PackedState? PackState(ChainNode node) =>
        node.State is EmbeddedState { Settings.Cleared.IsNothing: true } state ? StatePacking.Pack(state, node) : null;

    public BackendState? ReadState(PackedState packed, StoredTurn turn) =>
        packed.Kind == StatePacking.Kind ? StatePacking.Read(packed, turn, Model.Rendering) : null;

    public void RequireOpen(BackendTurn turn) => _prompts.RequireOpen(turn);

    private EngineTurn Begin(BackendTurn turn, PromptPlan plan, SamplingSettings sampling, BindingGrammar? grammar, int spansMax)
    {
        var admission = _engine.Begin(new EngineTurnSpec
        {
            Namespace = turn.Tenant.Value,
            Flow = turn.Flow,
            Prompt = plan.Path,
            ContinueFrom = plan.ContinueFrom,
            Marks = plan.Marks,
            IsStored = turn.Request.Store,
            StoredAs = turn.Id.Value,
            StoredBehind = turn.Context.Parent?.Id.Value,
            OutputTokensMax = turn.Request.Generate ? turn.Request.MaxOutputTokens ?? _options.OutputTokensDefault : 0,
            Sampling = sampling,
            StopTokens = Model.StopTokens,
            SpansMax = spansMax,
        });
        return admission is EngineAdmission.Admitted admitted ? admitted.Turn : throw EngineRefusals.Refused(admission, grammar);
    }

    /// <summary>Waits for the turn to begin while nobody knows of it yet: until then it may give way to others' turns.</summary>
    private async Task<bool> IsRefusedAsync(EngineTurn running)
    {
        try
        {
            await running.Started.WaitAsync(_options.AcceptWaitMax, _time);
        }
        catch (TimeoutException)
        {
            return false; // it goes on waiting, and its client may know
        }
        return running.Ended.IsCompletedSuccessfully && (await running.Ended).Kind == EngineTurnEndKind.Refused;
    }

    private OutputReading Reading(BackendTurn turn, CallRights rights, PromptPlan plan)
    {
        var sink = new OutputSink(EarlierCalls.Of(rights, turn.Context, _options.CallLookback), _ids, turn.Request.ContinuesAnswer);
        var stops = new StopTexts(turn.Request.Stop, sink);
        IOutputSink read = Model.Marks.IsEmpty ? stops : new UncutSink(stops);
        var parser = DialectChoice.Parser(Model.Writes, read, _options.CallHeadCharsMax, plan.TextEnd);
        return new OutputReading(parser, stops, sink, new PieceText(_engine.Tokenizer), new SpelledMarks(Model.Marks));
    }

    private static IReadOnlyList<BackendEvent> Read(OutputReading output, TokenStep step, EngineTurn running, EmbeddedTimes times)
    {
        times.Decodes();
        var reported = output.Read(step);
        if (output.IsOver) running.Cancel();
        return reported;
    }

    private ApiException Failed(BackendTurn turn, EngineTurnEnd end, BindingGrammar? grammar)
    {
        if (end.GrammarFault is { } fault) return new ApiException(Errors.GrammarRefused, fault, grammar?.Param);
        Log.EngineFailed(_logger, turn.Id, end.Failure ?? "");
        return new ApiException(Errors.Internal);
    }

    private BackendEvent.Finished Finish(
        BackendTurn turn, PromptPlan plan, BindingGrammar? grammar, EngineTurnEnd end, OutputReading output, EarlyEnd early,
        CacheVerdict? verdict)
    {
        (turn.Report.Destination, turn.Report.Dropped) = (_name.Name, LeftOut.Of(turn, plan, grammar));
        turn.Report.Queued = (turn.Report.Queued ?? TimeSpan.Zero) + end.Queued; // a response may have several rounds
        turn.Report.DraftedTokens += end.DraftedTokens;
        turn.Report.AcceptedTokens += end.AcceptedTokens;
        Log.TurnEnded(_logger, new TurnFigures(
            turn.Id, plan.IsIncremental, plan.Path.Length, plan.Shared, end.CachedTokens, end.Source, turn.Report.MissCause ?? "none"));
        var isCut = end.Kind is not EngineTurnEndKind.EndOfGeneration;
        var tail = new PromptTail(
            plan.HasSystem, plan.HasTools, output.Sink.HasReasoning, output.Sink.HasText, output.Sink.Calls,
            plan.ReasoningSinceUser, isCut);
        end.Pin?.Ended(OutputEnding.Of(turn, end, output, early));
        // An answer that was stopped is shorter than its tokens: what follows is rendered from what was sent.
        var isWhole = turn.Request.Generate && !output.IsEndedBefore;
        // What began before the turn is not a message of its own, and markup that was not sent is in no item: then all is rendered.
        var isTailSent = isWhole && !output.LeftMarkup && !turn.Request.ContinuesAnswer && output.IsAllOf(end);
        var state = new EmbeddedState(end.Path, end.Pin, plan.Settings, isTailSent ? tail : null, plan.Tools)
        {
            TokensShared = plan.Shared - plan.Copied,
            ItemsDropped = plan.ItemsDropped,
            Edits = plan.Edits,
            SpellsMark = plan.SpellsMark,
            HasOwnTools = (turn.ParentState as EmbeddedState)?.Tools != plan.Tools,
            PromptTokens = plan.Path.Length,
            IsPromptAsWritten = plan.IsAsWritten,
            HeadName = plan.HeadName,
            Likeness = plan.Likeness,
            Skeleton = plan.Skeleton,
            WhenKept = isTailSent && !isCut && tail.Calls.Count == 0 && !turn.Request.IsFinal ? node => _preparer.Note(turn, node) : null,
        };
        return new BackendEvent.Finished(
            new Usage(plan.Path.Length, end.CachedTokens, output.TokensOf(end), output.ReasoningTokens),
            early.IsSteered ? BackendEvent.Steered
                : isWhole && end.Kind is EngineTurnEndKind.OutputLimit or EngineTurnEndKind.ContextFull ? "max_output_tokens" : null,
            state, verdict?.Of(end)) 
        { StopSequence = output.StopSequence, AppliedEdits = turn.Request.Edits.Count == 0 ? default : AppliedEdit.Json(plan.Edits) };
    }

    /// <summary>What a turn cost and why, for the log.</summary>
    private sealed record TurnFigures(
        ResponseId Id, bool Incremental, int PromptTokens, int SharedTokens, int CachedTokens, CacheSource Source, string MissReason);

    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Information,
            "Model {Model} is served; it writes calls as {Dialect}, as its template showed in {Milliseconds} ms")]
        public static partial void Loaded(ILogger logger, string model, ModelDialect dialect, long milliseconds);

        [LoggerMessage(6003, LogLevel.Error, "Turn {ResponseId} failed in the engine: {Failure}")]
        public static partial void EngineFailed(ILogger logger, ResponseId responseId, string failure);

        [LoggerMessage(6004, LogLevel.Debug, "Turn ended: {Figures}")]
        public static partial void TurnEnded(ILogger logger, TurnFigures figures);

        [LoggerMessage(6005, LogLevel.Information, "Model {Model} recommends {Sampling}: used where nobody says otherwise")]
        public static partial void SamplingSuggested(ILogger logger, string model, string sampling);

        [LoggerMessage(6008, LogLevel.Information, "Model {Model} can keep earlier thoughts by {Switch}: Embedded:KeepThoughts {Is} set")]
        public static partial void ThoughtSwitch(ILogger logger, string model, ThoughtSwitch @switch, string @is);

        [LoggerMessage(6006, LogLevel.Warning, "Model {Model} recommends sampling that cannot be used, and is not: {Keys}")]
        public static partial void SamplingUnusable(ILogger logger, string model, string keys);
    }
}
