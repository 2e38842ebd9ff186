using System.IO.Compression;
using System.Text;
using Samovar.Server.Decoding;

namespace Samovar.Tests.Decoding;

/// <summary>What a body says does not depend on how the network cut it.</summary>
public sealed class InflatedBodyTests
{
    private const int TailBytes = 24; // the end of the data and its trailer

    [Theory]
    [InlineData(true, ZLibCompressionStrategy.Default)]
    [InlineData(true, ZLibCompressionStrategy.Fixed)]
    [InlineData(false, ZLibCompressionStrategy.Default)]
    [InlineData(false, ZLibCompressionStrategy.Fixed)]
    public async Task Body_IsTheSame_WhereverItIsCut(bool isGzip, ZLibCompressionStrategy strategy)
    {
        for (var size = 10; size < 31_000; size += size < 16_000 ? 3000 : 250)
        {
            var text = Text(size);
            var bytes = Compressed(isGzip, strategy, text);
            for (var tail = 1; tail <= Math.Min(TailBytes, bytes.Length - 1); tail++) await CutAsync(tail);
            for (var tail = TailBytes + 1; tail < bytes.Length; tail += 499) await CutAsync(tail);

            async Task CutAsync(int tail)
            {
                var read = await ReadAsync(isGzip, bytes[..^tail], bytes[^tail..]);
                Assert.True(text.AsSpan().SequenceEqual(read), $"{size} bytes, the last {tail} of {bytes.Length} apart");
            }
        }
    }

    [Theory]
    [InlineData(ZLibCompressionStrategy.Default)]
    [InlineData(ZLibCompressionStrategy.Fixed)]
    public async Task Body_IsTheSame_ByteByByte_AndInMembers(ZLibCompressionStrategy strategy)
    {
        var text = Text(20_000);
        byte[] members = [.. Compressed(true, strategy, text[..17_000]), .. Compressed(true, strategy, text[17_000..])];
        Assert.Equal(text, await ReadAsync(true, [.. members.Select(one => new[] { one })]));
    }

    [Fact]
    public async Task Decoder_IsCounted_BeforeItHoldsAnything()
    {
        var claimed = 0L;
        await using var body = new InflatedBody(new Pieces([Compressed(true, ZLibCompressionStrategy.Default, Text(10))]), true, 1 << 20,
            bytes => claimed = bytes);
        Assert.True(await body.ReadAsync(new byte[100], TestContext.Current.CancellationToken) > 0);
        Assert.InRange(claimed, 32 << 10, 64 << 10);
        await using var brotli = new BrotliBody(new MemoryStream(Brotli(window: 22)), 1 << 20, bytes => claimed = bytes);
        Assert.True(await brotli.ReadAsync(new byte[100], TestContext.Current.CancellationToken) > 0);
        Assert.InRange(claimed, 1 << 22, (1 << 22) + (64 << 10));
        await using var small = new BrotliBody(new MemoryStream(Brotli(window: 16)), 1 << 20, bytes => claimed = bytes);
        Assert.True(await small.ReadAsync(new byte[100], TestContext.Current.CancellationToken) > 0);
        Assert.InRange(claimed, 1 << 16, (1 << 16) + (64 << 10));
    }

    private static byte[] Brotli(int window)
    {
        var bytes = new byte[1000];
        Assert.True(BrotliEncoder.TryCompress("text, text, text"u8, bytes, out var written, quality: 5, window));
        return bytes[..written];
    }

    private static byte[] Text(int size)
    {
        var random = new Random(size);
        var text = new StringBuilder();
        while (text.Length < size) text.Append("word").Append(random.Next(1000)).Append(random.Next(3) == 0 ? "\n" : " ");
        return Encoding.UTF8.GetBytes(text.ToString(0, size));
    }

    private static byte[] Compressed(bool isGzip, ZLibCompressionStrategy strategy, byte[] text)
    {
        var options = new ZLibCompressionOptions { CompressionStrategy = strategy };
        var bytes = new MemoryStream();
        using (Stream stream = isGzip ? new GZipStream(bytes, options) : new ZLibStream(bytes, options)) stream.Write(text);
        return bytes.ToArray();
    }

    private static async Task<byte[]> ReadAsync(bool isGzip, params byte[][] pieces)
    {
        await using var body = new InflatedBody(new Pieces(pieces), isGzip, 1 << 20, _ => { });
        var read = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (await body.ReadAsync(buffer, TestContext.Current.CancellationToken) is > 0 and var count) read.Write(buffer, 0, count);
        return read.ToArray();
    }

    /// <summary>Each read brings what came in one packet, or the start of it.</summary>
    private sealed class Pieces(byte[][] pieces) : ReadOnlyBody
    {
        private readonly Queue<ReadOnlyMemory<byte>> _pieces = new(pieces.Select(piece => (ReadOnlyMemory<byte>)piece));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_pieces.TryDequeue(out var piece)) return new(0);
            var count = Math.Min(buffer.Length, piece.Length);
            piece[..count].CopyTo(buffer);
            if (count < piece.Length) PutBack(piece[count..]);
            return new(count);
        }

        private void PutBack(ReadOnlyMemory<byte> left)
        {
            ReadOnlyMemory<byte>[] others = [.. _pieces];
            _pieces.Clear();
            _pieces.Enqueue(left);
            foreach (var other in others) _pieces.Enqueue(other);
        }
    }
}
