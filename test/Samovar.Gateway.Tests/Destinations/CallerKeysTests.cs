using Samovar.Gateway.Destinations;
using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Tests.Destinations;

public sealed class CallerKeysTests
{
    private static readonly TenantId One = new("one"), Two = new("two"), Three = new("three");

    [Fact]
    public void TheLongestUnused_IsGivenUpFirst()
    {
        var keys = new CallerKeys(countMax: 2);
        keys.Keep(One, "key-1");
        keys.Keep(Two, "key-2");
        keys.Keep(One, "key-1");
        keys.Keep(Three, "key-3");
        Assert.Equal(("key-1", null, "key-3", "key-3"), (keys.Of(One), keys.Of(Two), keys.Of(Three), keys.Newest));
    }

    [Theory]
    [InlineData(true, null, "Bearer caller's")]
    [InlineData(true, "KEY", "Bearer own")]
    [InlineData(false, null, null)]
    public void DestinationGetsThem_WhereItHasNoneOfItsOwn(bool passes, string? variable, string? expected)
    {
        var options = new DestinationOptions
        {
            Name = "a", Kind = "responses-link", BaseUrl = "http://h/v1", Models = { "*" }, PassesKeys = passes, KeyEnvironment = variable,
        };
        var destination = new Destination(
            options, new DestinationState(options, new UpstreamOptions(), TimeProvider.System), _ => "own");
        string? sent = null;
        destination.Authorize((name, value) => sent = name == "Authorization" ? value : null, "caller's");
        Assert.Equal(expected, sent);
    }
}
