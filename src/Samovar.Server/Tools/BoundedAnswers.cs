namespace Samovar.Server.Tools;

/// <summary>Lets no server of tools send more than so many bytes for one answer, lead elsewhere, or hold up a good-bye.</summary>
internal sealed class BoundedAnswers(HttpMessageHandler inner, int bytesMax, TimeSpan closeTimeMax, TimeProvider time)
    : DelegatingHandler(inner)
{
    private static readonly AsyncLocal<AnswerFaults?> Watched = new();

    /// <summary>Notes what is wrong with answers to whatever the caller asks from here on: what comes out of the library does not say
    /// so.</summary>
    public static AnswerFaults Watch() => Watched.Value = new AnswerFaults();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var reply = request.Method == HttpMethod.Delete
            ? await LeaveAsync(request, cancellationToken) : await base.SendAsync(request, cancellationToken);
        if ((int)reply.StatusCode is >= 300 and < 400)
        {
            reply.Dispose();
            throw new HttpRequestException("It answers with another address, which is not followed.", null, reply.StatusCode);
        }
        var body = await reply.Content.ReadAsStreamAsync(cancellationToken);
        var content = new StreamContent(new BoundedStream(body, bytesMax, Watched.Value));
        foreach (var header in reply.Content.Headers) content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        reply.Content = content;
        return reply;
    }

    /// <summary>Tells a server that its session is over. It need not know.</summary>
    private async Task<HttpResponseMessage> LeaveAsync(HttpRequestMessage request, CancellationToken cancelled)
    {
        using var deadline = new CancellationTokenSource(closeTimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancelled, deadline.Token);
        return await base.SendAsync(request, either.Token);
    }

    /// <summary>What an answer says, up to its bound.</summary>
    private sealed class BoundedStream(Stream inner, int bytesMax, AnswerFaults? faults) : Stream
    {
        private long _read;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(await ReadOrNoteAsync(buffer, cancellationToken));

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

        private async ValueTask<int> ReadOrNoteAsync(Memory<byte> buffer, CancellationToken cancelled)
        {
            try
            {
                return await inner.ReadAsync(buffer, cancelled);
            }
            catch (Exception broken) when (broken is IOException or HttpRequestException)
            {
                if (faults is not null) faults.Newest = broken;
                throw;
            }
        }

        private int Count(int read)
        {
            if ((_read += read) <= bytesMax) return read;
            var fault = new TooMuchException(bytesMax);
            if (faults is not null) faults.Newest = fault;
            throw fault;
        }
    }
}

/// <summary>What was wrong with the answers to one question.</summary>
internal sealed class AnswerFaults
{
    public Exception? Newest { get; set; }
}

/// <summary>An answer was longer than it may be.</summary>
internal sealed class TooMuchException(int bytesMax) : IOException($"Its answer has more than {bytesMax} bytes.");
