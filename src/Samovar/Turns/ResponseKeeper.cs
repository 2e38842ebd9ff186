using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Responses;

namespace Samovar.Turns;

/// <summary>Puts a finished response where its continuation will look, before anybody hears that it is finished.</summary>
internal sealed class ResponseKeeper(IChainStore store, TurnOptions options, TimeProvider time)
{
    private const int NodeBytes = 512; // the node's own objects, roughly

    /// <summary>Never sees the client's token: what was generated is kept, even if its reader is gone.</summary>
    public async ValueTask<ChainNode> KeepAsync(Turn turn, TurnPlan plan, Response last, BackendState? state)
    {
        var isIncomplete = last.Status == ResponseStatus.Incomplete;
        var node = new ChainNode
        {
            Tenant = turn.Request.Tenant,
            Id = last.Id,
            Parent = plan.Context.Parent,
            Input = plan.Context.Input,
            Response = last,
            OpenCalls = plan.Request.Generate ? ToolCallCheck.OpenCalls(last.Output, isIncomplete) : plan.OpenCalls,
            State = state,
            Bytes = NodeBytes + plan.Bytes + last.Output.Sum(item => (long)item.Json.Utf8.Length),
        };
        node.Hold(); // so that a response that nobody keeps gives its warm state back
        try
        {
            if (node.Store)
            {
                using var deadline = new CancellationTokenSource(options.KeepMax, time);
                await store.AddAsync(node, deadline.Token).AsTask().WaitAsync(deadline.Token);
            }
            turn.Request.Parents.Keep(node);
            return node;
        }
        finally
        {
            node.LetGo();
        }
    }
}
