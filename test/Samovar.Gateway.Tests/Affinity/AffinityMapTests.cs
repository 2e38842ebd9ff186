using Samovar.Gateway.Affinity;
using Samovar.Testing;

namespace Samovar.Tests.Affinity;

public sealed class AffinityMapTests
{
    private const int RowsMax = 20;
    private static readonly TimeSpan Ttl = TimeSpan.FromMinutes(10);
    private readonly ManualTime _time = new();

    [Fact]
    public void Map_KnowsTheNewestUsedRowsAlone_WhateverIsSetAndFound()
    {
        var random = new Random(7);
        var map = new AffinityMap(RowsMax, Ttl, _time, new NoAffinityJournal());
        var rows = new List<(AffinityKey Key, string Destination, DateTimeOffset UsedAt)>(); // the longest unused first
        for (var step = 0; step < 20_000; step++)
        {
            var key = new AffinityKey((UInt128)random.Next(40));
            var at = rows.FindIndex(row => row.Key == key);
            var known = at < 0 ? default : rows[at];
            if (at >= 0) rows.RemoveAt(at);
            if (random.Next(2) == 0)
            {
                var destination = $"destination-{random.Next(5)}";
                map.Set(key, destination, isKept: false);
                rows.Add((key, destination, _time.GetUtcNow()));
                if (rows.Count > RowsMax) rows.RemoveAt(0);
            }
            else
            {
                var isThere = at >= 0 && _time.GetUtcNow() - known.UsedAt < Ttl;
                Assert.Equal(isThere ? known.Destination : null, map.Find(key));
                if (isThere) rows.Add(known with { UsedAt = _time.GetUtcNow() });
            }
            Assert.Equal(rows.Count, map.Count);
            if (random.Next(10) == 0) _time.Advance(TimeSpan.FromMinutes(random.Next(4)));
        }
    }

    [Fact]
    public void Map_BeginsWithWhatTheJournalKept_TheOldestFirst()
    {
        var map = new AffinityMap(2, Ttl, _time, new Kept([Row(1, "a"), Row(2, "b"), Row(3, "c")]));
        Assert.Equal((null, "b", "c"), (map.Find(Key(1)), map.Find(Key(2)), map.Find(Key(3))));
    }

    private AffinityRow Row(int key, string destination) => new(Key(key), destination, _time.GetUtcNow());

    private static AffinityKey Key(int key) => new((UInt128)key);

    private sealed class Kept(IReadOnlyList<AffinityRow> rows) : IAffinityJournal
    {
        public IReadOnlyList<AffinityRow> Read() => rows;

        public void Note(AffinityRow row)
        {
            // nothing is kept of it
        }
    }
}
