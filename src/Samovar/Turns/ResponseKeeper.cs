using System.Collections.ObjectModel;
using Microsoft.Extensions.Logging;
using Samovar.Backends;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;
using Samovar.Stores;
using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>Puts a finished response where its continuation will look, before anybody learns that it is finished.</summary>
/// <remarks>
/// A store that fails, or takes longer than <see cref="TurnOptions.KeepMax"/>, fails the turn; what it may keep all the same is deleted as
/// soon as it answers. So a client that saw a failure finds no response, and one that saw an end finds it.
/// </remarks>
internal sealed partial class ResponseKeeper(
    IChainStore store, ContentIndex histories, TurnOptions options, TimeProvider time, ILogger<ResponseKeeper> logger)
{
    /// <summary>
    /// Before anything is generated: a response that is to be stored needs a store that is there, and the right to add to its chain. One
    /// that is not asks no store.
    /// </summary>
    public async ValueTask BeginAsync(TurnState turn, TurnPlan plan, CancellationToken turnCancelled)
    {
        var conversation = turn.Request.Conversation;
        if (!plan.Settings.Store && conversation is null) return;
        var claiming = store.ClaimAsync(
            turn.Request.Tenant, plan.Context.Parent, turn.Placing is { Epoch: > 0 and var placed } ? placed : null, turnCancelled);
        if (!claiming.IsCompletedSuccessfully) turn.Times.Enter(TraceStage.Store);
        var claim = await claiming;
        turn.Times.Leave(TraceStage.Store, detail: "claim");
        turn.Claim = conversation?.Claim(claim) ?? claim;
    }

    /// <summary>The turn's own response, where another node has stored it; null where none has.</summary>
    public ValueTask<ChainNode?> FindAsync(TurnState turn, CancellationToken turnCancelled) =>
        store.FindAsync(turn.Request.Tenant, turn.Id, turnCancelled);

    /// <summary>Never sees the client's token: what was generated is kept, even if its reader is gone.</summary>
    public async ValueTask<ChainNode> KeepAsync(TurnState turn, TurnPlan plan, Response last, BackendState? state)
    {
        turn.Times.Enter(TraceStage.Store);
        var node = NodeOrRelease(turn, plan, last, state);
        node.Hold(); // so that a response that nobody keeps gives its warm state back
        try
        {
            if (node.Store) await TimedAsync(turn, node);
            if (turn.Request.Conversation is { } conversation) await conversation.MovedAsync();
            turn.Request.Parents.Keep(node);
            if (last is { Status: ResponseStatus.Completed, Output.Count: > 0 }) Remember(node, plan);
            turn.Times.Leave(TraceStage.Store, node.Bytes, node.Store ? "durable" : "memory");
            return node;
        }
        finally
        {
            LetGo(node);
        }
    }

    private void LetGo(ChainNode node)
    {
        try { node.LetGo(); }
        catch (Exception exception) { Log.NotReleased(logger, node.Id, exception); } // the response: what became of the turn stands
    }

    private static ChainNode NodeOrRelease(TurnState turn, TurnPlan plan, Response last, BackendState? state)
    {
        try
        {
            return Node(turn, plan, last, state);
        }
        catch
        {
            state?.Release(); // nobody else will
            throw;
        }
    }

    private static ChainNode Node(TurnState turn, TurnPlan plan, Response last, BackendState? state)
    {
        var output = Sharing.Detach(last.Output);
        var kept = ReferenceEquals(output, last.Output) ? last : last with { Output = output };
        return new ChainNode
        {
            Tenant = turn.Request.Tenant,
            Id = last.Id,
            Kind = turn.Request.IsChatCompletion ? RowKind.ChatCompletion : RowKind.Response,
            Parent = plan.Context.Parent,
            Input = plan.Context.Input,
            Response = kept,
            OpenCalls = plan.Request.Generate
                ? ToolCallCheck.OpenCalls(last.Output, IsCutOff(last)) : plan.OpenCalls,
            Unsent = plan.Match is HistoryMatch.Found { Unsent: { Count: > 0 } unsent } ? unsent : ReadOnlySet<Item>.Empty,
            State = state,
            Bytes = plan.Bytes + NodeWeight.Of(kept.Output, state) + (state?.CopiesItems != true ? 0
                : NodeWeight.OfCopies(plan.Context.Input) + NodeWeight.OfCopies(kept.Output)),
        };
    }

    /// <summary>Whether its last item may be half a one without saying so: one that was steered ends between items, or says so.</summary>
    private static bool IsCutOff(Response last) =>
        last is { Status: ResponseStatus.Incomplete, IncompleteReason: not BackendEvent.Steered };

    /// <summary>A response that cannot be found by what it says costs a later turn its delta, not this one its end.</summary>
    private void Remember(ChainNode node, TurnPlan plan)
    {
        try { histories.Add(node, IsToBeContinued(node, plan)); }
        catch (Exception exception) { Log.NotRemembered(logger, node.Id, exception); } // the response: it is kept, and can be continued
    }

    /// <summary>
    /// A first answer without a call is mostly the last one, too: its socket serves others better than it waits. Should a second turn
    /// come, it sends the little that there is.
    /// </summary>
    private static bool IsToBeContinued(ChainNode node, TurnPlan plan) =>
        node.Depth > 1 || node.OpenCalls.Count > 0 || plan.Context.IsResent;

    private async ValueTask TimedAsync(TurnState turn, ChainNode node)
    {
        var begun = time.GetTimestamp();
        try { await StoreAsync(turn, node); }
        finally { turn.StoreTime = time.GetElapsedTime(begun); }
    }

    private async Task StoreAsync(TurnState turn, ChainNode node)
    {
        using var deadline = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        var adding = store.AddAsync(node, turn.Claim, deadline.Token).AsTask();
        if (adding.IsCompletedSuccessfully) return; // the usual case: no timer
        deadline.CancelAfter(options.KeepMax);
        try
        {
            await adding.WaitAsync(deadline.Token);
        }
        catch (ApiException gone) when (gone.Kind == Errors.PreviousResponseNotFound && turn.Request.Request.PreviousResponseId is null)
        {
            throw new ApiException(Errors.ChainLost, [], cause: gone); // found by what was sent: sent again, it begins a new chain
        }
        catch (ApiException refused) when (refused.Kind == Errors.ChainLost || refused.Kind == Errors.StoreFull
            || refused.Kind == Errors.PreviousResponseNotFound)
        {
            throw; // the store has nothing of it
        }
        catch (Exception exception) when (!adding.IsCompletedSuccessfully) // the turn: it is told in its terms
        {
            turn.LateKeep = TakeBackAsync(node, turn.Claim, adding);
            if (deadline.IsCancellationRequested) throw new ApiException(Errors.ResponseNotStored, [], cause: exception);
            throw;
        }
        catch (OperationCanceledException)
        {
            // it was stored with the deadline: then it is stored
        }
    }

    private async Task TakeBackAsync(ChainNode node, ChainClaim claim, Task adding)
    {
        try
        {
            await store.TakeBackAsync(node.Tenant, node.Id, claim, CancellationToken.None); // nobody finds it from now on
            try { await adding; }
            catch (ApiException away) when (away.Kind == Errors.ResponseNotStored) // a database's outage is said once, by its store
            {
                Log.NotStoredNow(logger, node.Id, (away.InnerException ?? away).Message);
            }
            catch (Exception exception) { Log.NotStored(logger, node.Id, exception); } // it may be there all the same
            await store.TakeBackAsync(node.Tenant, node.Id, claim, CancellationToken.None);
        }
        catch (Exception exception) // the turn: it ended long ago, and nothing else reports this
        {
            Log.NotTakenBack(logger, node.Id, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2010, LogLevel.Error, "Response {ResponseId} could not be released in full")]
        public static partial void NotReleased(ILogger logger, ResponseId responseId, Exception exception);

        [LoggerMessage(2009, LogLevel.Error, "Response {ResponseId} could not be indexed by its content")]
        public static partial void NotRemembered(ILogger logger, ResponseId responseId, Exception exception);

        [LoggerMessage(2006, LogLevel.Warning, "Response {ResponseId} could not be stored")]
        public static partial void NotStored(ILogger logger, ResponseId responseId, Exception exception);

        [LoggerMessage(2011, LogLevel.Warning, "Response {ResponseId} could not be stored: {Reason}")]
        public static partial void NotStoredNow(ILogger logger, ResponseId responseId, string reason);

        [LoggerMessage(2007, LogLevel.Error, "Response {ResponseId}, which was reported as failed, could not be deleted from the store")]
        public static partial void NotTakenBack(ILogger logger, ResponseId responseId, Exception exception);
    }
}
