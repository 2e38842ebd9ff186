using Samovar.Engine.Llama;

namespace Samovar.Engine.Tests.Turns;

/// <summary>Holds an engine's thread behind its next round: what begins meanwhile comes while its turns run, however fast or slow the
/// machine is.</summary>
internal sealed class HeldRounds : IDisposable
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously), _mayGoOn = new();
    private readonly LlamaEngine _engine;

    /// <summary>Holds the first round in which so many turns have streams, and all behind it.</summary>
    public HeldRounds(LlamaEngine engine, int running = 1)
    {
        _engine = engine;
        engine.Loop.RoundDone = (_, _) =>
        {
            if (engine.Counters.TurnsRunning < running) return;
            _entered.TrySetResult();
            _mayGoOn.Task.Wait();
        };
    }

    /// <summary>Ends when the thread is held.</summary>
    public Task Entered => _entered.Task.WaitAsync(TestContext.Current.CancellationToken);

    /// <summary>Lets it go on.</summary>
    /// <param name="then">Looks at each round from here on.</param>
    public void GoOn(Action<int, int>? then = null)
    {
        if (_mayGoOn.Task.IsCompleted) return;
        _engine.Loop.RoundDone = then;
        _mayGoOn.SetResult();
    }

    /// <summary>Lets it go on, and counts in the engine's own order.</summary>
    /// <returns>How many of some turns had ended in the round in which another one did.</returns>
    public Task<int> GoOnAndCountAsync(EngineTurn awaited, IReadOnlyList<EngineTurn> others)
    {
        var counted = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        GoOn((_, _) =>
        {
            if (awaited.Ended.IsCompleted) counted.TrySetResult(others.Count(static turn => turn.Ended.IsCompleted));
        });
        return counted.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Whatever a test ends with, the engine can end.</summary>
    public void Dispose() => GoOn();
}
