using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Quotas;

namespace Samovar.Prefixes;

/// <summary>The prefixes that somebody has warmed: each is computed once, kept while it is used and for a time of its own after, and then
/// given back. Safe for all threads.</summary>
/// <remarks>
/// (1) A prefix takes a place before it is computed: of the server's, of its tenant's, and its name. (2) Who asks for one that is just
/// computed waits for that; for one that is warm it is looked at again, which computes what was lost. Computing goes on without the one who
/// asked, until it is dropped, and the quotas of whoever began it are charged for it, however it ends. (3) A look at all of them gives
/// back those whose time is over, and computes again those whose model was unloaded and is there again. (4) Where that is another one by
/// now, the prefix is none any more; one that the settings name is named to whoever plans those.
/// </remarks>
internal sealed partial class PrefixTable : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);
    private readonly Lock _lock = new();
    private readonly Dictionary<PrefixId, WarmedPrefix> _all = [];
    private readonly PrefixesOptions _options;
    private readonly PrefixNames _names;
    private readonly TimeProvider _time;
    private readonly PrefixMetrics _metrics;
    private readonly ILogger _logger;
    private readonly ITimer _looking;
    private readonly Channel<string> _outdated;
    private (long Turns, long Hits) _usesBefore; // of those that are gone
    private bool _isClosed;

    public PrefixTable(
        PrefixesOptions options, PrefixNames names, TimeProvider time, PrefixMetrics metrics, ILogger<PrefixTable> logger)
    {
        (_options, _names, _time, _metrics, _logger) = (options, names, time, metrics, logger);
        _outdated = Channel.CreateBounded<string>(options.CountMax); // each once: it has no prefix until it is planned
        metrics.Watch(Figures, options.CountMax);
        _looking = time.CreateTimer(static table => ((PrefixTable)table!).Look(), this, Timeout.InfiniteTimeSpan, LookEvery);
    }

    /// <summary>Prefixes of the settings, by their names there, whose model is another one now. :: 4</summary>
    public ChannelReader<string> Outdated => _outdated.Reader;

    /// <summary>Warms a prefix and keeps it.</summary>
    /// <exception cref="ApiException">There is no place for it, its name is another's, or it could not be computed.</exception>
    public async Task<(WarmedPrefix Prefix, PrefixWarmth Warmth)> WarmAsync(PrefixWish wish, CancellationToken caller)
    {
        WarmedPrefix prefix;
        Task<PrefixWarmth> warming;
        var isBegun = false;
        try
        {
            lock (_lock)
            {
                prefix = Take(wish); // :: 1
                isBegun = prefix.Warming is null;
                warming = Begin(prefix, wish.Quota);
            }
            return (prefix, await warming.WaitAsync(caller));
        }
        finally
        {
            if (!isBegun) wish.Quota?.LetGo(); // whoever began it pays
        }
    }

    /// <summary>A tenant's, the newest first.</summary>
    /// <param name="tenant">Null: everybody's.</param>
    public IReadOnlyList<WarmedPrefix> Of(TenantId? tenant)
    {
        LetGo();
        lock (_lock)
            return [.. _all.Values.Where(one => tenant is null || one.Owner.Tenant == tenant).OrderByDescending(one => one.CreatedAt)];
    }

    /// <summary>A tenant's own; null where it has none of that id.</summary>
    public WarmedPrefix? Find(TenantId tenant, PrefixId id)
    {
        LetGo();
        lock (_lock) return _all.TryGetValue(id, out var found) && found.Owner.Tenant == tenant ? found : null;
    }

    /// <summary>Gives one of a tenant's own back; false where it has none of that id.</summary>
    public bool Drop(TenantId tenant, PrefixId id)
    {
        lock (_lock)
        {
            if (!_all.TryGetValue(id, out var found) || found.Owner.Tenant != tenant) return false;
            End(found, "deleted");
        }
        return true;
    }

    public void Dispose()
    {
        _looking.Dispose();
        lock (_lock)
        {
            _isClosed = true;
            foreach (var prefix in _all.Values) prefix.Dispose();
            _all.Clear();
        }
    }

    private WarmedPrefix Take(PrefixWish wish)
    {
        if (_isClosed) throw new ApiException(Errors.ServerStopping);
        var (plan, owner) = (wish.Plan, wish.Owner);
        var id = _names.Of(owner.Tenant, plan.Model, plan.Identity, plan.Path.ToArray());
        _all.TryGetValue(id, out var known);
        if (wish.Name is { } name && _all.Values.Any(one => one.Owner.Tenant == owner.Tenant && one.Name == name && one.Id != id))
            throw new ApiException(Errors.DuplicateName, ["name", name], "name");
        if (known is null)
        {
            RequirePlace(owner.Tenant);
            if (_all.Count == 0) _looking.Change(LookEvery, LookEvery); // nobody looks for what nobody warmed
            _all[id] = known = new WarmedPrefix(id, wish.Keeper, plan, owner, _time.GetUtcNow())
            {
                Name = wish.Name, Keep = wish.Keep, Setting = wish.IsConfigured ? wish.Name : null,
            };
            return known;
        }
        known.Owner = owner with { IsStored = known.Owner.IsStored }; // what is written already cannot be taken back, nor the other way
        (known.Name, known.Keep) = (wish.Name ?? known.Name, known.IsConfigured ? known.Keep : wish.Keep);
        return known;
    }

    private void RequirePlace(TenantId tenant)
    {
        LetGoLocked();
        var own = _all.Values.Count(one => one.Owner.Tenant == tenant);
        // How many others have is nobody's affair: the tenant's own are named even where the server is full.
        if (own >= _options.TenantMax || _all.Count >= _options.CountMax) throw new ApiException(Errors.PrefixesFull, own, "request");
    }

    /// <summary>:: 2</summary>
    private Task<PrefixWarmth> Begin(WarmedPrefix prefix, QuotaHold? quota = null) => prefix.Warming ??= RunAsync(prefix, quota);

    private async Task<PrefixWarmth> RunAsync(WarmedPrefix prefix, QuotaHold? quota)
    {
        await Task.Yield(); // out of the lock
        var (began, computed) = (_time.GetTimestamp(), 0);
        try
        {
            var warmth = await prefix.Keeper.WarmAsync(prefix.Plan, prefix.Owner, tokens => computed = tokens, prefix.Dropped);
            lock (_lock)
            {
                prefix.Warming = null;
                prefix.Hold(warmth.Kept);
                if (prefix.Dropped.IsCancellationRequested) prefix.Dispose(); // it had no state to give back then
            }
            _metrics.Warmed(_time.GetElapsedTime(began), "warmed", warmth.ComputedTokens);
            Log.Warmed(_logger, prefix.Id.Value, prefix.Plan.Path.Length, warmth.ComputedTokens, warmth.Source);
            return warmth;
        }
        catch (OperationCanceledException) when (prefix.Dropped.IsCancellationRequested)
        {
            _metrics.Warmed(_time.GetElapsedTime(began), "dropped", computed: 0);
            throw new ApiException(Errors.PrefixDropped, prefix.Id);
        }
        catch (Exception fault) // one prefix: whoever asked for it hears of it, and whoever begins with it computes it
        {
            _metrics.Warmed(_time.GetElapsedTime(began), "failed", computed: 0);
            Log.NotWarmed(_logger, prefix.Id.Value, fault.Message);
            lock (_lock)
            {
                prefix.Warming = null;
                var isOurs = _all.TryGetValue(prefix.Id, out var now) && ReferenceEquals(now, prefix);
                // What was warm once, and meets an engine that is busy for now, is looked at again until its time is over.
                var isLater = prefix.IsLost && fault is ApiException { Kind.Retryable: true };
                if (isOurs && !isLater && prefix is { Kept: null or { IsOver: true }, IsConfigured: false }) Forget(prefix);
                if (isOurs && prefix is { IsLost: true, Setting: { } setting } && fault is ApiException { Kind: var kind }
                    && kind == Errors.ModelNotFound) // :: 4
                {
                    Forget(prefix);
                    _outdated.Writer.TryWrite(setting);
                }
            }
            throw;
        }
        finally
        {
            quota?.End(computed); // before those who wait learn of its end
        }
    }

    private void LetGo()
    {
        lock (_lock) LetGoLocked();
    }

    private void LetGoLocked()
    {
        var now = _time.GetUtcNow();
        foreach (var prefix in _all.Values.Where(one => one.ExpiresAt <= now).ToArray())
        {
            End(prefix, "expired");
            Log.Expired(_logger, prefix.Id.Value);
        }
    }

    private void End(WarmedPrefix prefix, string reason)
    {
        Forget(prefix);
        prefix.Dispose();
        _metrics.Ended(reason);
    }

    private void Forget(WarmedPrefix prefix)
    {
        _all.Remove(prefix.Id);
        var (turns, hits) = prefix.Uses;
        _usesBefore = (_usesBefore.Turns + turns, _usesBefore.Hits + hits);
    }

    private PrefixFigures Figures()
    {
        lock (_lock)
        {
            var (kept, tokens, turns, hits) = (0, 0L, _usesBefore.Turns, _usesBefore.Hits);
            foreach (var prefix in _all.Values)
            {
                (turns, hits) = (turns + prefix.Uses.Turns, hits + prefix.Uses.Hits);
                if (prefix.Kept is null or { IsOver: true }) continue;
                (kept, tokens) = (kept + 1, tokens + prefix.Plan.Path.Length);
            }
            return new PrefixFigures(kept, tokens, turns, hits);
        }
    }

    /// <summary>:: 3</summary>
    private void Look()
    {
        List<WarmedPrefix> lost;
        lock (_lock)
        {
            if (_isClosed) return;
            LetGoLocked();
            lost = [.. _all.Values.Where(static one => one is { IsLost: true, Warming: null } && one.Keeper.IsLoaded(one.Plan.Model))];
            foreach (var prefix in lost) prefix.Warming = Begin(prefix);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(7301, LogLevel.Information,
            "{Prefix} is warm: {Tokens} tokens, {Computed} of them computed, the others from {Source}")]
        public static partial void Warmed(ILogger logger, string prefix, int tokens, int computed, Engine.CacheSource source);

        [LoggerMessage(7302, LogLevel.Information, "{Prefix} is no longer kept: nobody has used it for its time")]
        public static partial void Expired(ILogger logger, string prefix);

        [LoggerMessage(7303, LogLevel.Warning, "{Prefix} could not be warmed: {Reason}")]
        public static partial void NotWarmed(ILogger logger, string prefix, string reason);
    }
}

/// <summary>A prefix that is to be warmed and kept.</summary>
/// <param name="Name">What its tenant calls it; null: nothing new.</param>
/// <param name="Keep">How long it is kept beyond its last use; null: as long as the server runs.</param>
internal sealed record PrefixWish(IPrefixKeeping Keeper, PrefixPlan Plan, PrefixOwner Owner, string? Name, TimeSpan? Keep)
{
    /// <summary>Whether the settings name it.</summary>
    public bool IsConfigured { get; init; }

    /// <summary>What its tenant's quotas gave for it; null: they do not count it.</summary>
    public QuotaHold? Quota { get; init; }
}
