using System.Collections.Concurrent;
using Samovar.Accounting;

namespace Samovar.Testing.Core;

/// <summary>Keeps the records of all requests.</summary>
internal sealed class RecordingRequestLog : IRequestLog
{
    private readonly ConcurrentQueue<RequestRecord> _records = new();

    public IReadOnlyList<RequestRecord> Records => [.. _records];

    public void Write(RequestRecord record) => _records.Enqueue(record);
}
