using Samovar.Engine.Decoding;
using Samovar.Engine.Llama;
using Samovar.Engine.Parking;
using Samovar.Engine.States;
using Samovar.Scheduling.Fairness;

namespace Samovar.Engine.Tests.Turns;

/// <summary>One flow's turns never shut out another's, and a turn whose stream was taken back says what it would have said.</summary>
public sealed class FairTurnsTests
{
    private static readonly FlowId Flood = new("flood"), Quiet = new("quiet");
    private const string KvType = "f16";
    private const int Long = StreamShares.SliceTokens / TurnRun.DecodedTokenCost + 50; // tokens that take more than a slice
    private readonly Random _random = new(31);

    [Theory]
    [InlineData(nameof(StateHandling.Rows), 1)]
    [InlineData(nameof(StateHandling.Rows), 2)]
    [InlineData(nameof(StateHandling.Whole), 1)]
    [InlineData(nameof(StateHandling.Snapshots), 1)]
    public async Task LongTurns_GiveAStreamBack_AndGoOnWithTheSameTokens(string handling, int streams)
    {
        ExactLab.NeedEqualSums(KvType);
        await using var busy = Start(streams, Enum.Parse<StateHandling>(handling));
        await using var lone = Start(1, StateHandling.Rows);
        var prompts = Enumerable.Range(0, 2 * streams).Select(_ => EngineLab.Prompt(_random, _random.Next(20, 80))).ToList();
        using var held = new HeldRounds(busy, streams); // else the quiet one could find a free stream, and take none
        var flood = prompts.ConvertAll(prompt => EngineLab.Begin(busy, Spec(Flood, prompt, Long)));
        await held.Entered;
        var reading = flood.ConvertAll(EngineLab.ReadAsync);
        var other = EngineLab.Begin(busy, Spec(Quiet, EngineLab.Prompt(_random, 40), 20));
        Assert.Equal(0, await held.GoOnAndCountAsync(other, flood));
        var (quiet, said) = await EngineLab.ReadAsync(other);
        Assert.Equal((EngineTurnEndKind.OutputLimit, 20), (quiet.Kind, said.Count));
        var ends = await Task.WhenAll(reading);
        Assert.True(busy.Counters.Preemptions > 0);
        for (var index = 0; index < ends.Length; index++)
        {
            var (end, steps) = ends[index];
            Assert.Equal((prompts[index].Length, Long), (end.CachedTokens + end.PrefilledTokens, end.OutputTokens));
            var (_, alone) = await EngineLab.RunAsync(lone, Spec(Quiet, prompts[index], Long) with { Namespace = "lone" + index });
            ExactLab.AssertSame(alone, steps);
            var next = end.Path.Append(EngineLab.Tokens(_random, 10));
            var (after, _) = await EngineLab.RunAsync(busy, Spec(Flood, next, 3) with { ContinueFrom = end.Pin });
            Assert.Equal(11, after.PrefilledTokens); // the last sampled token and the ten
        }
        EngineAudit.Check(busy);
    }

    [Fact]
    public async Task TurnWhoseStateWasLost_IsComputedAgain_AndGoesOn()
    {
        ExactLab.NeedEqualSums(KvType);
        await using var busy = ExactLab.Start(options => (options.Streams, options.ParkedBytesMax) = (1, 0), KvType);
        var prompt = EngineLab.Prompt(_random, 60);
        using var held = new HeldRounds(busy);
        var flood = EngineLab.Begin(busy, Spec(Flood, prompt, Long));
        await held.Entered;
        var reading = EngineLab.ReadAsync(flood);
        var other = EngineLab.Begin(busy, Spec(Quiet, EngineLab.Prompt(_random, 40), 20));
        held.GoOn();
        await EngineLab.ReadAsync(other);
        var (end, steps) = await reading;
        Assert.True(busy.Counters.Preemptions > 0);
        Assert.Equal((60, Long), (end.CachedTokens + end.PrefilledTokens, steps.Count));
        Assert.True(busy.Counters.PrefilledTokens > 100); // what was lost was computed a second time, and is counted
        await using var lone = Start(1, StateHandling.Rows);
        var (_, alone) = await EngineLab.RunAsync(lone, Spec(Quiet, prompt, Long));
        ExactLab.AssertSame(alone, steps);
    }

