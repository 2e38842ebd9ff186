using Microsoft.Extensions.Logging;
using Samovar.Stores;

namespace Samovar.Quotas;

/// <summary>What is used of all quotas at this node, and what goes to and from the other nodes about it.</summary>
/// <remarks>
/// Over several nodes the quotas stand in the database that they share. A node takes a grant from them, small against the quota, and asks
/// nobody while it lasts; what it does not need it gives back. So all nodes together pass what one would by their grants at most. Where the
/// database does not answer, each node goes on with an even share.
/// </remarks>
/// <param name="shares">Null: this node has all of every quota.</param>
internal sealed partial class QuotaUses(
    QuotaOptions options, QuotaMetrics metrics, TimeProvider time, ILogger<QuotaUses> logger, IQuotaShares? shares = null)
    : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<QuotaOwner, QuotaUse> _uses = [];
    private readonly CancellationTokenSource _nodeStopping = new(); // never disposed: no timer, no link
    private int _isAway;

    /// <summary>Whether other nodes use the same quotas.</summary>
    public bool AreShared => shares is not null;

    /// <summary>Owners that are remembered.</summary>
    public int Count { get { lock (_gate) return _uses.Count; } }

    /// <summary>For a turn that begins.</summary>
    public QuotaUse UseOf(QuotaOwner owner)
    {
        lock (_gate)
        {
            if (!_uses.TryGetValue(owner, out var use)) _uses[owner] = use = new QuotaUse(owner, shares, options, time);
            use.Touch(); // it is not forgotten for a while
            return use;
        }
    }

    /// <summary>Null where nothing of it matters any more.</summary>
    public QuotaUse? Find(QuotaOwner owner)
    {
        lock (_gate) return _uses.GetValueOrDefault(owner);
    }

    /// <summary>Begins a question that nobody waits for, where nobody answered so far and it is time to ask again.</summary>
    public void TryAgain(QuotaUse use)
    {
        if (use.IsToTry) use.Ask(AskAsync);
    }

    /// <summary>Begins a question that nobody waits for, where there is something to tell.</summary>
    public void Tell(QuotaUse use)
    {
        if (use.HasToTell) use.Ask(AskAsync);
    }

    /// <summary>Asks for more, and ends with the answer; or when that takes too long, and this node goes on with its even share.</summary>
    public async Task AnswerAsync(QuotaUse use, CancellationToken turnEnds)
    {
        use.Wait();
        try
        {
            use.Ask(AskAsync);
            await use.Asking.WaitAsync(options.AnswerMax, time, turnEnds);
        }
        catch (TimeoutException)
        {
            use.GoOnAlone();
            metrics.Asked("late");
        }
        finally
        {
            use.Waited();
        }
    }

    /// <summary>To be called every second or so: tells what was used, gives back what is not needed, forgets what is over.</summary>
    public void Tend()
    {
        List<QuotaUse> uses;
        lock (_gate)
        {
            uses = [.. _uses.Values];
            foreach (var use in uses)
                if (use.IsOver) _uses.Remove(use.Owner);
        }
        foreach (var use in uses) Tell(use);
    }

    /// <summary>Ends what is being asked.</summary>
    public async ValueTask DisposeAsync()
    {
        _nodeStopping.Cancel();
        await IdleAsync();
    }

    /// <summary>Ends when what is being asked now is answered.</summary>
    public async Task IdleAsync()
    {
        List<QuotaUse> uses;
        lock (_gate) uses = [.. _uses.Values];
        foreach (var use in uses) await use.Asking;
    }

    /// <summary>Never faults: a database that does not answer is a state.</summary>
    private async Task AskAsync(QuotaUse use)
    {
        await Task.Yield(); // whoever begins it holds a lock
        await ExchangeAsync(use);
        if (use.HasToGiveBack) await ExchangeAsync(use);
    }

    private async Task ExchangeAsync(QuotaUse use)
    {
        var ask = use.TakeAsk();
        try
        {
            use.Take(ask, await shares!.AskAsync(ask, _nodeStopping.Token));
            metrics.Asked("answered");
            if (Interlocked.Exchange(ref _isAway, 0) != 0) Log.Shared(logger);
        }
        catch (Exception exception) // a unit of work
        {
            use.NotTold(ask);
            metrics.Asked("failed");
            if (!_nodeStopping.IsCancellationRequested && Interlocked.Exchange(ref _isAway, 1) == 0)
                Log.NotShared(logger, shares!.Nodes, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2601, LogLevel.Warning, "What tenants and destinations may take cannot be shared with the other nodes now; "
            + "this one goes on with an even share among {Nodes}: {Reason}")]
        public static partial void NotShared(ILogger logger, int nodes, string reason);

        [LoggerMessage(2602, LogLevel.Information, "What tenants and destinations may take is shared with the other nodes again")]
        public static partial void Shared(ILogger logger);
    }
}
