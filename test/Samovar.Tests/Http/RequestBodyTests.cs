using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Samovar.Budgets;
using Samovar.Protocol.Errors;
using Samovar.Scheduling.Fairness;
using Samovar.Server.Decoding;
using Samovar.Server.Http;
using Samovar.Testing;
using HttpOptions = Samovar.Server.Http.HttpOptions;

namespace Samovar.Tests.Http;

public sealed class RequestBodyTests
{
    private readonly MemoryShares _memory = new(new MemoryOptions(), chainBytesMax: 0, parkedBytesMax: 0);

    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(OverflowException))]
    [InlineData(typeof(FormatException))]
    [InlineData(typeof(ArgumentException))]
    [InlineData(typeof(InvalidOperationException))]
    public async Task WhatReadingTheBodyThrows_IsTheRequestsFault(Type kind)
    {
        foreach (var encoding in new[] { "", "gzip", "deflate", "br", "zstd" })
        {
            var error = await Assert.ThrowsAsync<ApiException>(() =>
                ReadAsync(encoding, _ => throw (Exception)Activator.CreateInstance(kind)!));
            Assert.Equal(Errors.InvalidHttp, error.Kind);
        }
    }

    [Fact]
    public async Task OwnFault_IsNoFaultOfTheRequest()
    {
        using var room = new BodyRoom(_memory, new FlowId("a"));
        var http = new DefaultHttpContext();
        http.Features.Set<IRequestBodyPipeFeature>(new Arrived(new TakenWrongly()));
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            RequestBody.ReadAsync(http.Request, new HttpOptions(), room, new ManualTime(), CancellationToken.None));
    }

    [Fact]
    public async Task Decoder_IsCountedWhileTheBodyComesIn_AndNoLonger()
    {
        var held = 0L;
        using var room = new BodyRoom(_memory, new FlowId("a"));
        var gzip = new MemoryStream();
        using (var stream = new System.IO.Compression.GZipStream(gzip, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            stream.Write("{}"u8);
        gzip.Position = 0;
        var read = await ReadAsync("gzip", buffer =>
        {
            held = Math.Max(held, _memory.Bodies.Share.Bytes);
            return gzip.Read(buffer.Span);
        }, room);
        Assert.Equal("{}"u8, read.Span);
        Assert.InRange(held, 32 << 10, 128 << 10);
        Assert.InRange(_memory.Bodies.Share.Bytes, 2, 32 << 10);
    }

    /// <summary>Through the listener's own reader, whose memory is used again as soon as it is given back.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(100_000)]
    public async Task LargeBody_ComesByteForByte_HoweverItsPiecesAre(int pieceBytes)
    {
        var sent = Enumerable.Range(0, pieceBytes == 1 ? 20_000 : 1_000_000).Select(at => (byte)(at * 7 % 251)).ToArray();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 << 10, resumeWriterThreshold: 32 << 10));
        using var room = new BodyRoom(_memory, new FlowId("a"));
        var http = new DefaultHttpContext();
        http.Features.Set<IRequestBodyPipeFeature>(new Arrived(pipe.Reader));
        var reading = RequestBody.ReadAsync(http.Request, new HttpOptions(), room, new ManualTime(), CancellationToken.None);
        for (var at = 0; at < sent.Length; at += pieceBytes)
            await pipe.Writer.WriteAsync(sent.AsMemory(at, Math.Min(pieceBytes, sent.Length - at)), Soon.Token);
        await pipe.Writer.CompleteAsync();
        var read = await Soon.In(reading);
        Assert.True(read.Span.SequenceEqual(sent));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BodyThatIsThere_IsTakenAtOnce_AndCounted(bool hasRoom)
    {
        using var room = new BodyRoom(_memory, new FlowId("a"));
        if (!hasRoom) room.Claim.Dispose();
        var http = new DefaultHttpContext();
        http.Features.Set<IRequestBodyPipeFeature>(new Arrived(PipeReader.Create(new ReadOnlySequence<byte>("{}"u8.ToArray()))));
        http.Request.Body = new ReadBody(_ => throw new IOException("read as it comes"));
        http.Request.ContentLength = 2;
        var reading = RequestBody.ReadAsync(http.Request, new HttpOptions(), room, new ManualTime(), CancellationToken.None);
        if (!hasRoom) Assert.Equal(Errors.ServerOverloaded, (await Assert.ThrowsAsync<ApiException>(() => reading)).Kind);
        else
        {
            var read = await reading;
            Assert.Equal("{}"u8, read.Span);
            Assert.InRange(_memory.Bodies.Share.Bytes, 2, 32 << 10);
        }
    }

    /// <summary>Reads well, and finds fault with what is done with it.</summary>
    private sealed class TakenWrongly : PipeReader
    {
        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            new(new ReadResult(new ReadOnlySequence<byte>("{}"u8.ToArray()), isCanceled: false, isCompleted: false));

        public override void AdvanceTo(SequencePosition consumed) => throw new InvalidOperationException("Nothing was read.");
        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => AdvanceTo(consumed);
        public override void CancelPendingRead() { }
        public override void Complete(Exception? exception = null) { }
        public override bool TryRead(out ReadResult result) => throw new NotSupportedException();
    }

    private sealed record Arrived(PipeReader Reader) : IRequestBodyPipeFeature;

    private async Task<ReadOnlyMemory<byte>> ReadAsync(string encoding, Func<Memory<byte>, int> read, BodyRoom? room = null)
    {
        using var own = room is null ? new BodyRoom(_memory, new FlowId("a")) : null;
        var http = new DefaultHttpContext();
        http.Request.Body = new ReadBody(read);
        http.Request.Headers.ContentEncoding = encoding;
        return await RequestBody.ReadAsync(http.Request, new HttpOptions(), room ?? own!, new ManualTime(), CancellationToken.None);
    }

    private sealed class ReadBody(Func<Memory<byte>, int> read) : ReadOnlyBody
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(read(buffer));
    }
}
