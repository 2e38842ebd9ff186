using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Ids;
using Samovar.Testing;

namespace Samovar.Gateway.Tests.Destinations;

public sealed class CallerAccountsTests
{
    private static readonly TenantId One = new("one"), Two = new("two"), Three = new("three");
    private readonly ManualTime _time = new();
    private readonly UpstreamOptions _options = new() { CallerKeysMax = 2 };

    [Fact]
    public void Pause_IsOfOneTenant_AndEnds()
    {
        var accounts = Accounts();
        accounts.Cool(One, TimeSpan.FromSeconds(7));
        accounts.Cool(One, TimeSpan.FromSeconds(3)); // the longer one stays
        Assert.Equal((TimeSpan.FromSeconds(7), true), (accounts.RefusalOf(One)!.RetryAfter, accounts.RefusalOf(One)!.IsOfFlow));
        Assert.Null(accounts.RefusalOf(Two));
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.Null(accounts.RefusalOf(One));
    }

    [Fact]
    public void Pause_IsNoLongerThanAnyMayBe()
    {
        var accounts = Accounts();
        accounts.Cool(One, TimeSpan.MaxValue);
        accounts.Cool(Two, null);
        Assert.Equal((_options.CooldownMax, _options.CooldownDefault),
            (accounts.RefusalOf(One)!.RetryAfter, accounts.RefusalOf(Two)!.RetryAfter));
    }

    [Fact]
    public void OnlySoManyTenants_AreRemembered()
    {
        var accounts = Accounts();
        foreach (var tenant in new[] { One, Two, Three })
        {
            accounts.Cool(tenant, null);
            accounts.Stated(tenant, new RateLimits(new RateLimit(10, 5, TimeSpan.FromSeconds(60)), null));
        }
        Assert.Equal((null, null), (accounts.RefusalOf(One), accounts.StatedTo(One)));
        Assert.Equal((5, RefusalReason.Cooldown), (accounts.StatedTo(Three)!.Requests!.Remaining, accounts.RefusalOf(Three)!.Reason));
    }

    private CallerAccounts Accounts() => new("d", _options, _time, null);
}
