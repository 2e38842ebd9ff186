using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Server.Auth;
using Samovar.Server.Draining;

namespace Samovar.Server.Page;

/// <summary>The feeds of those who watch: one for operators, one for each other tenant.</summary>
internal sealed class PageFeeds(
    PageSources sources, PageNames names, PageOptions options, ServerLife life, IdSource ids, TimeProvider time, ILogger<PageFeeds> logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PageFeed> _feeds = new(StringComparer.Ordinal); // operators': the empty name
    private readonly Dictionary<TenantId, int> _watchers = [];
    private int _watchersInAll;

    /// <summary>Feeds that are there, watched or not.</summary>
    public int Count { get { lock (_gate) return _feeds.Count; } }

    /// <summary>Joins the feed of what the caller may see.</summary>
    /// <returns>What is to be disposed when it is no longer watched.</returns>
    /// <exception cref="ApiException">Too many watch.</exception>
    public PageWatch Join(Caller caller)
    {
        lock (_gate)
        {
            var own = _watchers.GetValueOrDefault(caller.Tenant);
            if (_watchersInAll >= options.WatchersMax || own >= options.WatchersPerTenantMax)
                throw new ApiException(Errors.ServerOverloaded, RetryAfter, retryAfter: RetryAfter);
            var feed = JoinFeed(caller.IsOperator ? null : caller.Tenant);
            (_watchersInAll, _watchers[caller.Tenant]) = (_watchersInAll + 1, own + 1);
            return new PageWatch(feed, () => Leave(caller.Tenant));
        }
    }

    private PageFeed JoinFeed(TenantId? scope)
    {
        var name = scope?.Value ?? "";
        if (_feeds.TryGetValue(name, out var known) && known.TryJoin()) return known;
        var rows = new TurnRows(names);
        var book = new PageBook(scope, sources, new EndedTurns(scope, sources.Tally, rows, options), rows, names,
            new KvPlaces(options, time, sources.Models) { Warm = WarmOf(scope) }, options, time);
        var feed = _feeds[name] = new PageFeed(scope, book, options, ids.Next(), Forget, time, logger, life.Closing);
        feed.TryJoin();
        return feed;
    }

    private WarmPrefixRows? WarmOf(TenantId? scope) => sources.Prefixes is { } listing ? new WarmPrefixRows(scope, listing) : null;

    private void Leave(TenantId tenant)
    {
        lock (_gate)
        {
            _watchersInAll--;
            if (--_watchers[tenant] == 0) _watchers.Remove(tenant);
        }
    }

    private void Forget(PageFeed feed)
    {
        var name = feed.Scope?.Value ?? "";
        lock (_gate)
            if (_feeds.TryGetValue(name, out var known) && ReferenceEquals(known, feed)) _feeds.Remove(name);
    }
}

/// <summary>A page that watches.</summary>
internal sealed class PageWatch(PageFeed feed, Action left) : IDisposable
{
    private int _isOver;

    public PageFeed Feed => feed;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0) return;
        feed.Leave();
        left();
    }
}
