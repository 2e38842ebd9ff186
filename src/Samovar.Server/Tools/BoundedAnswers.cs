namespace Samovar.Server.Tools;

/// <summary>Lets no server of tools send more than so many bytes for one answer, nor lead elsewhere.</summary>
internal sealed class BoundedAnswers(HttpMessageHandler inner, int bytesMax) : DelegatingHandler(inner)
{
    private TooMuchException? _fault;

    /// <summary>The newest answer that was too long, once: what comes out of the library does not say so.</summary>
    public TooMuchException? TakeFault() => Interlocked.Exchange(ref _fault, null);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var reply = await base.SendAsync(request, cancellationToken);
        if ((int)reply.StatusCode is >= 300 and < 400)
        {
            reply.Dispose();
            throw new HttpRequestException("It answers with another address, which is not followed.", null, reply.StatusCode);
        }
        var content = new StreamContent(new BoundedStream(await reply.Content.ReadAsStreamAsync(cancellationToken), bytesMax, this));
        foreach (var header in reply.Content.Headers) content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        reply.Content = content;
        return reply;
    }

    /// <summary>What an answer says, up to its bound.</summary>
    private sealed class BoundedStream(Stream inner, int bytesMax, BoundedAnswers of) : Stream
    {
        private long _read;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(await inner.ReadAsync(buffer, cancellationToken));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }

        private int Count(int read)
        {
            if ((_read += read) <= bytesMax) return read;
            var fault = of._fault = new TooMuchException(bytesMax);
            throw fault;
        }
    }
}

/// <summary>An answer was longer than it may be.</summary>
internal sealed class TooMuchException(int bytesMax) : IOException($"Its answer has more than {bytesMax} bytes.");
