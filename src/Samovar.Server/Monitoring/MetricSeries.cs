namespace Samovar.Server.Monitoring;

/// <summary>One metric under one combination of labels. Safe for all threads.</summary>
internal sealed class MetricSeries(double[]? bounds)
{
    private readonly Lock _lock = new();
    private readonly long[]? _buckets = bounds is null ? null : new long[bounds.Length + 1];
    private double _sum;
    private long _count;

    public void Add(double value)
    {
        lock (_lock)
        {
            _sum += value;
            _count++;
            if (_buckets is null) return;
            var bucket = Array.BinarySearch(bounds!, value);
            _buckets[bucket < 0 ? ~bucket : bucket]++;
        }
    }

    public void Set(double value) { lock (_lock) _sum = value; }

    public (double Sum, long Count, long[] Buckets) Read() { lock (_lock) return (_sum, _count, _buckets?.ToArray() ?? []); }
}
