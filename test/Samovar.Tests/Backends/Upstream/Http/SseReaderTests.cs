using System.Text;
using Samovar.Backends.Upstream.Attempts;
using Samovar.Backends.Upstream.Http;
using Samovar.Tests.Backends.Upstream.Fakes;

namespace Samovar.Tests.Backends.Upstream.Http;

public sealed class SseReaderTests
{
    private const string Stream =
        ": hello\r\n\r\nevent: a\r\ndata: {\"n\":1}\r\n\r\ndata:{\"n\":\ndata: 2}\n\n: ping\n\ndata: é😀\n\n" +
        "data: [DONE]\n\ndata: never\n\n";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Events_ComeOutWhole_HoweverTheReadsFall(int bytesPerRead)
    {
        var read = await ReadAsync(Stream, bytesPerRead, 1 << 20);
        Assert.Equal(["{\"n\":1}", "{\"n\":\n2}", "é😀"], read);
    }

    [Fact]
    public async Task EventBeyondItsBound_IsRefused() =>
        await Assert.ThrowsAsync<UpstreamException>(() => ReadAsync("data: " + new string('x', 200_000) + "\n\n", 1000, 10_000));

    private static async Task<List<string>> ReadAsync(string text, int bytesPerRead, int eventBytesMax)
    {
        using var response = new HttpResponseMessage();
        await using var stream = new SlowStream(Encoding.UTF8.GetBytes(text), bytesPerRead);
        var call = Calls.Of("responses-http");
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
