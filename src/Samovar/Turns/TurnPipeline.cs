#pragma warning disable // outline: bodies follow
using Microsoft.Extensions.Logging;
using Samovar.Accounting;
using Samovar.Chains;
using Samovar.Protocol.Ids;
using Samovar.Routing;

namespace Samovar.Turns;

/// <summary>Takes one request from admission to its one terminal event.</summary>
internal sealed partial class TurnPipeline(
    ModelRouter router, IChainStore store, TurnOptions options, IRequestLog requests, TurnMetrics metrics, IdSource ids, TimeProvider time,
    ILogger<TurnPipeline> logger)
{
    /// <summary>Starts a turn; never throws, a refusal is told by <see cref="RunningTurn.Began"/>.</summary>
    public RunningTurn Begin(TurnRequest request, CancellationToken turnCancelled) =>
        throw new NotSupportedException($"{router}{store}{options}{requests}{metrics}{ids}{time}{logger}{request}{turnCancelled}");

    /// <summary>No new turns from now on; waits for the running ones, and cancels them when <paramref name="deadline"/> comes first.</summary>
    public Task DrainAsync(CancellationToken deadline) => throw new NotSupportedException($"{deadline}");
}
