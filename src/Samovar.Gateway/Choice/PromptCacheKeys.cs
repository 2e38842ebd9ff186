using Samovar.Backends;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire;

namespace Samovar.Gateway.Choice;

/// <summary>
/// Chooses the upstream's <c>prompt_cache_key</c>. Agents derive theirs from the thread, so that sessions with the same start-up never
/// share a cache;
/// the prefix policy gives them one key, and opens another bucket when a key is asked for more often than the upstream routes well. Safe
/// for all threads.
/// </summary>
internal sealed class PromptCacheKeys(UpstreamOptions options, TimeProvider time)
{
    private const int BucketsMax = 64;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Prefix>> _prefixes = new(StringComparer.Ordinal);
    private readonly LinkedList<Prefix> _byUse = []; // the longest unused first

    /// <param name="rules">How the destination caches: where it looks at breakpoints alone, another key would be a miss that is paid for,
    /// so a
    /// prefix has one, and the client's own counts before it.</param>
    public string? For(
        PromptCacheKeyPolicy policy, BackendTurn turn, string model, string conversation, UpstreamState? parent, CacheRules rules) =>
        policy switch
    {
        PromptCacheKeyPolicy.Conversation => conversation,
        PromptCacheKeyPolicy.Prefix when rules.HasBreakpoints =>
            turn.Request.PromptCacheKey ?? parent?.PromptCacheKey ?? ConversationStart.Prefix(turn, model),
        PromptCacheKeyPolicy.Prefix => ForPrefix(turn, model, parent?.PromptCacheKey),
        _ => turn.Request.PromptCacheKey,
    };

    private string ForPrefix(BackendTurn turn, string model, string? own)
    {
        var name = own is not null && own.LastIndexOf('-') is > 0 and var dash ? own[..dash] : ConversationStart.Prefix(turn, model);
        lock (_lock)
        {
            var prefix = Find(name);
            var now = time.GetUtcNow();
            var bucket = own is not null && prefix.BucketOf(own) is { } kept ? kept : prefix.Free(now, options.PrefixBucketRequests);
            prefix.Buckets[bucket].Add(now, 1);
            return prefix.Key(bucket);
        }
    }

    private Prefix Find(string name)
    {
        if (_prefixes.TryGetValue(name, out var node)) _byUse.Remove(node);
        var prefix = node?.Value ?? new Prefix(name);
        _prefixes[name] = _byUse.AddLast(prefix);
        if (_prefixes.Count > options.PrefixesMax)
        {
            _prefixes.Remove(_byUse.First!.Value.Name);
            _byUse.RemoveFirst();
        }
        return prefix;
    }

    /// <summary>One stable start and the requests of the last minute in each of its buckets.</summary>
    private sealed class Prefix(string name)
    {
        public string Name { get; } = name;
        public List<MinuteWindow> Buckets { get; } = [new()];

        public string Key(int bucket) => $"{Name}-{bucket}";

        /// <summary>The bucket of a conversation that has one: its cache lies there, so it stays.</summary>
        public int? BucketOf(string key)
        {
            for (var bucket = 0; bucket < Buckets.Count; bucket++)
                if (Key(bucket) == key) return bucket;
            return null;
        }

        public int Free(DateTimeOffset now, int requestsMax)
        {
            for (var bucket = 0; bucket < Buckets.Count; bucket++)
                if (Buckets[bucket].Sum(now) < requestsMax) return bucket;
            if (Buckets.Count == BucketsMax) return Emptiest(now);
            Buckets.Add(new MinuteWindow());
            return Buckets.Count - 1;
        }

        private int Emptiest(DateTimeOffset now) => Enumerable.Range(0, Buckets.Count).MinBy(bucket => Buckets[bucket].Sum(now));
    }
}
