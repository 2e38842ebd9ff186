using Samovar.Engine.Decoding;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>How long a chunk of a prompt may take in a round.</summary>
public sealed class RoundBudgetTests
{
    private static readonly TimeSpan DelayMax = TimeSpan.FromMilliseconds(100);
    private readonly RoundBudget _budget = new(DelayMax, isProcessor: true);

    [Fact]
    public void Chunk_MayTakeWhatIsAgreed_AndShouldTakeAsLongAsTheTokensAFewTimes()
    {
        Step(20);
        Assert.Equal((0.03, 0.1), _budget.TakeChunk());
        Assert.Equal((0.1, 0.1), new RoundBudget(DelayMax, isProcessor: false).TakeChunk());
    }

    [Fact]
    public void Chunk_MayTakeAsLongAsTheTokens_WhereTheseTakeLongerThanIsAgreed()
    {
        Step(300);
        Assert.Equal((0.3, 0.3), _budget.TakeChunk());
    }

    [Fact]
    public void StateThatWasMoved_IsTakenFromTheChunk_OfItsRoundOnly()
    {
        Step(200);
        Step(200);
        _budget.Moved(TimeSpan.FromMilliseconds(50));
        Assert.Equal(0.15, _budget.TakeChunk()!.Value.Most, 6);
        Step(200);
        Assert.Equal(0.2, _budget.TakeChunk()!.Value.Most, 6);
        Step(200);
        for (var round = 0; round < 10; round++) // of which nobody computes a prompt
        {
            _budget.Moved(TimeSpan.FromMilliseconds(90));
            Step(200);
        }
        Assert.Equal(0.2, _budget.TakeChunk()!.Value.Most, 6);
    }

    [Fact]
    public void Round_HasNoChunk_WhereStateWasMovedForLong_ButTheNextHas()
    {
        Step(10);
        _budget.Moved(DelayMax);
        Assert.Null(_budget.TakeChunk());
        Step(10);
        _budget.Moved(DelayMax);
        Assert.Equal(0.025, _budget.TakeChunk()!.Value.Most, 6);
        Step(10);
        _budget.Moved(DelayMax);
        Assert.NotNull(_budget.TakeChunk(mustCompute: true));
    }

    [Fact]
    public void MovingState_IsEnough_AfterHalfOfWhatIsAgreed()
    {
        Assert.False(_budget.IsSpent(DelayMax * 0.4));
        Assert.True(_budget.IsSpent(DelayMax * 0.5));
    }

    [Fact]
    public void Stall_CountsAsAFewStepsOnly()
    {
        for (var round = 0; round < 5; round++) Step(10);
        Step(10_000);
        Assert.InRange(_budget.Step.TotalMilliseconds, 10, 15);
    }

    private void Step(double milliseconds) => _budget.Stepped(TimeSpan.FromMilliseconds(milliseconds));
}
