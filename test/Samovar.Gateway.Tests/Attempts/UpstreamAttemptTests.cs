using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Gateway.Attempts;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Drivers;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Protocol.Responses;
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

    /// <summary>Comments, or chunks without a word: after an hour nobody would wait any more.</summary>
    [Theory]
    [InlineData("comments", false)]
    [InlineData("what is kept", true)]
    [InlineData("usage that grows", true)]
    public async Task StreamThatBringsNothing_Ends(string sent, bool isWhole)
    {
        var attempt = new UpstreamAttempt(new LongDriver(sent, () => _time.Advance(TimeSpan.FromMinutes(1))), _options, _time);
        var steps = await attempt.RunAsync(Calls.Of("chat", time: _time), TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(isWhole ? null : FaultKind.Silence, steps[^1].Fault?.Kind);
        Assert.Equal(isWhole, steps[^1].Event is BackendEvent.Finished);
    }

    [Fact]
    public async Task DeltasWithoutAWord_BringNothing()
    {
        var driver = new EmptyDriver();
        await using var steps = new UpstreamAttempt(driver, _options, _time)
            .RunAsync(Calls.Of("chat", time: _time), TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var minutes = 0;
        do
        {
            var move = steps.MoveNextAsync();
            _time.Advance(TimeSpan.FromMinutes(1));
            driver.Gate.TrySetResult();
            Assert.True(await move);
        }
        while (++minutes < 60 && steps.Current.Fault is null);
        Assert.Equal(FaultKind.Silence, steps.Current.Fault?.Kind);
        Assert.Equal(_options.ProgressTimeout.TotalMinutes + 1, minutes); // the first was its first sign of life
    }

    private sealed class EmptyDriver : IUpstreamDriver
    {
        public TaskCompletionSource Gate { get; private set; } = new();

        public async IAsyncEnumerable<BackendEvent> RunAsync(
            UpstreamCall call, [EnumeratorCancellation] CancellationToken attemptEnded)
        {
            while (true)
            {
                await Gate.Task.WaitAsync(attemptEnded);
                Gate = new TaskCompletionSource();
                call.Heard(1);
                yield return new BackendEvent.Delta("");
            }
        }
    }

    private sealed class LongDriver(string sent, Action minute) : IUpstreamDriver
    {
        public async IAsyncEnumerable<BackendEvent> RunAsync(
            UpstreamCall call, [EnumeratorCancellation] CancellationToken attemptEnded)
        {
            await Task.CompletedTask;
            for (var minutes = 0; minutes < 60; minutes++)
            {
                call.Heard(1);
                minute();
                attemptEnded.ThrowIfCancellationRequested();
                if (sent == "what is kept") call.Gather(1);
                else if (sent == "usage that grows") call.Usage = new Usage(1, 0, minutes + 1, 0);
            }
            yield return new BackendEvent.Finished(null, null, call.NamelessState());
        }
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
