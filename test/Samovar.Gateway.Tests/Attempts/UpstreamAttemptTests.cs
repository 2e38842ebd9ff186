using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Gateway.Attempts;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Attempts;

public sealed class UpstreamAttemptTests
{
    private readonly ManualTime _time = new();
    private readonly UpstreamOptions _options = new();

    [Fact]
    public async Task EventInTheMomentInWhichItsAttemptIsGivenUp_IsNotPassedOn()
    {
        var attempt = new UpstreamAttempt(new LateDriver(() => _time.Advance(_options.FirstEventTimeout)), _options, _time);
        var steps = await attempt.RunAsync(Calls.Of("chat"), TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(FaultKind.Silence, Assert.Single(steps).Fault?.Kind); // it may be tried elsewhere: the client saw nothing
    }

    private sealed class LateDriver(Action beforeFirst) : IUpstreamDriver
    {
        public async IAsyncEnumerable<BackendEvent> RunAsync(
            UpstreamCall call, [EnumeratorCancellation] CancellationToken attemptEnded)
        {
            await Task.CompletedTask;
            beforeFirst();
            yield return new BackendEvent.MessageStarted();
            attemptEnded.ThrowIfCancellationRequested();
        }
    }
}
