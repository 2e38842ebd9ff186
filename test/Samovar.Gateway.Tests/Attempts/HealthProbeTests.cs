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
    public async Task QuestionThatIsNoLongerAsked_SaysNothing()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        await using var other = await FakeUpstream.StartAsync("b");
        var asked = new TaskCompletionSource();
        upstream.Models = context => // a path that never answers
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        };
        var options = TestGateway.Options("chat", upstream, other);
        var (of, ofOther) = (options.Pools[0].Destinations[0], options.Pools[0].Destinations[1]);
        (of.HealthPath, ofOther.HealthPath) = ("/v1/models", "/health");
        var time = new ManualTime();
        var pools = new PoolTable(options, time, _ => null);
        using var http = new UpstreamHttp(options);
        using var stopping = new CancellationTokenSource();
        var (state, marker) = (pools.Current[0].Find("a")!.State, pools.Current[0].Find("b")!.State);
        marker.SetHealth(false);
        var probe = new HealthProbe(pools, http, options, time, NullLogger<HealthProbe>.Instance).RunAsync(stopping.Token);
        await Soon.In(asked.Task);
        await Soon.UntilAsync(() => marker.Refusal is null); // all of the first round are out
        of.HealthPath = null;
        pools.Apply(options);
        time.Advance(options.HealthTimeout);
        marker.SetHealth(false);
        time.Advance(options.HealthInterval);
        await Soon.UntilAsync(() => marker.Refusal is null); // the second round: the first is over
        Assert.Null(state.Refusal);
        await stopping.CancelAsync();
        await Soon.In(probe);
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 1)]
    public async Task LateAnswer_ShutsADestination_AtOnceOnlyWhereAnotherStandsIn(bool hasOther, int late)
    {
        await using var slow = await FakeUpstream.StartAsync("a");
        await using var other = await FakeUpstream.StartAsync("b");
        var asked = 0;
        slow.Models = context => // a path that never answers
        {
            Interlocked.Increment(ref asked);
            return Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        };
        var options = hasOther ? TestGateway.Options("chat", slow, other) : TestGateway.Options("chat", slow);
        options.Pools[0].Destinations[0].HealthPath = "/v1/models";
        var time = new ManualTime();
        var pools = new PoolTable(options, time, _ => null);
        using var http = new UpstreamHttp(options);
        using var stopping = new CancellationTokenSource();
        var state = pools.Current[0].Find("a")!.State;
        var probe = new HealthProbe(pools, http, options, time, NullLogger<HealthProbe>.Instance).RunAsync(stopping.Token);
        for (var question = 1; question <= late; question++)
        {
            await Soon.UntilAsync(() => Volatile.Read(ref asked) == question);
            Assert.Null(state.Refusal);
            time.Advance(options.HealthTimeout);
            if (question < late) time.Advance(options.HealthInterval);
        }
        await Soon.UntilAsync(() => state.Refusal?.Reason == RefusalReason.Unhealthy);
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
