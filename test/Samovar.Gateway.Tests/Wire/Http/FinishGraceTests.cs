using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Http;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Wire.Http;

/// <summary>An answer that has finished is not waited for.</summary>
public sealed class FinishGraceTests
{
    private static readonly EndTimes Times = EndTimes.Default;
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task Turn_EndsWell_ThoughTheUpstreamNeitherEndsNorClosesItsStream(string kind)
    {
        await using var upstream = await FakeUpstream.StartAsync("account", FakeFault.HangAtEnd);
        using var gateway = new TestGateway(TestGateway.Options(kind, upstream), _time);
        var turn = gateway.TurnAsync(null, TestGateway.User("one"));
        await Soon.In(_time.WhenArmed(Times.AfterUsage));
        _time.Advance(Times.AfterUsage);
        var result = await Soon.In(turn);
        Assert.Equal(("seen 1", 5, 0), (result.Text, result.Usage.OutputTokens, result.Report.Retries));
        Assert.Equal("seen 3", (await Soon.In(gateway.TurnAsync(result.Node, TestGateway.User("two")))).Text);
    }

    [Fact]
    public async Task Usage_IsWaitedForLonger_ThanTheEnd_AndAllTogetherNoLongerThanThat()
    {
        var (grace, stream) = (Grace(), new EndlessStream());
        grace.Begin(hasUsage: false);
        var read = ReadAsync(grace, stream);
        _time.Advance(Times.AfterFinish - TimeSpan.FromSeconds(1));
        stream.Give(7); // a comment that keeps the connection alive
        Assert.Equal(7, await Soon.In(read));
        read = ReadAsync(grace, stream);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await Soon.In(read));
        Assert.Equal(0, await Soon.In(ReadAsync(grace, stream)));
    }

    [Fact]
    public async Task TimeInWhichNobodyReads_DoesNotCount()
    {
        var (grace, stream) = (Grace(), new EndlessStream());
        grace.Begin(hasUsage: false);
        _time.Advance(TimeSpan.FromMinutes(1));
        grace.Begin(hasUsage: true);
        var read = ReadAsync(grace, stream);
        stream.Give(3);
        Assert.Equal(3, await Soon.In(read));
    }

    [Fact]
    public async Task BrokenConnection_IsTheEnd_OfAnAnswerThatHasFinished()
    {
        var (grace, stream) = (Grace(), new EndlessStream());
        await Assert.ThrowsAsync<IOException>(() => Broken(ReadAsync(grace, stream)));
        grace.Begin(hasUsage: true);
        Assert.Equal(0, await Soon.In(Broken(ReadAsync(grace, stream))));

        Task<int> Broken(Task<int> read)
        {
            stream.Break();
            return read;
        }
    }

    private FinishGrace Grace() => new(Calls.Of("chat", time: _time));

    private static Task<int> ReadAsync(FinishGrace grace, Stream stream) =>
        grace.ReadAsync(stream, new byte[100], CancellationToken.None).AsTask();

    /// <summary>Gives what the test asks for, and else nothing.</summary>
    private sealed class EndlessStream : MemoryStream
    {
        private TaskCompletionSource<int> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Give(int bytes) => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously))
            .SetResult(bytes);

        public void Break() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously))
            .SetException(new IOException("reset"));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await _next.Task.WaitAsync(cancellationToken);
    }
}
