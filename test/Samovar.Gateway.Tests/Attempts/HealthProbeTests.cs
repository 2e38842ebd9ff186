using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Gateway.Attempts;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire.Http;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Attempts;

/// <summary>The probe outlives every question that breaks.</summary>
public sealed class HealthProbeTests
{
    [Theory]
    [InlineData("//other.example/health")] // what no configuration may say, and what would send the key to somebody else
    [InlineData("http://[")]
    public async Task QuestionThatBreaks_SaysUnfit_AndTheProbeGoesOn(string path)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = TestGateway.Options("chat", upstream);
        options.Pools[0].Destinations[0].HealthPath = path;
        var time = new ManualTime();
        var pools = new PoolTable(options, time, _ => null);
        using var http = new UpstreamHttp(options);
        using var stopping = new CancellationTokenSource();
        var probe = new HealthProbe(pools, http, options, time, NullLogger<HealthProbe>.Instance).RunAsync(stopping.Token);
        for (var question = 0; question < 3; question++)
        {
            var state = pools.Current[0].Destinations[0].State;
            Assert.True(SpinWait.SpinUntil(() => state.Refusal?.Reason == RefusalReason.Unhealthy, TimeSpan.FromSeconds(10)));
            state.SetHealth(true);
            Assert.False(probe.IsCompleted);
            time.Advance(options.HealthInterval);
        }
        await stopping.CancelAsync();
        await Soon.In(probe);
    }

    [Fact]
    public async Task ListenerThatBreaks_DoesNotEndTheProbe()
    {
        var options = TestGateway.Options("chat");
        options.Pools[0].Destinations.Add(new DestinationOptions
        {
            Name = "a", Kind = "chat", BaseUrl = "http://127.0.0.1:9/v1", Models = { "m" }, HealthPath = "/health",
        });
        await using var upstream = await FakeUpstream.StartAsync("a");
        options.Pools[0].Destinations[0].BaseUrl = upstream.BaseUrl;
        var time = new ManualTime();
        var pools = new PoolTable(options, time, _ => null);
        pools.Current[0].Destinations[0].State.SetHealth(false);
        var hasHeard = new TaskCompletionSource();
        pools.OnLoosened(() =>
        {
            hasHeard.TrySetResult();
            throw new IOException("Nobody expects this.");
        });
        using var http = new UpstreamHttp(options);
        using var stopping = new CancellationTokenSource();
        var probe = new HealthProbe(pools, http, options, time, NullLogger<HealthProbe>.Instance).RunAsync(stopping.Token);
        await Soon.In(hasHeard.Task);
        await stopping.CancelAsync();
        await Soon.In(probe);
    }
}
