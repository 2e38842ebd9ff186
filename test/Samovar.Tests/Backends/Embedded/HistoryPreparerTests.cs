using Samovar.Backends;
using Samovar.Backends.Embedded;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Chains;
using Samovar.Engine;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;
using Samovar.Testing;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>What the history will look like at the next question is computed before it comes, where the template changes it then.</summary>
public sealed class HistoryPreparerTests : IAsyncDisposable
{
    private static readonly TimeSpan After = new EmbeddedOptions().PrepareAfter;
    private static readonly object[] Tools = [Talk.Function("find")];

    private readonly ManualTime _time = new();
    private Talk? _talk;

    public ValueTask DisposeAsync() => _talk?.Backend.DisposeAsync() ?? default;

    [Fact]
    public async Task NextQuestion_ComputesOnlyItself_WhereThoughtsWereDropped()
    {
        var talk = Begin(Families.Reasoning);
        var answer = await AnswerAsync(talk);
        answer.State.Kept(answer.Node);
        await PreparedAsync(talk, answer);
        var next = await AskAsync(talk, answer.Node, "and now?");
        Assert.InRange(Computed(next), 1, 40);
        Assert.IsType<CacheDiagnostics.Hit>(next.Finished.Cache);
        var cold = talk.Plan(Talk.Cold(answer.Node), Body("and now?", answer.Node));
        Assert.Equal(cold.Path.ToArray(), talk.Engine.Turns[^1].Prompt.ToArray());
    }

    [Fact]
    public async Task NextQuestion_SaysWhyItComputesAgain_WhereNothingWasPrepared()
    {
        var talk = Begin(Families.Reasoning);
        var answer = await AnswerAsync(talk);
        var next = await AskAsync(talk, answer.Node, "and now?");
        Assert.InRange(Computed(next), 1000, 4000);
        Assert.Equal("history_rewritten", Assert.IsType<CacheDiagnostics.Miss>(next.Finished.Cache).Reason);
    }

    [Fact]
    public async Task Nothing_IsPrepared_WhereAQuestionGoesOnFromWhatIsThere()
    {
        var talk = Begin(Families.ChatMl);
        var plain = await AnswerAsync(talk, thinks: false);
        plain.State.Kept(plain.Node);
        _time.Advance(After);
        var dropping = await AskAsync(talk, plain.Node, "more"); // the preparation before it, if there were one, would have begun
        dropping.State.Kept(dropping.Node);
        _time.Advance(After);
        Assert.DoesNotContain(talk.Engine.Turns, turn => turn.IsBackground);
    }

    [Fact]
    public async Task Preparation_EndsWhenATurnComes_AndGoesOnLater()
    {
        var talk = Begin(Families.Reasoning);
        var answer = await AnswerAsync(talk);
        await BeganAsync(talk, answer);
        await AskAsync(talk, null, "somebody else's"); // its answer is nobody's to wait for
        await PreparedAsync(talk, answer, turns: 2);
        Assert.InRange(Computed(await AskAsync(talk, answer.Node, "and now?")), 1, 40);
    }

    [Fact]
    public async Task Preparation_IsGivenBack_WhenItsAnswerIs()
    {
        var talk = Begin(Families.Reasoning);
        var answer = await AnswerAsync(talk);
        var held = talk.Engine.PinsHeld;
        answer.State.Kept(answer.Node);
        await PreparedAsync(talk, answer);
        Assert.Equal(held + 1, talk.Engine.PinsHeld);
        answer.State.Release();
        Assert.Equal(held - 1, talk.Engine.PinsHeld);
    }

    [Fact]
    public async Task Preparation_WhoseOwnQuestionComes_IsNotGoneOnWith_AndHoldsNothing()
    {
        var talk = Begin(Families.Reasoning);
        var answer = await AnswerAsync(talk);
        await BeganAsync(talk, answer);
        await AskAsync(talk, answer.Node, "and now?");
        for (var other = 0; other < 2; other++) // behind them the cancelled one would have had its turn
        {
            var later = await AnswerAsync(talk);
            later.State.Kept(later.Node);
            await PreparedAsync(talk, later, 2 + other);
            later.State.Release();
        }
        lock (talk.Engine.Turns) Assert.Equal(3, talk.Engine.Turns.Count(turn => turn.IsBackground));
    }

