using Samovar.Engine.Llama;
using Samovar.Scheduling.Fairness;
using Samovar.Testing;

namespace Samovar.Engine.Tests.Turns;

/// <summary>Who would wait too long is refused at once, who has waited too long then: what is admitted begins in a known time.</summary>
public sealed class QueueWaitTests : IDisposable
{
    private static readonly FlowId Flood = new("flood"), Quiet = new("quiet");
    private readonly Random _random = new(5);
    private readonly ManualTime _time = new();
    private readonly ManualResetEventSlim _mayGoOn = new(true);

    [Fact]
    public async Task TurnThatWouldWaitTooLong_IsRefusedAtOnce_WithATimeToRetry()
    {
        await using var engine = Start();
        using var opening = new Opening(_mayGoOn);
        await RunForAsync(engine, TimeSpan.FromSeconds(10));
        var running = await HoldAsync(engine);
        var queued = EngineLab.Begin(engine, Spec(Flood, 5)); // in 10 s
        var refused = Assert.IsType<EngineAdmission.Busy>(engine.Begin(Spec(Flood, 5))); // in 20
        Assert.Equal(TimeSpan.FromSeconds(10), refused.RetryAfter);
        Assert.Equal(1, engine.Counters.Refusals);
        var quiet = EngineLab.Begin(engine, Spec(Quiet, 5)); // of a flow of its own: in 10
        _mayGoOn.Set();
        foreach (var turn in new[] { running, queued, quiet })
            Assert.Equal(EngineTurnEndKind.OutputLimit, (await EngineLab.ReadAsync(turn)).End.Kind);
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task FirstTurnOfAFlow_IsAdmitted_HoweverLongOthersRun()
    {
        await using var engine = Start();
        using var opening = new Opening(_mayGoOn);
        await RunForAsync(engine, TimeSpan.FromSeconds(100));
        var running = await HoldAsync(engine);
        var quiet = EngineLab.Begin(engine, Spec(Quiet, 5)); // a stream is taken back for it
        Assert.IsType<EngineAdmission.Busy>(engine.Begin(Spec(Quiet, 5)));
        _mayGoOn.Set();
        foreach (var turn in new[] { running, quiet })
            Assert.Equal(EngineTurnEndKind.OutputLimit, (await EngineLab.ReadAsync(turn)).End.Kind);
    }

    [Fact]
    public async Task TurnThatHasWaitedTooLong_IsRefusedThen()
    {
        await using var engine = Start();
        using var opening = new Opening(_mayGoOn);
        var running = await HoldAsync(engine);
        var queued = EngineLab.Begin(engine, Spec(Flood, 5)); // nothing is known of how long turns take
        _time.Advance(TimeSpan.FromSeconds(16));
        _mayGoOn.Set();
        var (end, steps) = await EngineLab.ReadAsync(queued);
        Assert.Equal((EngineTurnEndKind.Refused, 0), (end.Kind, steps.Count));
        Assert.InRange(end.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.Equal(50, (await EngineLab.ReadAsync(running)).Steps.Count);
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task TurnWhoseStreamWasTakenBack_IsNotRefused_HoweverLongItWaits()
    {
        await using var engine = EngineLab.Start(
            options => (options.Streams, options.StepsBufferedMax, options.QueueWaitMax) = (1, 1, TimeSpan.FromSeconds(15)), time: _time);
        var slow = EngineLab.Begin(engine, Spec(Flood, 50));
        await slow.Steps.WaitToReadAsync(TestContext.Current.CancellationToken);
        await EngineLab.RunAsync(engine, Spec(Quiet, 5)); // takes the stream of the one that nobody reads
        _time.Advance(TimeSpan.FromMinutes(1));
        var (end, steps) = await EngineLab.ReadAsync(slow);
        Assert.Equal((EngineTurnEndKind.OutputLimit, 50), (end.Kind, steps.Count));
    }

    public void Dispose() => _mayGoOn.Dispose();

    private LlamaEngine Start()
    {
        var engine = EngineLab.Start(
            options => (options.Streams, options.StepsBufferedMax, options.QueueWaitMax) = (1, 600, TimeSpan.FromSeconds(15)), time: _time);
        return engine;
    }

    /// <summary>A turn has the only stream until it may go on.</summary>
    private async Task<EngineTurn> HoldAsync(LlamaEngine engine)
    {
        _mayGoOn.Reset();
        engine.Loop.RoundDone = (_, _) => _mayGoOn.Wait();
        var running = EngineLab.Begin(engine, Spec(Flood, 50));
        await running.Started.WaitAsync(TestContext.Current.CancellationToken);
        return running;
    }

    private async Task RunForAsync(LlamaEngine engine, TimeSpan time)
    {
        var turn = await HoldAsync(engine);
        _time.Advance(time);
        _mayGoOn.Set();
        await EngineLab.ReadAsync(turn);
    }

    /// <summary>Whatever a test ends with, the engine's thread goes on.</summary>
    private sealed class Opening(ManualResetEventSlim gate) : IDisposable
    {
        public void Dispose() => gate.Set();
    }

    private EngineTurnSpec Spec(FlowId flow, int outputMax) =>
        EngineLab.Spec(EngineLab.Prompt(_random, 20), outputMax) with { Flow = flow, Namespace = flow.Value };
}
