using System.Runtime.CompilerServices;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Tools;

/// <summary>One response with calls that run here.</summary>
/// <remarks>
/// (1) Lists of tools that are not in the conversation are imported. (2) Calls that the user has approved run, all at the same time.
/// (3) The model speaks; its calls run. (4) Where it called and nothing is left to the client, it speaks again behind the results, on the
/// state that it left: its backend computes what is new. (5) The end has the usage and the cache's account of all rounds, and the state of
/// the last.
/// </remarks>
internal sealed class ToolRun(
    ToolParts house, IBackend backend, BackendTurn turn, ToolOffer offer, SeenChain before, RoundSplit first, IReadOnlyList<Item> approvals,
    IItemFold fold)
{
    private readonly bool _wantsSources = turn.Request.Include.Contains("web_search_call.action.sources", StringComparer.Ordinal);
    private ServerItemMap _lists = first.Lists;
    private SeenChain _seen = before;
    private Usage _spent = Usage.Zero;
    private ChainNode? _held; // the newest round's response: its state is ours until the end has it
    private readonly RoundsCache _cache = new();
    private int _rounds, _itemsTaken;
    private bool _isOver;

    public async IAsyncEnumerable<BackendEvent> RunAsync([EnumeratorCancellation] CancellationToken turnCancelled)
    {
        await using var calls = new ServerCalls(house, turn, turnCancelled);
        var isAccepted = false;
        try
        {
            var unlisted = offer.Servers.Where(server => _lists.Find(server.Label) is null).ToList();
            if (unlisted.Count > 0 || approvals.Count > 0)
            {
                isAccepted = true;
                yield return new BackendEvent.Accepted(NameOf(backend, turn));
            }
            foreach (var server in unlisted) // :: 1
                await foreach (var e in ListAsync(server, calls)) yield return Noted(e);
            offer.Fill(_lists);
            await foreach (var e in RunApprovedAsync(calls)) yield return Noted(e); // :: 2
            first.AddOutput(fold.Output);
            var context = SeenContext.Ahead(turn.Context, _seen, first);
            while (true)
            {
                var isLast = calls.AreUsedUp;
                var round = new RoundEvents(offer, calls, turn.Tools, _wantsSources, house.Ids);
                BackendEvent.Finished? finished = null;
                turn.Report.Spent = Usage.Zero;
                var speaking = house.InnerAsync(backend, Inner(context, isLast), turnCancelled);
                await using (var events = speaking.GetAsyncEnumerator(turnCancelled))
                {
                    while (await events.MoveNextAsync()) // :: 3
                    {
                        if (events.Current is BackendEvent.Finished end) finished = Take(end);
                        else if (events.Current is not BackendEvent.Accepted accepted) round.Take(events.Current);
                        else if (!isAccepted)
                        {
                            isAccepted = true;
                            yield return accepted;
                        }
                        while (round.Ready() is { } ready) yield return Noted(ready);
                    }
                }
                turn.Report.Spent = Usage.Zero; // it is in the sum
                while (await round.NextAsync() is { } e) yield return Noted(e);
                if (finished is null) throw new InvalidOperationException("A backend ended without saying so.");
                context = Continue(finished);
                var isOpen = round.HasCalled && !round.IsLeftToClient && finished.IncompleteReason is null;
                var cut = !isOpen ? finished.IncompleteReason : turn.EndsEarly.IsCancellationRequested ? BackendEvent.Steered
                    : IsSpent ? "max_output_tokens" : null;
                if (isOpen && cut is null && !isLast) continue; // :: 4
                yield return End(finished, cut); // :: 5
                yield break;
            }
        }
        finally
        {
            _held?.LetGo();
            _cache.Report(turn.Report);
            if (!_isOver) turn.Report.Spent = _spent.Plus(turn.Report.Spent);
        }
    }

    private bool IsSpent => turn.Request.MaxOutputTokens is > 0 and var max && _spent.OutputTokens >= max;

    private BackendEvent Noted(BackendEvent e)
    {
        fold.Add(e);
        return e;
    }

    private async IAsyncEnumerable<BackendEvent> ListAsync(McpTool server, ServerCalls calls)
    {
        var id = RoundId.New(house.Ids).Name("mcpl_", server.Label);
        foreach (var e in ServedEvents.ListBegun(id, server)) yield return e;
        var (tools, error) = await ListedAsync(server, calls);
        foreach (var e in ServedEvents.ListOver(id, server, tools, error)) yield return e;
        if (error is not null) throw new ApiException(Errors.ToolListFailed, [error, server.Label], server.Param);
        _lists = _lists.With(server.Label, fold.Output[^1]);
    }

    private static async Task<(IReadOnlyList<ListedTool> Tools, string? Error)> ListedAsync(McpTool server, ServerCalls calls)
    {
        try
        {
            return (await calls.ListAsync(server), null);
        }
        catch (ToolServerException failed)
        {
            return ([], failed.Message);
        }
    }

    /// <summary>They run at the same time; a response has one open item at a time.</summary>
    private async IAsyncEnumerable<BackendEvent> RunApprovedAsync(ServerCalls calls)
    {
        List<ServedItem> items = [.. approvals.Select(Approved)]; // all of them may run, or none does
        List<Task<ServedOutcome>> outcomes = [.. items.Select(calls.Start)];
        foreach (var (item, outcome) in items.Zip(outcomes))
        {
            foreach (var e in ServedEvents.ApprovedBegun(item)) yield return e;
            foreach (var e in ServedEvents.Over(item, await outcome, wantsSources: false)) yield return e;
        }
    }

    private ServedItem Approved(Item request)
    {
        var tool = ServedApprovals.ToolOf(request, offer);
        var id = RoundId.New(house.Ids).Name("mcp_", ServedCall.CallIdOf(request.Id!));
        return new ServedItem(id, tool, request.Json.Text("arguments"u8) ?? "{}", request.Id);
    }

    /// <summary>The turn of one round, as its backend sees it.</summary>
    private BackendTurn Inner(TurnContext context, bool isLast)
    {
        var request = ServedChoice.Applied(turn.Request, offer, isFirst: _rounds == 0, isLast);
        if (turn.Request.MaxOutputTokens is > 0 and var max)
            request = ServedChoice.Bounded(request, Math.Max(1, max - _spent.OutputTokens));
        if (_rounds > 0) request = request with { ContinuesAnswer = false };
        return turn with
        {
            Context = context, Tools = offer.Tools, Request = request, KeepsSettings = false,
            Comparison = SeenChain.Of(turn.Comparison).Node,
        };
    }

    private BackendEvent.Finished Take(BackendEvent.Finished end)
    {
        var node = new ChainNode // first of all, so that its state is given back whatever comes
        {
            Tenant = turn.Tenant, Id = turn.Id, Parent = null, Input = _rounds == 0 ? turn.Context.Input : [], State = end.State, Bytes = 0,
            Response = new Response
            {
                Id = turn.Id, CreatedAt = house.Time.GetUtcNow(), Status = ResponseStatus.Completed, Model = turn.Model ?? "",
                Request = turn.Request, Instructions = turn.Instructions, Tools = offer.Tools,
            },
        };
        node.Hold();
        _held?.LetGo(); // superseded
        _held = node;
        _rounds++;
        _cache.Add(turn.Report, end.Cache);
        _spent = _spent.Plus(end.Usage ?? turn.Report.Spent);
        return end;
    }

    /// <summary>The conversation behind a round.</summary>
    private TurnContext Continue(BackendEvent.Finished finished)
    {
        Item[] said = [.. fold.Output.Skip(_itemsTaken)];
        _itemsTaken += said.Length;
        _seen = _seen.Then(_held!.SeenAs(null, _held.Input, said, usage: null));
        if (finished.IncompleteReason is not null) return turn.Context; // nothing follows
        var parent = house.Windows.Opened(turn.Tenant, _seen.Node);
        if (parent != _seen.Node) parent = SeenChain.Of(parent).Node; // a call may wait in the window
        return new TurnContext(parent, _seen.Owed) { Places = [], IsOfConversation = turn.Context.IsOfConversation };
    }

    private BackendEvent.Finished End(BackendEvent.Finished finished, string? incompleteReason)
    {
        if (_rounds > 1) finished.State?.FollowsOn(fold.Output.Any(static item => item is CompactionItem) ? null : turn.ParentState);
        (_held, _isOver, turn.Report.Spent) = (null, true, _spent);
        return finished with { Usage = _spent, Cache = _cache.Compared, IncompleteReason = incompleteReason };
    }

    private static string NameOf(IBackend backend, BackendTurn turn) =>
        backend.Models.FirstOrDefault(model => string.Equals(model.Name, turn.Model, StringComparison.Ordinal))?.Name ?? turn.Model ?? "";
}
