using Samovar.Engine.Decoding;
using Samovar.Engine.Llama;

namespace Samovar.Engine.Tests.Turns;

/// <summary>Where a turn's time went in the engine.</summary>
public sealed class TurnTimelineTests
{
    private readonly Random _random = new(15);

    [Theory]
    [InlineData(256)]
    [InlineData(4)] // further chunks are added to the last
    public async Task Chunks_SumUpToWhatWasPrefilled(int spansMax)
    {
        await using var engine = EngineLab.Start(options => options.BatchTokens = 64);
        var path = EngineLab.Prompt(_random, 500);
        SequencePin? pin = null;
        for (var turn = 0; turn < 3; turn++)
        {
            var end = await RunAsync(engine, EngineLab.Spec(path, 5, pin), spansMax);
            Assert.InRange(end.Spans.Count, 1, spansMax);
            var chunks = Of(end, EngineStage.Prefill);
            Assert.Equal(end.PrefilledTokens, chunks.Sum(span => span.Tokens));
            if (turn == 0) Assert.Equal(9, chunks.Sum(span => span.Count)); // eight of 64 at most, and the last token
            Assert.Equal((5, 1), (Assert.Single(Of(end, EngineStage.Decode)).Tokens, Of(end, EngineStage.Place).Count));
            Assert.Empty(Of(end, EngineStage.Restore));
            if (spansMax > 4) AssertInOrder(end);
            (pin, path) = (end.Pin, end.Path.Append(EngineLab.Tokens(_random, 30)));
        }
    }

    [Fact]
    public async Task EvictedTurn_ShowsItsRestore()
    {
        await using var engine = EngineLab.Start(options => options.Streams = 1);
        var first = await RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 120), 4));
        await RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 120), 4));
        var again = await RunAsync(engine, EngineLab.Spec(first.Path.Append(EngineLab.Tokens(_random, 10)), 4, first.Pin));
        Assert.Equal(CacheSource.Parked, again.Source);
        Assert.Equal(again.CachedTokens, Assert.Single(Of(again, EngineStage.Restore)).Tokens);
        Assert.Equal([EngineStage.Place, EngineStage.Restore, EngineStage.Prefill], again.Spans.Take(3).Select(span => span.Stage));
        Assert.Equal(again.PrefilledTokens, Of(again, EngineStage.Prefill).Sum(span => span.Tokens));
        AssertInOrder(again);
    }

    [Fact]
    public async Task TurnThatIsCancelledInLine_ShowsItsWait()
    {
        await using var engine = EngineLab.Start(options => options.Streams = 1);
        using var held = new HeldRounds(engine); // who is not read for long gives its stream
        var busy = EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(_random, 20), 100_000) with { SpansMax = 16 });
        await held.Entered;
        var waiting = EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(_random, 20), 5) with { SpansMax = 16, Flow = new("a") });
        waiting.Cancel();
        held.GoOn();
        var end = await waiting.Ended;
        Assert.Equal(EngineStage.Place, Assert.Single(end.Spans).Stage);
        busy.Cancel();
        await busy.Ended;
    }

    [Fact]
    public async Task Nothing_IsNoted_WhereNobodyAsks()
    {
        await using var engine = EngineLab.Start();
        var (end, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 50), 3));
        Assert.Empty(end.Spans);
    }

    [Fact]
    public void PreemptedTurn_WaitsTwice()
    {
        var timeline = new TurnTimeline(16, newTokens: 100, begun: 10);
        timeline.Placed(20);
        timeline.Prefilled(20, 30, 99, isLast: false);
        timeline.Prefilled(30, 31, 1, isLast: true);
        timeline.Sampled(33);
        timeline.Suspended(50);
        timeline.Restored(70, 75, 110);
        timeline.Placed(75);
        Assert.Equal(
            [
                new EngineSpan(EngineStage.Place, 10, 20, 0, 1, 10), new EngineSpan(EngineStage.Prefill, 20, 30, 99, 1, 10),
                new EngineSpan(EngineStage.Prefill, 30, 33, 1, 1, 3), new EngineSpan(EngineStage.Place, 50, 70, 0, 1, 20),
                new EngineSpan(EngineStage.Restore, 70, 75, 110, 1, 5), new EngineSpan(EngineStage.Decode, 33, 90, 40, 1, 57),
            ],
            timeline.End(90, firstSampled: 33, sampled: 40));
    }

    private static async Task<EngineTurnEnd> RunAsync(LlamaEngine engine, EngineTurnSpec spec, int spansMax = 256) =>
        (await EngineLab.RunAsync(engine, spec with { SpansMax = spansMax })).End;

    private static List<EngineSpan> Of(EngineTurnEnd end, EngineStage stage) => [.. end.Spans.Where(span => span.Stage == stage)];

    private static void AssertInOrder(EngineTurnEnd end)
    {
        for (var at = 1; at < end.Spans.Count; at++) Assert.True(end.Spans[at].From >= end.Spans[at - 1].To);
        Assert.All(end.Spans, span => Assert.True(span.To >= span.From && span.Busy == span.To - span.From));
    }
}
