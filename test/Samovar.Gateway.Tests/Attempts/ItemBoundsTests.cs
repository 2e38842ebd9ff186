using System.Text;
using Samovar.Backends;
using Samovar.Gateway.Attempts;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tests.Attempts;

/// <summary>An item that no client could send back is its upstream's fault.</summary>
public sealed class ItemBoundsTests
{
    [Fact]
    public void Item_IsAsLargeAsARequestAtMost()
    {
        var bytesMax = ProtocolLimits.Default.FrameBytesMax;
        Assert.Null(ItemBounds.FaultOf(new BackendEvent.ItemDone(Item(bytesMax))));
        Assert.Equal(FaultKind.TooLarge, ItemBounds.FaultOf(new BackendEvent.ItemDone(Item(bytesMax + 1)))!.Kind);
        Assert.Equal(FaultKind.TooLarge, ItemBounds.FaultOf(new BackendEvent.CarriedStarted("x", Item(bytesMax + 1)))!.Kind);

        static RawJson Item(int bytes) => new(Encoding.UTF8.GetBytes($"{{\"a\":\"{new string('x', bytes - 8)}\"}}"));
    }

    [Theory]
    [InlineData(60, null)]
    [InlineData(61, "Malformed")] // beside the item's own level, the request's and its input's
    [InlineData(5000, "Malformed")]
    public void Item_IsNestedNoDeeper_ThanARequestCouldHoldIt(int levels, string? fault)
    {
        var item = new RawJson(Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', levels)}{new string(']', levels)}}}"));
        Assert.Equal(fault, ItemBounds.FaultOf(new BackendEvent.ItemDone(item))?.Kind.ToString());
        Assert.Equal(fault, ItemBounds.FaultOf(new BackendEvent.CarriedItem(item))?.Kind.ToString());
    }

    [Theory]
    [InlineData(57, null)]
    [InlineData(58, "Malformed")] // beside its own level, those above it in a request of Chat Completions
    public void WhatIsSaidBesideACall_IsNestedNoDeeper_ThanARequestCouldHoldIt(int levels, string? fault)
    {
        var extra = new RawJson(Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', levels)}{new string(']', levels)}}}"));
        Assert.Equal(fault, ItemBounds.FaultOf(new BackendEvent.ItemDone { Extra = extra })?.Kind.ToString());
    }

    [Fact]
    public void OtherEvents_HaveNoItem() => Assert.Null(ItemBounds.FaultOf(new BackendEvent.Delta("{[")));
}
