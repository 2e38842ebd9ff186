using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Compaction;
using Samovar.Context;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;

namespace Samovar.Tools;

/// <summary>Runs turns whose tools run here, until their model has nothing more to call; all others go on as they are.</summary>
/// <remarks>
/// A backend sees conversations as if clients had run all calls (<see cref="SeenChain"/>), so every round of a response is to it a turn
/// that continues the one before: its state is kept from round to round.
/// </remarks>
internal sealed class ToolLoop(
    IToolServers servers, ToolOptions options, Compactor compactor, WindowOpener windows, IdSource ids, TimeProvider time,
    ILogger<ToolLoop> logger)
{
    private readonly ToolParts _parts = new(servers, options, compactor, windows, ids, time, logger);

    /// <summary>The turn at work, behind what compacts conversations.</summary>
    /// <param name="backend">Who makes the words.</param>
    /// <param name="turn">The turn as its client asked for it.</param>
    /// <param name="fold">Makes items of events, with the tools that it is given.</param>
    /// <param name="turnCancelled">Ends calls, too.</param>
    /// <exception cref="Protocol.Errors.ApiException">A tool runs nowhere, or an approval is of no use.</exception>
    public IAsyncEnumerable<BackendEvent> RunAsync(
        IBackend backend, BackendTurn turn, Func<ToolList, IItemFold> fold, CancellationToken turnCancelled)
    {
        if (backend.RunsHostedTools(turn)) return compactor.RunAsync(backend, turn, turnCancelled);
        var (seen, offer, before, split) = Seen(turn);
        var approvals = ServedApprovals.Of(turn, before, split, offer);
        if ((!offer.IsServing && approvals.Count == 0) || turn.Request.Compacts) return compactor.RunAsync(backend, seen, turnCancelled);
        split ??= before.Split(turn.Context.Input, turn.Context.InputStart);
        return new ToolRun(_parts, backend, turn, offer, before, split, approvals, fold(turn.Tools)).RunAsync(turnCancelled);
    }

    /// <summary>The turn as its backend would count it: with the tools that are known without asking anybody.</summary>
    public BackendTurn ForCount(IBackend backend, BackendTurn turn) => backend.RunsHostedTools(turn) ? turn : Seen(turn).Turn;

    /// <summary>The turn as its backend sees it.</summary>
    private (BackendTurn Turn, ToolOffer Offer, SeenChain Before, RoundSplit? Split) Seen(BackendTurn turn)
    {
        var offer = new ToolOffer(turn, servers, options);
        var (before, split, context) = SeenContext.Of(turn.Context);
        if (split is not null) offer.Fill(split.Lists);
        var seen = turn with { Context = context, Tools = offer.Tools, Comparison = SeenChain.Of(turn.Comparison).Node };
        return (seen, offer, before, split);
    }
}
