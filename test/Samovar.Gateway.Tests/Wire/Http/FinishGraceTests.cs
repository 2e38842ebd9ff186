using Samovar.Backends;
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
        grace.Note(FinishSign.Sure, hasUsage: false);
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
    public async Task AnswerThatGoesOn_HasAllTime_ThoughItHadSaidWhyItEnds()
    {
        var (grace, stream) = (Grace(), new EndlessStream());
        grace.Note(FinishSign.Sure, hasUsage: true);
        grace.Note(FinishSign.None, hasUsage: true);
        var read = ReadAsync(grace, stream);
        _time.Advance(2 * Times.InDoubt);
        stream.Give(3);
        Assert.Equal(3, await Soon.In(read));
    }

    private const string Usage = ""","usage":{"prompt_tokens":3,"completion_tokens":1}""";
    private const string MessagesStart = "data: {\"type\":\"message_start\",\"message\":{\"model\":\"m\"}}\n\n";
    private const string MessagesEnd = "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n";

    public static TheoryData<string, TimeSpan, string[]> Repeaters => new()
    {
        { "chat", Times.InDoubt, [Chunk("one ", "stop"), Chunk("two ", "stop"), Chunk("three", "stop") + "data: [DONE]\n\n"] },
        { "chat", Times.AfterUsage, [Chunk("", null) + Chunk("one ", null) + Chunk("", "stop"), Chunk("two ", "stop"),
            Chunk("three", "stop") + "data: [DONE]\n\n"] },
        { "messages", Times.AfterUsage, [MessagesStart + Block(0, "one ") + MessagesEnd, Block(1, "two ") + MessagesEnd,
            Block(2, "three") + MessagesEnd + "data: {\"type\":\"message_stop\"}\n\n"] },
        { "messages", Times.InDoubt, [MessagesStart + Begun("one ") + MessagesEnd, More("two ") + MessagesEnd,
            More("three") + MessagesEnd + "data: {\"type\":\"message_stop\"}\n\n"] },
    };

    [Theory, MemberData(nameof(Repeaters))]
    public async Task AnswerThatSaysWithEveryPieceWhyItEnds_EndsWithItsLast(string kind, TimeSpan wait, string[] pieces)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gate = upstream.Gate = new SemaphoreSlim(0);
        upstream.Raw = new RawAnswer(pieces) { IsGated = true };
        using var gateway = new TestGateway(TestGateway.Options(kind, upstream), _time);
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var turn = gateway.TurnAsync(null, TestGateway.User("go"), onEvent: seen =>
        {
            if (seen is BackendEvent.Delta { Text: "two " }) said.SetResult();
        });
        await Soon.In(_time.WhenArmed(wait));
        _time.Advance(wait / 2);
        gate.Release();
        await Soon.In(said.Task);
        _time.Advance(Times.InDoubt);
        gate.Release();
        var result = await Soon.In(turn);
        Assert.Equal(("one two three", null), (result.Text, result.Error));
    }

    private static string Chunk(string text, string? finish) => $"data: {ChatPlay.Delta($"{{\"content\":\"{text}\"}}", finish)[..^1]}" +
        ",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}\n\n";

    private static string Begun(string text) => "data: {\"type\":\"content_block_start\",\"index\":0," +
        $"\"content_block\":{{\"type\":\"text\",\"text\":\"{text}\"}}}}\n\n";

    private static string More(string text) => "data: {\"type\":\"content_block_delta\",\"index\":0," +
        $"\"delta\":{{\"type\":\"text_delta\",\"text\":\"{text}\"}}}}\n\n";

    private static string Block(int index, string text) =>
        (Begun("") + More(text) + "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n")
            .Replace("\"index\":0", $"\"index\":{index}", StringComparison.Ordinal);

    [Fact]
    public async Task TimeInWhichNobodyReads_DoesNotCount()
    {
        var (grace, stream) = (Grace(), new EndlessStream());
        grace.Note(FinishSign.Sure, hasUsage: false);
        _time.Advance(TimeSpan.FromMinutes(1));
        grace.Note(FinishSign.Sure, hasUsage: true);
        var read = ReadAsync(grace, stream);
        stream.Give(3);
        Assert.Equal(3, await Soon.In(read));
    }

    [Fact]
    public async Task BrokenConnection_IsTheEnd_OfAnAnswerThatHasFinished()
    {
        var (grace, stream) = (Grace(), new EndlessStream());
        await Assert.ThrowsAsync<IOException>(() => Broken(ReadAsync(grace, stream)));
        grace.Note(FinishSign.Sure, hasUsage: true);
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
