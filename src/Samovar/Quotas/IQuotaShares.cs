using Samovar.Stores;

namespace Samovar.Quotas;

/// <summary>Gives this node its parts of what may be used on all nodes. A server that stands alone has none of this.</summary>
internal interface IQuotaShares
{
    /// <summary>Nodes that are at work, this one included, as last seen.</summary>
    int Nodes { get; }

    /// <inheritdoc cref="IQuotaRows.ExchangeAsync"/>
    ValueTask<QuotaGrant> AskAsync(QuotaAsk ask, CancellationToken nodeStopping);
}