    [Fact]
    public void WhatIsPreparedTooLate_IsGivenBackAtOnce()
    {
        var talk = Begin(Families.Reasoning);
        var plan = talk.Plan(null, new { input = "q" });
        var state = new EmbeddedState(plan.Path, null, plan.Settings, null, plan.Tools)
        {
            PromptTokens = 1, IsPromptAsWritten = true, TokensShared = 0, HasOwnTools = false,
        };
        var (early, late) = (new CountedPin(plan.Path), new CountedPin(plan.Path));
        state.HoldPrepared(early, 1);
        state.Continue();
        Assert.False(early.IsDisposed); // the question goes on from it
        state.LeavePrepared();
        state.HoldPrepared(late, 1);
        Assert.True(early.IsDisposed && late.IsDisposed);
    }

    [Fact]
    public async Task OfManyAnswers_OnlyTheNewestArePrepared_TheNewestFirst()
    {
        _talk = new Talk(Families.Reasoning, new EmbeddedOptions { PreparationsMax = 2 }, _time);
        var answers = new List<BackendAnswer>();
        for (var each = 0; each < 5; each++) // no time passes between them
        {
            answers.Add(await AnswerAsync(_talk));
            answers[^1].State.Kept(answers[^1].Node);
        }
        await PreparedAsync(_talk, answers[3], turns: 2);
        Assert.Equal([false, false, false, true, true], answers.Select(one => one.State.PreparedTokens > 0));
        lock (_talk.Engine.Turns) Assert.Equal(2, _talk.Engine.Turns.Count(turn => turn.IsBackground));
    }

    [Fact]
    public async Task AnswerThatIsDeletedBefore_IsNotPrepared()
    {
        var talk = Begin(Families.Reasoning);
        var (deleted, kept) = (await AnswerAsync(talk), await AnswerAsync(talk));
        kept.State.Kept(kept.Node);
        deleted.State.Kept(deleted.Node);
        deleted.State.Release();
        await PreparedAsync(talk, kept);
        Assert.Equal(0, deleted.State.PreparedTokens);
        lock (talk.Engine.Turns) Assert.Single(talk.Engine.Turns, turn => turn.IsBackground);
    }

    /// <summary>The answer's preparation has begun, and only a turn can end it.</summary>
    private async Task BeganAsync(Talk talk, BackendAnswer answer)
    {
        talk.Engine.NeverEnds = true;
        answer.State.Kept(answer.Node);
        await BackgroundsAsync(talk, 1);
        talk.Engine.NeverEnds = false; // those that come from now on end by themselves
    }

    private Talk Begin(Family family) => _talk = new Talk(family, time: _time);

    /// <summary>A question, three calls with thoughts and long outputs, and an answer.</summary>
    private static async Task<BackendAnswer> AnswerAsync(Talk talk, bool thinks = true)
    {
        ChainNode? node = null;
        for (var call = 0; call < 3; call++)
        {
            var calls = Families.Reasoning.Calls([("find", $"{{\"a\": {call}}}")]);
            talk.Says(thinks ? Families.Reasoning.Thinks($"thought {call}", calls) : calls);
            node = (await talk.AskAsync(node, Body("go", node))).Node;
        }
        talk.Says("It is done.");
        return await talk.AskAsync(node, Body("go", node));
    }

    private static object Body(string question, ChainNode? node) => new
    {
        tools = Tools,
        input = node?.Output.OfType<FunctionCallItem>().FirstOrDefault() is { } call
            ? new[] { Talk.Output(call.CallId, new string('o', 500)) } : [Talk.User(question)],
    };

    private static Task<BackendAnswer> AskAsync(Talk talk, ChainNode? node, string question)
    {
        talk.Says("Well.");
        return talk.AskAsync(node, Talk.Request(Body(question, node)), comparison: node);
    }

    private static int Computed(BackendAnswer answer) => answer.Finished.Usage!.InputTokens - answer.Finished.Usage.CachedTokens;

    private async Task PreparedAsync(Talk talk, BackendAnswer answer, int turns = 1)
    {
        await BackgroundsAsync(talk, turns);
        await Soon.UntilAsync(() => answer.State.PreparedTokens > 0);
    }

    private Task BackgroundsAsync(Talk talk, int turns) => Soon.UntilAsync(() =>
    {
        if (_time.Armed > 0) _time.Advance(After); // not while it renders: a render has so much time
        lock (talk.Engine.Turns) return talk.Engine.Turns.Count(turn => turn.IsBackground) >= turns;
    });

    private sealed class CountedPin(TokenPath path) : SequencePin
    {
        public bool IsDisposed { get; private set; }
        public override TokenPath Path => path;
        public override void Dispose() => IsDisposed = true;
    }
}
