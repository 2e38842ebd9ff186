using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Samovar.Bench.Stub;

/// <summary>One account of the bench's own upstream: its stored responses, its prompt cache, its counts. Shared with no other.</summary>
internal sealed class StubAccount(StubSpeed speed)
{
    private const int StoredMax = 200_000;
    private readonly ConcurrentDictionary<string, StubContext> _stored = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _byAge = [];
    private readonly PrefixCache _cache = new();
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

    public int CachedTokens(StubRequest request) => _cache.Take(request.Context);

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
