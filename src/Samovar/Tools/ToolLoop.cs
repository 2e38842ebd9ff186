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
        var (offer, before, split) = Seen(turn);
        var seen = turn with
        {
            Context = split is null ? turn.Context : SeenChain.Ahead(turn.Context, before, split), Tools = offer.Tools,
            Comparison = SeenChain.Of(turn.Comparison).Node,
        };
        var approvals = ServedApprovals.Of(turn, before, split, offer);
        if ((!offer.IsServing && approvals.Count == 0) || turn.Request.Compacts) return compactor.RunAsync(backend, seen, turnCancelled);
        var round = new ToolRun(_parts, backend, turn, offer, before, split ?? SplitOf(turn, before), approvals, fold(turn.Tools));
        return round.RunAsync(turnCancelled);
    }

    /// <summary>The turn as its backend would count it: with the tools that are known without asking anybody.</summary>
    public BackendTurn ForCount(IBackend backend, BackendTurn turn)
    {
        if (backend.RunsHostedTools(turn)) return turn;
        var (offer, before, split) = Seen(turn);
        return turn with { Context = split is null ? turn.Context : SeenChain.Ahead(turn.Context, before, split), Tools = offer.Tools };
    }

    private (ToolOffer Offer, SeenChain Before, RoundSplit? Split) Seen(BackendTurn turn)
    {
        var offer = new ToolOffer(turn, servers, options);
        var before = SeenChain.Of(turn.Context.Parent);
        if (turn.Context.Parent?.HasServerItems != true && !ServerItems.AreIn(turn.Context.Input)) return (offer, before, null);
        var split = SplitOf(turn, before);
        offer.Fill(split.Lists);
        return (offer, before, split);
    }

    private static RoundSplit SplitOf(BackendTurn turn, SeenChain before)
    {
        var split = before.Split();
        split.AddInput(turn.Context.Input, turn.Context.InputStart);
        return split;
    }
}
