namespace Samovar.Stores;

/// <summary>What is used of quotas on all nodes that share a database.</summary>
public interface IQuotaRows
{
    /// <summary>Whether there are such nodes at all: a file is one process's.</summary>
    bool IsShared { get; }

    /// <summary>Tells what this node used, and takes a part of what is left. One statement; what it grants is taken.</summary>
    /// <param name="life">The node, in the life that it lives now: what is lent to it is void when that is over.</param>
    /// <exception cref="StoreAwayException">The database cannot be reached now: nobody knows whether it was told.</exception>
    ValueTask<QuotaGrant> ExchangeAsync(Incarnation life, QuotaAsk ask, CancellationToken caller);
}

/// <summary>What a node tells and asks of one owner's quotas.</summary>
public sealed record QuotaAsk(QuotaOwner Owner, RateAsk Requests, RateAsk Tokens, TurnsAsk Turns);

/// <param name="Limit">In a minute; 0: there is none, and nothing is counted.</param>
/// <param name="Used">Beyond what was granted; below 0 what was granted and is given back.</param>
/// <param name="Wanted">At most so much is granted.</param>
public readonly record struct RateAsk(long Limit, double Used, long Wanted);

/// <param name="Limit">At once; 0: there is none.</param>
/// <param name="InUse">Turns that this node has now.</param>
/// <param name="Wanted">How many it would like to be lent in all; fewer than before gives some back.</param>
/// <param name="Presses">
/// Where it has less than its even share and gets fewer than so many, those that have more are asked to give some back; 0: they are not.
/// </param>
public readonly record struct TurnsAsk(int Limit, int InUse, int Wanted, int Presses = 0);

/// <param name="Requests">That are this node's now, beside those that it had.</param>
/// <param name="Tokens">Likewise.</param>
/// <param name="Turns">All that are lent to this node; never fewer than it has in use.</param>
/// <param name="RequestsUsed">Of all nodes: what was granted to them and has not come back with time.</param>
/// <param name="TokensUsed">Likewise.</param>
/// <param name="IsPressed">Whether another node has less than its even share of turns, and waits for more.</param>
public sealed record QuotaGrant(
    long Requests, long Tokens, int Turns, double RequestsUsed, double TokensUsed, bool IsPressed = false);
