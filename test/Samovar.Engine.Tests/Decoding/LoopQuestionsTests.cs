using Samovar.Engine.Decoding;
using Samovar.Testing;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>Whoever asks the engine's thread is answered, or told that nobody is there any more.</summary>
public sealed class LoopQuestionsTests
{
    private static CancellationToken Caller => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Question_IsAnsweredOnce_AndWhatComesMeanwhileWaitsARound()
    {
        var woken = 0;
        var questions = new LoopQuestions(() => woken++);
        var done = new List<int>();
        var answer = questions.AskAsync(() => "yes", Caller);
        questions.Ask(() =>
        {
            done.Add(1);
            questions.Ask(() => done.Add(2));
        });
        questions.Answer();
        Assert.Equal("yes", await Soon.In(answer));
        Assert.Equal([1], done);
        questions.Answer();
        questions.Answer();
        Assert.Equal([1, 2], done);
        Assert.Equal(3, woken);
    }

    [Fact]
    public async Task Question_ThatFails_IsItsAskersFault()
    {
        var questions = new LoopQuestions(() => { });
        var failing = questions.AskAsync<string>(() => throw new TimeoutException(), Caller);
        questions.Answer();
        await Assert.ThrowsAsync<TimeoutException>(() => Soon.In(failing));
    }

    [Fact]
    public async Task Question_ThatIsNotReached_OrComesTooLate_HasNoAnswer()
    {
        var questions = new LoopQuestions(() => { });
        var (waiting, done) = (questions.AskAsync(() => "yes", Caller), 0);
        questions.Ask(() => done++);
        questions.Close();
        Assert.Null(await Soon.In(waiting));
        Assert.Null(await Soon.In(questions.AskAsync(() => "yes", Caller)));
        questions.Ask(() => done++);
        questions.Answer();
        Assert.Equal(0, done);
    }

    [Fact]
    public async Task EngineThatHasEnded_SaysThatItKnowsNothing()
    {
        var engine = EngineLab.Start();
        Assert.NotNull(await Soon.In(engine.PrefixesAsync("a", [], 10, 10, Caller).AsTask()));
        engine.Loop.Dispose();
        Assert.Null(await Soon.In(engine.PrefixesAsync("a", [], 10, 10, Caller).AsTask()));
        Assert.Null(await Soon.In(engine.MapAsync([], 10, 10, Caller).AsTask()));
        await engine.DisposeAsync();
    }
}
