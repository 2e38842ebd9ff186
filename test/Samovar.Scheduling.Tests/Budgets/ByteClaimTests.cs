using Samovar.Scheduling.Budgets;
using Samovar.Scheduling.Fairness;

namespace Samovar.Scheduling.Tests.Budgets;

public sealed class ByteClaimTests
{
    private static readonly FlowId One = new("one");
    private readonly FlowShare _share = new(new ByteShare("frames", 900), multiple: 2, firstBytes: 10);

    [Fact]
    public void SharedClaim_IsGivenBack_WhenItsLastHolderLetsItGo()
    {
        var claim = new ByteClaim(_share, One);
        Assert.True(claim.TrySet(100));
        var (second, third) = (claim.Share(), claim.Share());
        claim.Dispose();
        claim.Dispose(); // once
        second.Dispose();
        second.Dispose();
        Assert.Equal(100, _share.BytesOf(One));
        Assert.True(claim.TrySet(150)); // it is still held
        third.Dispose();
        Assert.Equal(0, _share.BytesOf(One));
        Assert.False(claim.TrySet(1));
    }
}
