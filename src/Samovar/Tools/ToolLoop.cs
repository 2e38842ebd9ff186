using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Compaction;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Tools;

/// <summary>Runs turns whose tools run here, until their model has nothing more to call; all others go on as they are.</summary>
/// <remarks>
/// A backend sees conversations as if clients had run all calls (<see cref="SeenChain"/>), so every round of a response is to it a turn
/// that continues the one before: its state is kept from round to round.
/// </remarks>
internal sealed class ToolLoop(
    IToolServers servers, ToolOptions options, Compactor compactor, WindowOpener windows, IdSource ids, ToolMetrics metrics,
    TimeProvider time, ILogger<ToolLoop> logger)
{
    private readonly ToolParts _parts = new(servers, options, compactor, windows, ids, metrics, time, logger);

    /// <summary>The turn at work, behind what compacts conversations.</summary>
    /// <param name="backend">Who makes the words.</param>
    /// <param name="turn">The turn as its client asked for it.</param>
    /// <param name="fold">Makes items of events, with the tools that it is given.</param>
    /// <param name="turnCancelled">Ends calls, too.</param>
    /// <exception cref="ApiException">A tool runs nowhere, or an approval is of no use.</exception>
    public IAsyncEnumerable<BackendEvent> RunAsync(
        IBackend backend, BackendTurn turn, Func<ToolList, IItemFold> fold, CancellationToken turnCancelled)
    {
        if (backend.RunsHostedTools(turn)) return compactor.RunAsync(backend, turn, turnCancelled);
        var (seen, offer, before, split) = Seen(turn);
        var approvals = ServedApprovals.Of(turn, before, split, offer);
        ServedApprovals.Count(turn.Context, before, offer, metrics);
        if ((!offer.IsServing && approvals.Count == 0) || turn.Request.Compacts) return compactor.RunAsync(backend, seen, turnCancelled);
        split ??= before.Split(turn.Context.Input, turn.Context.InputStart);
        return new ToolRun(_parts, backend, turn, offer, before, split, approvals, fold(turn.Tools)).RunAsync(turnCancelled);
    }

    /// <summary>The turn as its backend would count it: with the tools that are known without asking anybody.</summary>
    public BackendTurn ForCount(IBackend backend, BackendTurn turn) => backend.RunsHostedTools(turn) ? turn : Seen(turn).Turn;

    /// <summary>The turn as its backend sees it when it begins a conversation: its servers are asked for their tools.</summary>
    /// <exception cref="ApiException">A tool runs nowhere, or its server does not say what it has.</exception>
    public async Task<BackendTurn> ForPrefixAsync(IBackend backend, BackendTurn turn, CancellationToken caller)
    {
        if (backend.RunsHostedTools(turn)) return turn;
        var (seen, offer, _, split) = Seen(turn);
        if (!offer.IsServing) return seen;
        var lists = split?.Lists ?? default;
        await using var calls = new ServerCalls(_parts, turn, caller);
        foreach (var server in offer.Servers.Where(server => lists.Find(server.Label) is null))
            lists = lists.With(server.Label, await ListAsync(calls, server));
        offer.Fill(lists);
        return seen with { Tools = offer.Tools, Request = ServedChoice.Applied(turn.Request, offer, isFirst: true, isLast: false) };
    }

    private static async Task<Item> ListAsync(ServerCalls calls, McpTool server)
    {
        try
        {
            return ItemReader.ReadOrKeep(McpJson.List("", server.Label, await calls.ListAsync(server), null), ProtocolLimits.Peer);
        }
        catch (ToolServerException failed)
        {
            throw new ApiException(Errors.ToolListFailed, [failed.Message, server.Label], server.Param, cause: failed);
        }
    }

    /// <summary>The turn as its backend sees it.</summary>
    private (BackendTurn Turn, ToolOffer Offer, SeenChain Before, RoundSplit? Split) Seen(BackendTurn turn)
    {
        var offer = new ToolOffer(turn, servers, options);
        var (before, split, context) = SeenContext.Of(turn.Context);
        offer.Fill(split?.Lists ?? default);
        var seen = turn with { Context = context, Tools = offer.Tools, Comparison = SeenChain.Of(turn.Comparison).Node };
        return (seen, offer, before, split);
    }
}
