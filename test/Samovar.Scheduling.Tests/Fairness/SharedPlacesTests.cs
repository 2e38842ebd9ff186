using Samovar.Scheduling.Fairness;

namespace Samovar.Scheduling.Tests.Fairness;

/// <summary>Places that one flow cannot take all of.</summary>
public sealed class SharedPlacesTests
{
    [Theory]
    [InlineData(1024, 8)]
    [InlineData(10, 1)]
    [InlineData(64, 4)]
    public void OneFlow_LeavesPlacesForOthers(int placesMax, int multiple)
    {
        var places = new SharedPlaces(placesMax, multiple);
        var flood = new FlowId("flood");
        var taken = 0;
        while (places.TryTake(flood)) taken++;
        Assert.InRange(taken, placesMax * multiple / (multiple + 1) - 1, placesMax * multiple / (multiple + 1) + 1);
        for (var other = 0; other < (placesMax - taken) / 2; other++) Assert.True(places.TryTake(new FlowId("other" + other)));
    }

    [Fact]
    public void PlaceThatIsGivenBack_CanBeTakenAgain()
    {
        var places = new SharedPlaces(1, 1);
        Assert.True(places.TryTake(new FlowId("a")));
        Assert.False(places.TryTake(new FlowId("b")));
        Assert.Equal(0, places.GiveBack(new FlowId("a")));
        Assert.True(places.TryTake(new FlowId("b")));
        Assert.Throws<InvalidOperationException>(() => places.GiveBack(new FlowId("a")));
    }
}
