using Samovar.Chains;
using Samovar.Cluster;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Responses;

namespace Samovar.Turns;

/// <summary>Tells what another node has made of a turn before it was lost.</summary>
internal sealed class StoredTurn(ResponseKeeper keeper, TurnOptions options, TurnEnding ending)
{
    /// <returns>Null where nothing was stored, and nobody has heard of its output: then the turn is made again.</returns>
    /// <exception cref="ApiException"><c>node_lost</c>: a part was heard, and the rest is nowhere.</exception>
    public async Task<ChainNode?> TellAsync(TurnState turn)
    {
        var wasHeard = turn.Placing!.Past == TurnPast.WasHeard;
        if (await keeper.FindAsync(turn, turn.Life.Token) is not { } node) return wasHeard ? throw new ApiException(Errors.NodeLost) : null;
        // Another API's stream is made of pieces, which are gone: without them a call would have no arguments, and half a text an end.
        if (turn.Request.Events.Snapshots == SnapshotKind.Translated) throw new ApiException(Errors.NodeLost);
        var beginning = node.Response with { Status = ResponseStatus.InProgress, Output = [], Usage = null };
        var events = await turn.BeginAsync(options, beginning);
        await events.PublishAsync(new ResponseEvent.InProgress(beginning), turn.Life.Token);
        for (var i = 0; i < node.Output.Count && !wasHeard; i++)
        {
            events.Publish(new ResponseEvent.OutputItemAdded(i, node.Output[i].Json));
            events.Publish(new ResponseEvent.OutputItemDone(i, node.Output[i]));
        }
        var end = events.Prepare(node.Response);
        turn.Request.Parents.Keep(node);
        events.PublishEnd(end);
        turn.Publish();
        ending.Record(turn, node.Response, error: null);
        return node;
    }
}
