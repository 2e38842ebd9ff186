using System.Collections.Concurrent;
using Samovar.Quotas;
using Samovar.Stores;

namespace Samovar.Gateway.Destinations;

/// <summary>Which destinations' limits hold over all nodes; a server that stands alone has none of this.</summary>
/// <param name="areOnOneMachine">Whether all nodes are on one machine: else a loopback address is another place at each of them.</param>
internal sealed class DestinationShares(QuotaUses uses, bool areOnOneMachine)
{
    private readonly ConcurrentDictionary<QuotaOwner, DestinationShare> _all = [];

    /// <param name="answered">Called when more may have been granted.</param>
    public DestinationShare? Of(DestinationOptions options, Action answered)
    {
        var address = new Uri(options.BaseUrl);
        if (address.IsLoopback && !areOnOneMachine) return null;
        return _all.GetOrAdd(QuotaOwner.OfDestination(options.Name, address), owner => new DestinationShare(uses, owner, answered));
    }

    /// <summary>Ends when what is being asked now is answered, and those who wait for it know.</summary>
    public Task IdleAsync() => Task.WhenAll(_all.Values.Select(static share => share.Answer));
}

/// <summary>This node's part of a destination's limits, which all nodes share. Safe for all threads.</summary>
/// <remarks>
/// The same grants as those of tenants' quotas (<see cref="QuotaUses"/>). A destination's own windows go on beside it, so no node alone
/// passes the limit in any minute.
/// </remarks>
internal sealed class DestinationShare(QuotaUses uses, QuotaOwner owner, Action answered)
{
    private static readonly TimeSpan PlaceWait = TimeSpan.FromSeconds(1); // another turn's end is not foreseen
    private readonly Lock _gate = new();
    private Task _answer = Task.CompletedTask;

    /// <summary>The question that is under way.</summary>
    public Task Answer { get { lock (_gate) return _answer; } }

    /// <summary>Takes a turn's place and its request, or says why not.</summary>
    /// <param name="unread">Turns whose answers nobody reads: their places another may have.</param>
    public Refusal? TryEnter(DestinationOptions limits, int unread)
    {
        var use = uses.UseOf(owner);
        uses.TryAgain(use);
        if (use.TryEnter(QuotaOf(limits), unread) is not { } refusal) return null;
        return Refused(refusal) with { Answer = refusal.MayAsk ? Ask(use) : null };
    }

    /// <summary>Why no turn may begin, as far as is known without a question.</summary>
    public Refusal? RefusalOf(DestinationOptions limits) =>
        uses.Find(owner)?.RefusalOf(QuotaOf(limits)) is { } refusal ? Refused(refusal) : null;

    public void Leave(TimeSpan turnTime, int unread)
    {
        if (uses.Find(owner) is not { } use) return;
        use.Leave(turnTime, unread);
        uses.Tell(use);
    }

    public void Repeated() => uses.Find(owner)?.UseRequest();

    public void Used(long tokens)
    {
        if (uses.Find(owner) is not { } use) return;
        use.UseTokens(tokens);
        uses.Tell(use);
    }

    /// <summary>How many places this node may come to have, as far as it knows. For a turn that looks for one: while any do, this node goes
    /// on asking for what it is short of.</summary>
    public int Reach(int places)
    {
        if (places == 0 || uses.Find(owner) is not { } use) return places;
        use.Touch();
        return use.Reach(places);
    }

    /// <summary>What all nodes have left of the rates.</summary>
    public (RateLeft? Requests, RateLeft? Tokens) Left(DestinationOptions limits) => uses.Find(owner)?.Left(QuotaOf(limits)) ?? default;

    /// <summary>A question is asked once, whoever waits for it; it ends within <see cref="QuotaOptions.AnswerMax"/>.</summary>
    private Task Ask(QuotaUse use)
    {
        lock (_gate) return _answer.IsCompleted ? _answer = AnswerAsync(use) : _answer;
    }

    private async Task AnswerAsync(QuotaUse use)
    {
        await Task.Yield(); // whoever asks holds locks
        await uses.AnswerAsync(use, CancellationToken.None); // it is the destination's question: a turn that leaves does not end it
        answered();
    }

    private static Refusal Refused(QuotaRefusal refusal) => refusal.Quota switch
    {
        QuotaNames.Requests => new Refusal(RefusalReason.RequestsPerMinute, refusal.Wait),
        QuotaNames.Tokens => new Refusal(RefusalReason.TokensPerMinute, refusal.Wait),
        _ => new Refusal(RefusalReason.InFlight, PlaceWait),
    };

    private static Quota QuotaOf(DestinationOptions limits) => new(
        limits.RequestsPerMinute is > 0 and var requests ? requests : null,
        limits.TokensPerMinute is > 0 and var tokens ? tokens : null,
        limits.InFlightMax is > 0 and var places ? places : null);
}
