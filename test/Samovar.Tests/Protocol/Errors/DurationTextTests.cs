using System.Globalization;
using Samovar.Protocol.Errors;
using Catalogue = Samovar.Protocol.Errors.Errors;

namespace Samovar.Tests.Protocol.Errors;

public class DurationTextTests
{
    [Theory]
    [InlineData("00:00:00", "0 s")]
    [InlineData("00:00:00.0004", "1 ms")]
    [InlineData("00:00:00.200", "200 ms")]
    [InlineData("00:00:01", "1 s")]
    [InlineData("00:00:01.500", "1.5 s")]
    [InlineData("00:00:20", "20 s")]
    [InlineData("00:01:30", "90 s")]
    [InlineData("00:02:00", "2 minutes")]
    [InlineData("00:02:30", "2.5 minutes")]
    [InlineData("01:00:00", "60 minutes")]
    [InlineData("04:00:00", "4 hours")]
    [InlineData("1.00:00:00", "24 hours")]
    [InlineData("30.00:00:00", "30 days")]
    public void Duration_HasTheUnitThatSuitsIt(string time, string expected) =>
        Assert.Equal(expected, DurationText.Of(TimeSpan.Parse(time, CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("00:00:30", "Responses websocket connection limit reached (30 s). Create a new websocket connection to continue.")]
    [InlineData("01:00:00", "Responses websocket connection limit reached (60 minutes). Create a new websocket connection to continue.")]
    public void LimitOfAConnection_IsSaid_HoweverShort(string age, string expected) =>
        Assert.Equal(expected, new ApiException(Catalogue.ConnectionLimit, TimeSpan.Parse(age, CultureInfo.InvariantCulture)).Message);

    [Theory]
    [InlineData(0.2, "1 s")]
    [InlineData(4.2, "5 s")]
    public void Wait_IsWholeSeconds(double seconds, string expected) =>
        Assert.Equal(expected, DurationText.Wait(TimeSpan.FromSeconds(seconds)));
}
