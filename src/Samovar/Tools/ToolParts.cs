using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Compaction;
using Samovar.Context;
using Samovar.Protocol.Ids;

namespace Samovar.Tools;

/// <summary>What runs of a response with tools are made with.</summary>
/// <param name="Servers">Who runs tools.</param>
/// <param name="Options">Bounds.</param>
/// <param name="Compactor">Compacts conversations, around whoever makes the words.</param>
/// <param name="Windows">Opens what compactions left.</param>
/// <param name="Ids">Names for what is new.</param>
/// <param name="Metrics">What is counted of calls.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">For calls and their faults.</param>
internal sealed record ToolParts(
    IToolServers Servers, ToolOptions Options, Compactor Compactor, WindowOpener Windows, IdSource Ids, ToolMetrics Metrics,
    TimeProvider Time, ILogger Logger)
{
    /// <summary>One round of the model.</summary>
    public IAsyncEnumerable<BackendEvent> InnerAsync(IBackend backend, BackendTurn turn, CancellationToken turnCancelled) =>
        Compactor.RunAsync(backend, turn, turnCancelled);
}
