using Samovar.Scheduling.Fairness;

namespace Samovar.Scheduling.Tests.Fairness;

/// <summary>Whoever floods leaves places for those who do not.</summary>
public sealed class SharedPlacesTests
{
    private const int PlacesMax = 1024;

    [Fact]
    public void FlowThatIsAlone_GetsAllButTheOpenPart()
    {
        var places = new SharedPlaces(PlacesMax);
        Assert.Equal(PlacesMax - PlacesMax / SharedPlaces.OpenPart, TakeAll(places, "flood", 5000));
    }

    [Theory]
    [InlineData(1, 1100)]
    [InlineData(70, 16)] // connections without keys, each as full as it may be
    [InlineData(12, 1000)]
    [InlineData(300, 3)]
    public void Newcomers_FindPlaces_WhateverFloodsAreThere(int floods, int turns)
    {
        var places = new SharedPlaces(PlacesMax);
        for (var turn = 0; turn < turns; turn++)
            for (var flood = 0; flood < floods; flood++)
                places.TryTake(new FlowId($"flood{flood}"));
        for (var newcomer = 0; newcomer < 64; newcomer++) Assert.True(places.TryTake(new FlowId($"new{newcomer}")));
    }

    [Fact]
    public void OneNewcomer_GetsSeveralPlacesAtOnce()
    {
        var places = new SharedPlaces(PlacesMax);
        TakeAll(places, "flood", 5000);
        Assert.InRange(TakeAll(places, "quiet", 100), 10, 32);
    }

    [Fact]
    public void PlacesThatAreGivenBack_CanBeTakenAgain_AndNothingIsLost()
    {
        var places = new SharedPlaces(16);
        var taken = TakeAll(places, "a", 100);
        Assert.Equal((14, 14), (taken, places.TakenBy(new FlowId("a"))));
        for (var i = 0; i < taken; i++) places.GiveBack(new FlowId("a"));
        Assert.Equal(0, places.Taken);
        Assert.Throws<InvalidOperationException>(() => places.GiveBack(new FlowId("a")));
        Assert.Equal(14, TakeAll(places, "b", 100));
    }

    [Fact]
    public void FewPlaces_AreAllForWhoeverComes()
    {
        var places = new SharedPlaces(2);
        Assert.Equal(2, TakeAll(places, "a", 3));
    }

    private static int TakeAll(SharedPlaces places, string flow, int tries) =>
        Enumerable.Range(0, tries).Count(_ => places.TryTake(new FlowId(flow)));
}