    [Fact]
    public async Task FullQueue_MakesTheLongestLineGiveWay()
    {
        await using var engine = EngineLab.Start(options => (options.QueueMax, options.Streams, options.StepsBufferedMax) = (3, 1, 600));
        using var held = new HeldRounds(engine);
        var flood = Enumerable.Range(0, 4).Select(_ => EngineLab.Begin(engine, Spec(Flood, EngineLab.Prompt(_random, 20), Long))).ToList();
        await held.Entered;
        for (var again = 0; again < 20; again++) // who retries at once gains nothing
            Assert.IsType<EngineAdmission.Busy>(engine.Begin(Spec(Flood, EngineLab.Prompt(_random, 20), 5)));
        var other = EngineLab.Begin(engine, Spec(Quiet, EngineLab.Prompt(_random, 20), 10));
        held.GoOn();
        Assert.Equal(EngineTurnEndKind.OutputLimit, (await EngineLab.ReadAsync(other)).End.Kind);
        var ends = await Task.WhenAll(flood.Select(EngineLab.ReadAsync));
        var refused = Assert.Single(ends, end => end.End.Kind == EngineTurnEndKind.Refused).End;
        Assert.Same(ends[3].End, refused); // the newest of the line
        Assert.InRange(refused.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.Equal((null, 0, 0), (refused.Pin, refused.PrefilledTokens, refused.OutputTokens));
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task ManyShortTurns_LetAnotherFlowsTurnGoFirst()
    {
        await using var engine = EngineLab.Start(options => (options.Streams, options.StepsBufferedMax) = (1, 600));
        using var held = new HeldRounds(engine);
        var running = EngineLab.Begin(engine, Spec(Flood, EngineLab.Prompt(_random, 20), 300));
        await held.Entered;
        var flood = Enumerable.Range(0, 50).Select(_ => EngineLab.Begin(engine, Spec(Flood, EngineLab.Prompt(_random, 20), 5))).ToList();
        var quiet = EngineLab.Begin(engine, Spec(Quiet, EngineLab.Prompt(_random, 20), 5));
        var before = await held.GoOnAndCountAsync(quiet, flood);
        Assert.Equal(EngineTurnEndKind.OutputLimit, (await EngineLab.ReadAsync(quiet)).End.Kind);
        Assert.True(before <= 1, "It waited for turns that came before it.");
        await Task.WhenAll(flood.Append(running).Select(EngineLab.ReadAsync));
    }

    [Fact]
    public async Task TurnThatNobodyReads_HoldsNoStreamThatAnotherNeeds()
    {
        await using var engine = EngineLab.Start(options => (options.Streams, options.StepsBufferedMax) = (1, 4));
        var slow = EngineLab.Begin(engine, Spec(Flood, EngineLab.Prompt(_random, 30), 40));
        await slow.Steps.WaitToReadAsync(TestContext.Current.CancellationToken);
        for (var turn = 0; turn < 3; turn++) // of the same flow, too
            Assert.Equal(50, (await EngineLab.RunAsync(engine, Spec(Flood, EngineLab.Prompt(_random, 30), 50))).Steps.Count);
        Assert.False(slow.Ended.IsCompleted);
        var (end, steps) = await EngineLab.ReadAsync(slow);
        Assert.Equal((EngineTurnEndKind.OutputLimit, 40), (end.Kind, steps.Count));
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task TurnsThatNobodyReads_NeverShutOutAnotherFlow()
    {
        await using var engine = EngineLab.Start(options => (options.QueueMax, options.Streams, options.StepsBufferedMax) = (3, 1, 1));
        var unread = Enumerable.Range(0, 4).Select(_ => EngineLab.Begin(engine, Spec(Flood, EngineLab.Prompt(_random, 20), 50))).ToList();
        foreach (var turn in unread) await turn.Started.WaitAsync(TestContext.Current.CancellationToken); // each ran, and paused
        Assert.IsType<EngineAdmission.Busy>(engine.Begin(Spec(Flood, EngineLab.Prompt(_random, 20), 5)));
        var (quiet, steps) = await EngineLab.RunAsync(engine, Spec(Quiet, EngineLab.Prompt(_random, 20), 10));
        Assert.Equal((EngineTurnEndKind.OutputLimit, 10), (quiet.Kind, steps.Count));
        var ends = await Task.WhenAll(unread.Select(EngineLab.ReadAsync));
        Assert.All(ends, end => Assert.Equal(50, end.Steps.Count));
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task CancelledWhileItsStreamIsTaken_EndsAndKeepsThePrompt()
    {
        await using var engine = EngineLab.Start(options => (options.Streams, options.StepsBufferedMax) = (1, 4));
        var prompt = EngineLab.Prompt(_random, 100);
        var slow = EngineLab.Begin(engine, Spec(Flood, prompt, 40));
        await slow.Steps.WaitToReadAsync(TestContext.Current.CancellationToken);
        await EngineLab.RunAsync(engine, Spec(Quiet, EngineLab.Prompt(_random, 30), 5));
        Assert.Equal(1, engine.Counters.Preemptions);
        slow.Cancel();
        var (end, _) = await EngineLab.ReadAsync(slow);
        Assert.Equal((EngineTurnEndKind.Cancelled, 100), (end.Kind, end.PrefilledTokens));
        var (next, _) = await EngineLab.RunAsync(
            engine, Spec(Flood, prompt.Append(EngineLab.Tokens(_random, 10)), 3) with { ContinueFrom = end.Pin });
        Assert.Equal((100, 10), (next.CachedTokens, next.PrefilledTokens));
        EngineAudit.Check(engine);
    }

    private static LlamaEngine Start(int streams, StateHandling handling) =>
        ExactLab.Start(options => (options.Streams, options.StepsBufferedMax) = (streams, Long + 1), KvType, handling); // read or not

    private static EngineTurnSpec Spec(FlowId flow, TokenPath prompt, int outputMax) =>
        EngineLab.Spec(prompt, outputMax) with { Flow = flow, Namespace = flow.Value };
}
