using System.Text;
using Samovar.Client.Errors;
using Samovar.Client.Transports;

namespace Samovar.Client.Tests;

/// <summary>Server-sent events, however they are cut into pieces.</summary>
public sealed class SseReaderTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("data: a\n\ndata: b\n\n", "a", "b")]
    [InlineData("data:a\r\n\r\ndata: b\r\rdata:  c\n\n", "a", "b", " c")]
    [InlineData("\uFEFFdata: a\n\n", "a")]
    [InlineData(": still there\n\nevent: x\nid: 1\ndata: a\ndata: b\ndata\n\n", "a\nb\n")]
    [InlineData("data: whole\n\ndata: begun\n", "whole")]
    [InlineData("database: no\n\ndata\n\n", "")]
    [InlineData("")]
    public async Task Events_AreReadInTheirPieces(string text, params string[] events)
    {
        for (var piece = 1; piece <= 7; piece++)
        {
            using var reader = new SseReader(new Pieces(Encoding.UTF8.GetBytes(text), piece), 1000);
            var read = new List<string>();
            while (await reader.NextAsync(() => { }, Cancelled) is { } data) read.Add(Encoding.UTF8.GetString(data));
            Assert.Equal(events, read);
        }
    }

    [Fact]
    public async Task EventThatIsTooLarge_IsAnError()
    {
        using var reader = new SseReader(new Pieces(Encoding.UTF8.GetBytes("data: " + new string('x', 2000) + "\n\n"), 100), 1000);
        var error = await Assert.ThrowsAsync<ResponsesException>(async () => await reader.NextAsync(() => { }, Cancelled));
        Assert.Equal(ResponsesErrorKind.TooLarge, error.Kind);
    }

    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
