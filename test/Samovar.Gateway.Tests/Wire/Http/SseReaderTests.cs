using System.Text;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;
using Samovar.Gateway.Wire.Http;
using Samovar.Scheduling.Budgets;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Wire.Http;

public sealed class SseReaderTests
{
    private const string Stream =
        ": hello\r\n\r\nevent: a\r\ndata: {\"n\":1}\r\n\r\ndata:{\"n\":\ndata: 2}\n\n: ping\n\ndata: {\"é\":\"😀\"}\n\n" +
        "data: [DONE]\n\ndata: never\n\n";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Events_ComeOutWhole_HoweverTheReadsFall(int bytesPerRead)
    {
        var read = await ReadAsync(Stream, bytesPerRead, 1 << 20);
        Assert.Equal(["{\"type\":\"a\",\"n\":1}", "{\"n\":\n2}", "{\"é\":\"😀\"}"], read); // a type that the event's line alone names
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task SeveralObjectsInOneEvent_ComeOutOneByOne(int bytesPerRead)
    {
        const string stream = "\uFEFFdata: {\"n\":1}{\"n\":\"}{\"}data:{\"n\":3},\n\n" +
            "\uFEFFdata: {\"n\":[{},{}]} {\"n\":5} [DONE]\n\ndata: {}\n\n";
        Assert.Equal(["{\"n\":1}", "{\"n\":\"}{\"}", "{\"n\":3}", "{\"n\":[{},{}]}", "{\"n\":5}"],
            await ReadAsync(stream, bytesPerRead, 1 << 20));
    }

    [Theory]
    [InlineData("data: ", 1)]
    [InlineData("data: ", 70_000)]
    [InlineData(": a comment that never ends ", 1000)]
    public async Task EventBeyondItsBound_IsRefused_WhereItPassesIt(string start, int more)
    {
        const int bytesMax = 100_000;
        var call = Calls.Of("responses-http");
        var exception = await Assert.ThrowsAsync<UpstreamException>(
            () => ReadAsync(start + new string('x', bytesMax + more) + "\n\n", 1000, bytesMax, call));
        Assert.Equal(FaultKind.TooLarge, exception.Fault.Kind);
        Assert.InRange(call.BytesDown, bytesMax, bytesMax + 2000);
    }

    [Fact]
    public async Task EventOfItsBound_IsRead_InOneLineAndInMany()
    {
        var whole = Large(100_000);
        Assert.Equal([whole], await ReadAsync($"data: {whole}\n\n", 4096, whole.Length));
        var lines = "{" + string.Join('\n', Enumerable.Repeat(new string(' ', 999), 100)) + "}";
        var data = string.Concat(lines.Split('\n').Select(line => $"data: {line}\r\n"));
        Assert.Equal([lines, "{}"], await ReadAsync(data + "\ndata: {}\n\n", 4096, lines.Length));
        await Assert.ThrowsAsync<UpstreamException>(() => ReadAsync(data + "\n", 4096, lines.Length - 1));
    }

    [Fact]
    public async Task LargeEvents_AreClaimed_OfTheShareOfTheirDestination()
    {
        var events = new FlowShare(new ByteShare("upstream_events", 1 << 20), multiple: 2, firstBytes: 0);
        var call = Calls.Of("responses-http", events: events);
        Assert.Single(await ReadAsync("data: " + Large(200_000) + "\n\n", 4096, 1 << 24, call));
        Assert.Equal(0, events.Share.Bytes);
        var exception = await Assert.ThrowsAsync<UpstreamException>(
            () => ReadAsync("data: " + Large(2 << 20) + "\n\n", 4096, 1 << 24, call));
        Assert.Equal(FaultKind.NoRoom, exception.Fault.Kind);
        Assert.Equal(0, events.Share.Bytes);
    }

    private static string Large(int length) => $"{{\"x\":\"{new string('x', length - "{'x':''}".Length)}\"}}";

    private static async Task<List<string>> ReadAsync(string text, int bytesPerRead, int eventBytesMax, UpstreamCall? counted = null)
    {
        using var response = new HttpResponseMessage();
        await using var stream = new SlowStream(Encoding.UTF8.GetBytes(text), bytesPerRead);
        var call = counted ?? Calls.Of("responses-http");
        await using var reader = new SseReader(response, stream, call, eventBytesMax);
        var events = new List<string>();
        while (await reader.NextAsync(TestContext.Current.CancellationToken) is { } json) events.Add(json.ToString());
        return events;
    }

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class SlowStream(byte[] bytes, int bytesPerRead) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(bytesPerRead, buffer.Length)], cancellationToken);
    }
}
