using System.Net.Http.Headers;
using System.Text;
using Samovar.Testing;
using static Samovar.Tests.Running.BackgroundServer;

namespace Samovar.Tests.Running;

/// <summary>Background turns whose tenant's quota is used up wait for it, and no longer than they may.</summary>
public sealed class BackgroundQuotaTests : IAsyncDisposable
{
    private const string Quota = ""","quotas":{"Pot":{"requests_per_minute":1}}""";

    /// <summary>From one attempt to the next: the quota itself is there again in a minute.</summary>
    private static readonly TimeSpan AgainMax = TimeSpan.FromSeconds(8);
    private readonly string _keys = Path.GetTempFileName();
    private BackgroundServer? _house;

    public async ValueTask DisposeAsync()
    {
        if (_house is not null) await _house.DisposeAsync();
        File.Delete(_keys);
    }

    [Fact]
    public async Task TurnThatWaits_BeginsSoonAfterItsQuotaIsGivenMore()
    {
        var (house, waiting) = await StartAsync();
        await WriteAsync("");
        house.Time.Advance(TimeSpan.FromSeconds(3)); // the file is read again
        Assert.Equal("queued", StatusOf((await house.GetAsync(waiting)).Body));
        house.Time.Advance(AgainMax - TimeSpan.FromSeconds(3));
        Assert.Equal("completed", StatusOf(await house.EndedAsync(waiting)));
    }

    [Fact]
    public async Task TurnThatWaits_Fails_WhenItHasWaitedAsLongAsItMay()
    {
        var (house, waiting) = await StartAsync(("Background:QueueWaitMax", "00:00:20"));
        foreach (var pause in new[] { AgainMax, AgainMax, TimeSpan.FromSeconds(4) })
        {
            await Soon.In(house.Time.WhenArmed(pause));
            Assert.Equal("queued", StatusOf((await house.GetAsync(waiting)).Body));
            house.Time.Advance(pause);
        }
        var ended = await house.EndedAsync(waiting);
        Assert.Equal(("failed", "rate_limit_exceeded"), (StatusOf(ended), CodeOf(ended)));
        Assert.Equal(1, house.Backend.Turns);
    }

    [Fact]
    public async Task ServerThatStops_EndsWhatWaitsForItsQuota()
    {
        var (house, waiting) = await StartAsync();
        var stopping = house.Server.StopAsync();
        await Soon.UntilAsync(() => house.Rows.Rows.Any(static row => row.IsEnded)); // no time has passed
        var row = Assert.Single(house.Rows.Rows);
        Assert.Equal(waiting, row.Id.Value);
        Assert.Contains("server_restart", Encoding.UTF8.GetString(row.Snapshot.Span), StringComparison.Ordinal);
        while (!stopping.IsCompleted)
        {
            house.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        await stopping;
    }

    /// <summary>One turn has used up the quota, and another waits for it.</summary>
    private async Task<(BackgroundServer House, string Waiting)> StartAsync(params (string, string)[] settings)
    {
        await WriteAsync(Quota);
        var house = _house = await new BackgroundServer().StartAsync([("Auth:KeyFile", _keys), .. settings]);
        house.Server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "pot-key");
        await house.EndedAsync(await house.BeginAsync());
        await Soon.UntilAsync(() => house.Rows.Rows.Count == 0);
        var waiting = await house.BeginAsync();
        await Soon.In(house.Time.WhenArmed(AgainMax));
        return (house, waiting);
    }

    private Task WriteAsync(string more) => File.WriteAllTextAsync(_keys, $$"""{"tenants":{"Pot":["pot-key"]}{{more}}}""", Soon.Token);
}
