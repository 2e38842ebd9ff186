namespace Samovar.Bench.Stub;

/// <summary>
/// One account's prompt cache, by content alone: a prompt is cached as far as its leading blocks were seen in an earlier prompt of this
/// account. Counted as providers count: in steps of 128 tokens, from 1,024 on. Bounded; the oldest blocks go first.
/// </summary>
internal sealed class PrefixCache
{
    public const int BlockTokens = 128;
    public const int BytesPerToken = 4;
    private const int BlocksMin = 1024 / BlockTokens;
    private const int BlocksMax = 1 << 20;
    private readonly Lock _lock = new();
    private readonly HashSet<ulong> _known = [];
    private readonly Queue<ulong> _byAge = [];

    /// <summary>Tokens of the prompt that an earlier prompt began with; the prompt's own blocks are known from now on.</summary>
    public int Take(StubContext prompt)
    {
        lock (_lock)
        {
            var blocks = prompt.Blocks();
            var hits = blocks.TakeWhile(_known.Contains).Count();
            foreach (var block in blocks.Skip(hits)) Add(block);
            return hits < BlocksMin ? 0 : hits * BlockTokens;
        }
    }

    private void Add(ulong block)
    {
        if (!_known.Add(block)) return;
        _byAge.Enqueue(block);
        if (_byAge.Count > BlocksMax) _known.Remove(_byAge.Dequeue());
    }
}
