using Samovar.Bench.Transport;

namespace Samovar.Bench.Tests.Transport;

public sealed class ContentMeterTests
{
    [Fact]
    public void Content_IsCountedAsItIs_AndBehindWhatWasSaidBefore()
    {
        using var meter = new ContentMeter();
        var text = Excerpts.OfLength(4000, 1);
        var first = meter.Add("ü", text);
        Assert.Equal(4002, first.Bytes);
        Assert.InRange(first.Deflated, 100, 3000);
        var again = meter.Add(text);
        Assert.Equal(4000, again.Bytes);
        Assert.InRange(again.Deflated, 1, 100); // the window goes on
    }
}
