using Samovar.Engine.Llama;
using Samovar.Engine.Retention;
using Samovar.Engine.Sequences;
using Samovar.Testing;

namespace Samovar.Engine.Tests.Retention;

/// <summary>What an engine keeps in host memory follows how turns ended, who stands on it, and what computing it again takes.</summary>
public sealed class EngineRetentionTests
{
    private const int Prompt = 100, Output = 4;
    private static readonly TurnEnding Call = new(StopKind.ToolCall, "read_file"), Answer = new(StopKind.EndTurn);
    private readonly ManualTime _time = new();
    private readonly Random _random = new(5);

    [Theory]
    [InlineData(RetentionNames.Value, true)]
    [InlineData(RetentionNames.Timed, true)]
    [InlineData(RetentionNames.Recency, false)]
    public async Task StateBehindACall_OutlivesThatBehindALaterAnswer(string policy, bool outlives)
    {
        await using var engine = await StartAsync(policy, sequences: 2.5);
        var call = await TalkAsync(engine, Call);
        _time.Advance(TimeSpan.FromSeconds(1));
        var answer = await TalkAsync(engine, Answer);
        _time.Advance(TimeSpan.FromSeconds(20));
        await TalkAsync(engine, Answer);
        await TalkAsync(engine, Answer); // there is room for two beside the stream
        Assert.Equal((outlives, !outlives), (IsThere(call), IsThere(answer)));
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task StateBehindACall_GoesBeforeThatBehindAnAnswer_WhenTheToolsTimeIsOver()
    {
        await using var engine = await StartAsync(RetentionNames.Value, sequences: 2.5);
        var call = await TalkAsync(engine, Call);
        _time.Advance(TimeSpan.FromHours(2));
        var answer = await TalkAsync(engine, Answer);
        await TalkAsync(engine, Answer);
        await TalkAsync(engine, Answer);
        Assert.Equal((false, true), (IsThere(call), IsThere(answer)));
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task FinalState_IsFreedAtOnce_AndNotParkedLater()
    {
        await using var engine = await StartAsync(RetentionNames.Value, sequences: 10);
        var parked = await TalkAsync(engine, ending: null);
        var live = await TalkAsync(engine, ending: null);
        Assert.True(IsThere(parked));
        parked.Ended(new TurnEnding(StopKind.Final));
        live.Ended(new TurnEnding(StopKind.Final));
        await SettleAsync(engine);
        Assert.Equal(0, engine.Store.Bytes);
        await TalkAsync(engine, Answer);
        Assert.Equal(0, engine.Store.Bytes);
        parked.Dispose();
        await SettleAsync(engine);
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task FinalTurn_LeavesItsStartToThoseWhoStandOnIt()
    {
        await using var engine = await StartAsync(RetentionNames.Value, sequences: 10);
        var start = EngineLab.Prompt(_random, Prompt);
        var one = await TalkAsync(engine, Answer, start.Append(EngineLab.Tokens(_random, 70)));
        var other = await TalkAsync(engine, ending: null, start.Append(EngineLab.Tokens(_random, 70)));
        await TalkAsync(engine, Answer);
        other.Ended(new TurnEnding(StopKind.Final));
        await SettleAsync(engine);
        Assert.Equal((true, false), (IsThere(one), IsThere(other)));
        EngineAudit.Check(engine);
    }

    [Theory]
    [InlineData(RetentionNames.Value, true)]
    [InlineData(RetentionNames.Recency, false)]
    public async Task SupersededState_GoesFirst_HoweverNewAndHoweverHeld(string policy, bool goesFirst)
    {
        await using var engine = await StartAsync(policy, sequences: 3.2);
        var other = await TalkAsync(engine, Answer);
        _time.Advance(TimeSpan.FromHours(2));
        var start = EngineLab.Prompt(_random, 20);
        var left = await TalkAsync(engine, Call, start.Append(EngineLab.Tokens(_random, Prompt)));
        await TalkAsync(engine, Call, start.Append(EngineLab.Tokens(_random, Prompt)), left); // its client has edited it
        await TalkAsync(engine, Call);
        await TalkAsync(engine, Call);
        Assert.Equal((goesFirst, !goesFirst), (IsThere(other), IsThere(left)));
        EngineAudit.Check(engine);
    }

    [Theory]
    [InlineData(RetentionNames.Value, true)]
    [InlineData(RetentionNames.Recency, false)]
    public async Task StartThatFiveStandOn_OutlivesALargerOne_ThatOnlyOneDoes(string policy, bool outlives)
    {
        await using var engine = await StartAsync(policy, sequences: 4.2);
        var start = EngineLab.Prompt(_random, Prompt);
        var users = new List<HeldPath>();
        for (var user = 0; user < 5; user++)
            users.Add(await TalkAsync(engine, Answer, start.Append(EngineLab.Tokens(_random, 40))));
        var own = await TalkAsync(engine, Answer, EngineLab.Prompt(_random, 2 * Prompt));
        await TalkAsync(engine, Answer, EngineLab.Prompt(_random, 2 * Prompt));
        await TalkAsync(engine, Answer, EngineLab.Prompt(_random, 2 * Prompt));
        Assert.Equal((outlives, !outlives), (users.Exists(user => IsStartThere(user)), IsThere(own)));
        EngineAudit.Check(engine);
    }

    /// <summary>Of a sequence that is too long for the room there is its beginning is kept.</summary>
    [Theory]
    [InlineData(RetentionNames.Value)]
    [InlineData(RetentionNames.Recency)]
    public async Task SequenceThatDoesNotFit_IsParkedAsFarAsItDoes(string policy)
    {
        await using var engine = await StartAsync(policy, sequences: 2);
        var prompt = EngineLab.Prompt(_random, 3 * Prompt);
        var large = await TalkAsync(engine, Call, prompt);
        await TalkAsync(engine, Call);
        Assert.InRange(engine.Store.Bytes, engine.Store.BytesMax * 9 / 10, engine.Store.BytesMax);
        var (end, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt.Append(EngineLab.Tokens(_random, 10)), Output, large));
        Assert.InRange(end.CachedTokens, Prompt * 3 / 2, 2 * (Prompt + Output));
        EngineAudit.Check(engine);
    }

    /// <summary>As much goes as is needed, and what is in front of it stays.</summary>
    [Fact]
    public async Task SequenceThatIsGivenUp_LosesOnlyItsEnd_WhereThatIsEnough()
    {
        await using var engine = await StartAsync(RetentionNames.Value, sequences: 3.5);
        var prompt = EngineLab.Prompt(_random, 3 * Prompt);
        var answered = await TalkAsync(engine, Answer, prompt);
        await TalkAsync(engine, Call);
        _time.Advance(TimeSpan.FromSeconds(10));
        await TalkAsync(engine, Call);
        Assert.False(IsThere(answered));
        var (end, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt.Append(EngineLab.Tokens(_random, 10)), Output, answered));
        Assert.InRange(end.CachedTokens, Prompt, 3 * Prompt - 1);
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task NameOfATool_IsBounded_AndASecondWordDoesNotCount()
    {
        await using var engine = await StartAsync(RetentionNames.Value, sequences: 4);
        var pin = await TalkAsync(engine, new TurnEnding(StopKind.ToolCall, new string('x', 65)));
        pin.Ended(Answer);
        await SettleAsync(engine);
        Assert.Equal(new TurnEnding(StopKind.ToolCall), pin.Note!.Ending);
    }

    private async Task<LlamaEngine> StartAsync(string policy, double sequences)
    {
        long bytes;
        await using (var sized = EngineLab.Start()) bytes = sized.Layout!.BytesPerToken * (Prompt + Output);
        return EngineLab.Start(options =>
            (options.Streams, options.Retention, options.ParkedBytesMax) = (1, policy, (long)(bytes * sequences)), time: _time);
    }

    private async Task<HeldPath> TalkAsync(LlamaEngine engine, TurnEnding? ending, TokenPath? prompt = null, SequencePin? from = null)
    {
        var (end, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt ?? EngineLab.Prompt(_random, Prompt), Output, from));
        if (ending is { } said) end.Pin!.Ended(said);
        await SettleAsync(engine);
        return Assert.IsType<HeldPath>(end.Pin);
    }

    /// <summary>The engine's thread has taken in all that was said.</summary>
    private static async Task SettleAsync(LlamaEngine engine) =>
        await engine.MapAsync([], 1, 0, TestContext.Current.CancellationToken);

    private static bool IsThere(HeldPath pin) => pin.Segment is { IsDetached: false, Rows: not null };

    private static bool IsStartThere(HeldPath pin)
    {
        var at = pin.Segment!;
        while (at.Parent is { Parent: not null } parent) at = parent;
        return at is { IsDetached: false, Rows: not null };
    }
}
