using Samovar.Cluster;

namespace Samovar.Tests.Cluster;

public sealed class TurnCourseTests
{
    private static readonly RelayEnd NotReached = new RelayEnd.NotReached(), Broken = new RelayEnd.Broken(WasHeard: false);

    [Fact]
    public void RelayThatWasNotSent_HasNotRun() =>
        Assert.Equal(new TurnCourse(TurnPast.None, 0, 1, 5), default(TurnCourse).After(NotReached, 5));

    [Fact]
    public void RelayThatBroke_MayHaveRun() => Assert.Equal(TurnPast.MayBeStored, default(TurnCourse).After(Broken, 5).Past);

    [Fact]
    public void WhatWasHeard_StaysHeard()
    {
        var course = default(TurnCourse).After(new RelayEnd.Broken(WasHeard: true), 5).After(Broken, 5).After(NotReached, 5);
        Assert.Equal(new TurnCourse(TurnPast.WasHeard, 0, 3, 5), course);
    }

    [Fact]
    public void NextOwner_IsNotBlamedForTheOneBefore() =>
        Assert.Equal(1, default(TurnCourse).After(Broken, 5).After(Broken, 5).After(Broken, 6).RelaysFailed);

    [Fact]
    public void Refusal_IsNoFailure()
    {
        var refused = new RelayEnd.Refused(PlaceRefusal.Draining);
        Assert.Equal(default, default(TurnCourse).After(refused, 5));
        Assert.True(TurnCourse.WantsPause(refused));
        Assert.False(TurnCourse.WantsPause(new RelayEnd.Refused(PlaceRefusal.Moved)));
    }
}
