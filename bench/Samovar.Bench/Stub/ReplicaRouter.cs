namespace Samovar.Bench.Stub;

/// <summary>Chooses a replica for each request that nothing binds to one; safe for all threads.</summary>
internal sealed class ReplicaRouter(ReplicaPlan plan, TimeProvider time, int seed = 1)
{
    private const int PlacesMax = 10_000;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly Dictionary<ulong, Queue<long>> _asked = [];
    private int _next;

    /// <param name="prefix">Stands for the prompt's first tokens.</param>
    /// <param name="key">What the client says belongs together; null where it says nothing.</param>
    public int Choose(ulong prefix, string? key)
    {
        if (plan.Count == 1) return 0;
        var honoured = plan.HonoursKey ? key : null;
        lock (_lock)
            return plan.Spread switch
            {
                ReplicaSpread.Prefix => ByPrefix(honoured is null ? prefix : prefix ^ Hash(honoured)),
                _ when honoured is not null => (int)(Hash(honoured) % (ulong)plan.Count),
                ReplicaSpread.Random => _random.Next(plan.Count),
                _ => _next++ % plan.Count,
            };
    }

    /// <summary>The machine that it belongs to, and the next one for each so many requests of the last minute.</summary>
    private int ByPrefix(ulong place)
    {
        if (!_asked.TryGetValue(place, out var asked))
        {
            if (_asked.Count == PlacesMax) _asked.Clear(); // who is forgotten begins a minute of its own
            _asked[place] = asked = [];
        }
        while (asked.TryPeek(out var oldest) && time.GetElapsedTime(oldest) >= Minute) asked.Dequeue();
        var over = asked.Count / ReplicaPlan.RequestsAMinute;
        asked.Enqueue(time.GetTimestamp());
        return (int)((place + (ulong)over) % (ulong)plan.Count);
    }

    /// <summary>The same in every process, unlike a string's own.</summary>
    private static ulong Hash(string text)
    {
        var context = new StubContext(null);
        context.Say("key", text);
        return context.Hash;
    }
}
