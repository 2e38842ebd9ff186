using Microsoft.Extensions.Logging;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Chains;
using Samovar.Engine;
using Samovar.Scheduling.Fairness;

namespace Samovar.Backends.Embedded;

/// <summary>Computes, while a user reads an answer, what the history will look like when the next question comes.</summary>
/// <remarks>
/// Many templates take earlier thoughts out of the history, or move the tools, as soon as a question comes: then nearly all of a long
/// turn's tokens change, and would be computed while the user waits. Which tokens any next question leaves as they are is known when the
/// answer ends, so the engine computes them where it has nothing else to do. (1) An answer is noted when it is kept. (2) When no turn has
/// run for a moment, the newest noted one is prepared: nothing is, where a question goes on from the tokens that are there, or few would be
/// computed. (3) Whatever turn comes cancels it within a chunk; what was computed stays, and the preparation goes on later. The prepared
/// state is held until its response is continued or given up.
/// </remarks>
internal sealed partial class HistoryPreparer(
    ISequenceEngine engine, PromptPlanner planner, EmbeddedOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int AttemptsMax = 8; // of one answer: turns that come in between cancel it
    private const int ParkedShareMax = 2; // nothing is prepared where more than one in so many bytes of host memory is taken

    private static readonly FlowId Flow = new("samovar.preparation"); // what is prepared for a client counts against nobody

    private readonly Lock _gate = new();
    private readonly List<Noted> _noted = []; // the newest last
    private readonly CancellationTokenSource _stopping = new();
    private TaskCompletionSource _changed = New();
    private Task _loop = Task.CompletedTask;
    private EngineTurn? _running;
    private int _turns;
    private long _begun;
    private bool _isStarted;

    /// <summary>A turn comes: it has the engine for itself until this is disposed of.</summary>
    public IDisposable Begin(EmbeddedState? continued)
    {
        EngineTurn? running;
        continued?.Continue(); // before the lock: a preparation of it that is cancelled here is not noted again
        lock (_gate)
        {
            (_turns, _begun, running) = (_turns + 1, _begun + 1, _running);
            _noted.RemoveAll(one => ReferenceEquals(one.State, continued));
        }
        running?.Cancel(); // :: 3
        return new Busy(this, continued);
    }

    /// <summary>An answer was kept. :: 1</summary>
    public void Note(BackendTurn turn, ChainNode node)
    {
        if (options.PrepareNext && node.State is EmbeddedState state) Note(new Noted(turn, state, node, 1));
    }

    /// <summary>Nothing more is prepared, and nothing runs afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        EngineTurn? running;
        lock (_gate) running = _running;
        _stopping.Cancel();
        running?.Cancel();
        await _loop;
        _stopping.Dispose();
    }

    private void Note(Noted noted)
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested) return;
            Keep(noted);
            if (!_isStarted) _loop = RunAsync();
            _isStarted = true;
            Changed();
        }
    }

    private void Keep(Noted noted)
    {
        if (!noted.State.IsAwaited) return;
        while (_noted.Count >= options.PreparationsMax) _noted.RemoveAt(0);
        _noted.Add(noted);
    }

    private void Changed()
    {
        _changed.TrySetResult();
        _changed = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        await Task.Yield(); // an answer's end waits for nothing of this
        try
        {
            while (true) await PrepareAsync(await NextAsync(_stopping.Token));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // the backend is going
        }
    }

    /// <summary>The newest noted answer, when no turn has come for a moment. :: 2</summary>
    private async Task<Noted> NextAsync(CancellationToken stopping)
    {
        while (true)
        {
            Task changed;
            bool isIdle;
            long begun;
            lock (_gate) (changed, isIdle, begun) = (_changed.Task, _turns == 0 && _noted.Count > 0, _begun);
            if (!isIdle)
            {
                await changed.WaitAsync(stopping);
                continue;
            }
            await Task.Delay(options.PrepareAfter, time, stopping);
            lock (_gate)
                if (_turns == 0 && _begun == begun && _noted.Count > 0)
                {
                    var newest = _noted[^1];
                    _noted.RemoveAt(_noted.Count - 1);
                    return newest;
                }
        }
    }

    private async Task PrepareAsync(Noted noted)
    {
        try
        {
            if (!noted.State.IsAwaited || engine.Counters is var now && now.ParkedBytes > now.ParkedBytesMax / ParkedShareMax) return;
            if (planner.Next(noted.Turn, noted.State, noted.Node, options.PrepareTokensMin, _stopping.Token) is not { } path) return;
            if (path.Length >= engine.Model.ContextTokens) return;
            if (Start(noted, path) is not { } running) return;
            var end = await running.Ended;
            noted.State.HoldPrepared(end.Pin, end.Kind == EngineTurnEndKind.OutputLimit ? path.Length : 0);
            Log.Prepared(logger, noted.Node.Id.Value, path.Length, end.PrefilledTokens, end.Kind);
            if (end.Kind == EngineTurnEndKind.Cancelled && noted.Attempt < AttemptsMax)
                Note(noted with { Attempt = noted.Attempt + 1 });
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested) // one preparation: the question is computed when it comes
        {
            Log.NotPrepared(logger, noted.Node.Id.Value, exception);
        }
        finally
        {
            lock (_gate) _running = null;
        }
    }

    private EngineTurn? Start(Noted noted, TokenPath path)
    {
        lock (_gate)
        {
            if (_turns > 0)
            {
                Keep(noted);
                return null;
            }
            var admission = engine.Begin(new EngineTurnSpec
            {
                Namespace = noted.Turn.Tenant.Value, Flow = Flow, Prompt = path, OutputTokensMax = 0, IsBackground = true,
                IsStored = noted.Node.Store, StoredAs = noted.Node.Id.Value, StoredBehind = noted.Node.Parent?.Id.Value,
            });
            return _running = (admission as EngineAdmission.Admitted)?.Turn;
        }
    }

    private void End(EmbeddedState? continued)
    {
        continued?.LeavePrepared();
        lock (_gate)
        {
            _turns--;
            Changed();
        }
    }

    /// <summary>A turn that runs.</summary>
    private sealed class Busy(HistoryPreparer owner, EmbeddedState? continued) : IDisposable
    {
        public void Dispose() => owner.End(continued);
    }

    /// <summary>An answer that a user may be reading.</summary>
    private sealed record Noted(BackendTurn Turn, EmbeddedState State, ChainNode Node, int Attempt);

    private static partial class Log
    {
        [LoggerMessage(6010, LogLevel.Debug, "Prepared what follows {ResponseId}: {Tokens} tokens, {Computed} of them computed; {End}")]
        public static partial void Prepared(ILogger logger, string responseId, int tokens, int computed, EngineTurnEndKind end);

        [LoggerMessage(6011, LogLevel.Warning, "What follows {ResponseId} could not be prepared: the next question computes it")]
        public static partial void NotPrepared(ILogger logger, string responseId, Exception exception);
    }
}
