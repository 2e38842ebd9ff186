using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Samovar.Bench.Stub;

/// <summary>
/// One account of the bench's own upstream: its stored responses, its counts, and its replicas with a prompt cache each. Shared with no
/// other.
/// </summary>
internal sealed class StubAccount(StubSpeed speed, ReplicaPlan replicas)
{
    private const int StoredMax = 200_000;
    private readonly ConcurrentDictionary<string, StubContext> _stored = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _byAge = [];
    private readonly ReplicaRouter _router = new(replicas, TimeProvider.System);
    private readonly PrefixCache[] _caches = [.. Enumerable.Range(0, replicas.Count)
        .Select(_ => new PrefixCache(TimeSpan.FromSeconds(replicas.CacheSeconds), TimeProvider.System))];
    private long _ids;

    public StubTally Tally { get; } = new();

    /// <summary>Reads a create request; null when it continues a response that this account does not hold.</summary>
    /// <param name="own">The responses that only the request's own socket holds.</param>
    public StubRequest? Read(ReadOnlyMemory<byte> utf8, Func<string, StubContext?> own)
    {
        using var json = JsonDocument.Parse(utf8);
        var request = StubRequest.Responses(json.RootElement, id => own(id) ?? _stored.GetValueOrDefault(id));
        Tally.Asked(utf8.Length, request);
        return request;
    }

    public StubRequest ReadChat(ReadOnlyMemory<byte> utf8)
    {
        using var json = JsonDocument.Parse(utf8);
        var request = StubRequest.Chat(json.RootElement);
        Tally.Asked(utf8.Length, request);
        return request;
    }

    public string NewId() => string.Create(CultureInfo.InvariantCulture, $"resp_{Interlocked.Increment(ref _ids):x32}");

    /// <summary>To be asked for when the request is there: its time begins.</summary>
    public StubPace Pace(StubRequest request, int cachedTokens) => new(speed, request, cachedTokens, TimeProvider.System);

    /// <summary>The request finds its replica, whose cache knows its prompt from now on.</summary>
    /// <param name="connection">The replica that the request's socket speaks to; null where it comes over none, or is the first.</param>
    /// <returns>Tokens that the replica had in its cache.</returns>
    public int CachedTokens(StubRequest request, int? connection = null)
    {
        var replica = request.Context.Replica ?? connection ?? _router.Choose(Prefix(request.Context), request.CacheKey);
        request.Context.Replica = replica;
        return _caches[replica].Take(request.Context);
    }

    private static ulong Prefix(StubContext prompt)
    {
        var blocks = prompt.Blocks();
        const int Last = ReplicaPlan.PrefixTokens / PrefixCache.BlockTokens - 1;
        return blocks.Count == 0 ? prompt.Hash : blocks[Math.Min(Last, blocks.Count - 1)];
    }

    /// <summary>The response is complete: what was said belongs to its context.</summary>
    public StubContext Keep(StubRequest request, string id)
    {
        var kept = new StubContext(request.Context);
        StubEvents.Keep(request with { Context = kept });
        if (!request.Stores) return kept;
        _stored[id] = kept;
        _byAge.Enqueue(id);
        if (_byAge.Count > StoredMax && _byAge.TryDequeue(out var oldest)) _stored.TryRemove(oldest, out _);
        return kept;
    }
}
