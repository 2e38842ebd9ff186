using Samovar.Engine.Decoding;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>The choice between all threads and one.</summary>
public sealed class ThreadGovernorTests
{
    [Fact]
    public void Threads_StayAll_WhileTheyAreFaster() => Assert.True(Run(new ThreadGovernor(4), 10_000, _ => 1, _ => 3) > 9_900);

    [Fact]
    public void Threads_BecomeOne_WhereTheyHinderEachOther_AndTrialsGetRare() =>
        Assert.True(Run(new ThreadGovernor(2), 10_000, _ => 50, _ => 1) < 30);

    [Fact]
    public void Threads_FollowTheMachine_WhenItGetsBusyAndQuietAgain()
    {
        var governor = new ThreadGovernor(2);
        Run(governor, 1_000, _ => 1, _ => 2);
        Assert.True(Run(governor, 5_000, _ => 50, _ => 2) < 40);
        Run(governor, 5_000, _ => 1, _ => 2);
        Assert.Equal(2, governor.Threads);
    }

    [Fact]
    public void OneThread_IsAlwaysOne() => Assert.Equal(0, Run(new ThreadGovernor(1), 100, _ => 1, _ => 1));

    private static int Run(ThreadGovernor governor, int steps, Func<int, double> all, Func<int, double> one)
    {
        var withAll = 0;
        for (var step = 0; step < steps; step++)
        {
            var isOne = governor.Threads == 1;
            if (!isOne) withAll++;
            governor.Stepped(isOne ? one(step) : all(step));
        }
        return withAll;
    }
}
