using Samovar.Engine.Tests.Drafting;

namespace Samovar.Engine.Tests.Turns;

/// <summary>What nobody waits for is computed like a turn's prompt, counts as none, and gives way at once.</summary>
public sealed class BackgroundTests
{
    private readonly Random _random = new(7);

    [Fact]
    public async Task Background_IsCachedForTheTurnBehindIt_AndCountsAsNoTurn()
    {
        await using var engine = EngineLab.Start();
        var prompt = EngineLab.Prompt(_random, 700);
        var (end, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt, 0) with { IsBackground = true });
        Assert.Equal((EngineTurnEndKind.OutputLimit, 700), (end.Kind, end.PrefilledTokens));
        Assert.Equal((0, 0, 700), (engine.Counters.Turns, engine.Counters.PrefilledTokens, engine.Counters.BackgroundTokens));
        var (next, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt.Append(EngineLab.Tokens(_random, 9)), 2));
        Assert.Equal((700, 9), (next.CachedTokens, next.PrefilledTokens));
        Assert.Equal((1, 709), (engine.Counters.Turns, engine.Counters.PromptTokens));
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task Background_KeepsWhatItHas_WhereItIsCancelled()
    {
        await using var engine = EngineLab.Start(options => options.BatchTokens = 32);
        var prompt = EngineLab.Prompt(_random, 1000);
        var background = EngineLab.Begin(engine, EngineLab.Spec(prompt, 0) with { IsBackground = true });
        await background.Started.WaitAsync(TestContext.Current.CancellationToken);
        background.Cancel();
        var end = await background.Ended;
        Assert.InRange(end.PrefilledTokens, 0, 1000); // all of it, where the cancel came late
        var (again, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt, 0) with { IsBackground = true });
        Assert.Equal((end.PrefilledTokens, 1000 - end.PrefilledTokens), (again.CachedTokens, again.PrefilledTokens));
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task Background_HasNoDrafts_AndSaysNothingThatCounts()
    {
        await using var engine = DraftLab.Start(drafts: true);
        var prompt = TokenPath.Empty.Append(DraftLab.Rings.Take(0, 0, 150));
        var (end, steps) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt, 30) with { IsBackground = true });
        Assert.Equal((30, 0, 0), (steps.Count, end.DraftedTokens, end.AcceptedTokens));
        var counters = engine.Counters;
        Assert.Equal((0, 0, 0), (counters.OutputTokens, counters.PrefilledTokens, counters.DraftedTokens));
        var (next, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt, 30, scope: "b"));
        Assert.True(next.AcceptedTokens > 10);
    }
}
