namespace Samovar.Bench.Stub;

/// <summary>
/// One replica's prompt cache, by content alone: a prompt is cached as far as its leading blocks were seen in an earlier prompt of this
/// replica. Counted as providers count: in steps of 128 tokens, from 1,024 on. What nobody asks for is forgotten after its lifetime.
/// Bounded; the oldest blocks go first.
/// </summary>
internal sealed class PrefixCache(TimeSpan lifetime, TimeProvider time)
{
    public const int BlockTokens = 128;
    public const int BytesPerToken = 4;
    private const int BlocksMin = 1024 / BlockTokens;
    private const int BlocksMax = 1 << 20;
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, long> _known = []; // by when they were asked for last
    private readonly Queue<ulong> _byAge = [];

    /// <summary>Tokens of the prompt that an earlier prompt began with; the prompt's own blocks are known from now on.</summary>
    public int Take(StubContext prompt)
    {
        lock (_lock)
        {
            var blocks = prompt.Blocks();
            var hits = blocks.TakeWhile(block => _known.TryGetValue(block, out var at) && time.GetElapsedTime(at) <= lifetime).Count();
            foreach (var block in blocks) Add(block, time.GetTimestamp());
            return hits < BlocksMin ? 0 : hits * BlockTokens;
        }
    }

    private void Add(ulong block, long now)
    {
        var isNew = !_known.ContainsKey(block);
        _known[block] = now;
        if (!isNew) return;
        _byAge.Enqueue(block);
        if (_byAge.Count > BlocksMax) _known.Remove(_byAge.Dequeue());
    }
}
