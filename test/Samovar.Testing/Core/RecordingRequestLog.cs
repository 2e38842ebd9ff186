using System.Collections.Concurrent;
using System.Threading.Channels;
using Samovar.Accounting;

namespace Samovar.Testing.Core;

/// <summary>Keeps the records of all requests.</summary>
internal sealed class RecordingRequestLog : IRequestLog
{
    private readonly ConcurrentQueue<RequestRecord> _records = new();
    private readonly Channel<RequestRecord> _written = Channel.CreateUnbounded<RequestRecord>();

    public IReadOnlyList<RequestRecord> Records => [.. _records];

    /// <summary>The record after those that were taken so; a request's own comes a moment after its answer.</summary>
    public async Task<RequestRecord> NextAsync() => await _written.Reader.ReadAsync(Soon.Token);

    public void Write(RequestRecord record)
    {
        _records.Enqueue(record);
        _written.Writer.TryWrite(record);
    }
}
