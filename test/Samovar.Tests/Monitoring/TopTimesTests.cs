using Samovar.Cli.Top;

namespace Samovar.Tests.Monitoring;

/// <summary>Times as <c>samovar top</c> writes them.</summary>
public sealed class TopTimesTests
{
    [Theory]
    [InlineData(null, "-")]
    [InlineData(12.4, "12 ms")]
    [InlineData(1500.0, "1.5 s")]
    [InlineData(60_000.0, "0:01:00")]
    [InlineData(3_723_000.0, "1:02:03")]
    [InlineData(86_399_000.0, "23:59:59")]
    [InlineData(86_400_000.0, "24:00:00")]
    [InlineData(777_845_000.0, "216:04:05")]
    public void Time_KeepsWholeDays(double? milliseconds, string expected) => Assert.Equal(expected, Figures.Time(milliseconds));
}
