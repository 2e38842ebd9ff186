using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Requests;

namespace Samovar.Sessions;

/// <summary>Says what becomes of what was said while a turn of the lane ran. Used by the lane's own loop.</summary>
/// <remarks>
/// (1) A turn that left no response: nothing. (2) One that wants something of its client, such as the output of a call: it waits for the
/// create that continues that response, stands before that create's own input, and is gone when its response begins. (3) Else a response
/// follows by itself, with the settings of the one before.
/// </remarks>
internal sealed class LaneSteers(LaneId lane, SteerDesk desk, TimeProvider time)
{
    private readonly Dictionary<ResponseId, IReadOnlyList<Steer>> _waiting = []; // as many as a connection may have

    /// <summary>The request with what waited for it before its own input. :: 2</summary>
    public CreateRequest WithWaiting(QueuedFrame frame, CreateRequest request)
    {
        if (!request.Generate || request.PreviousResponseId is not { } parent || !_waiting.TryGetValue(parent, out var steers))
            return request;
        frame.Taken = steers;
        return request with { Input = [.. Items(steers), .. request.Input], HasInput = true };
    }

    /// <summary>A turn is over.</summary>
    /// <param name="ended">What ran.</param>
    /// <param name="node">The response that it left.</param>
    /// <returns>The turn that follows by itself.</returns>
    public QueuedFrame? After(QueuedFrame ended, ChainNode? node)
    {
        if (ended.Response is { } response) desk.NoteEnded(lane, response, isKept: node is not null);
        NoteTaken(ended);
        var (steers, isCancelled) = ended.Steers.Close();
        if (steers.Count == 0) return null;
        var number = ended.Began.Result.NextNumber; // what was queued was reported in its log
        try
        {
            if (node is null || isCancelled) return Fail(Errors.TurnCancelled); // :: 1
            if (RequiredInput.Of(node, steers) is { Count: > 0 } required) // :: 2
            {
                _waiting[node.Id] = steers;
                desk.Note(steers.Count, "pending");
                ended.Steers.End(new SteerOutcome.Waiting(steers, required) { Number = number });
                return null;
            }
            var successor = Successor(ended, node, steers); // :: 3
            ended.Steers.End(
                    new SteerOutcome.Followed(successor.Began, successor.Source, successor.Steers, steers) { Number = number });
            desk.Note(steers.Count, "followed");
            return successor;
        }
        catch
        {
            Fail(Errors.Internal);
            throw;
        }

        QueuedFrame? Fail(ErrorKind why)
        {
            desk.Release(steers);
            desk.Note(steers.Count, "failed", why);
            var error = new ApiException(Errors.SuccessorFailed, new ApiException(why).Message);
            ended.Steers.End(new SteerOutcome.Failed(steers, error) { Number = number });
            return null;
        }
    }

    /// <summary>The connection is gone, and what waited with it.</summary>
    public void Clear()
    {
        foreach (var steers in _waiting.Values)
        {
            desk.Release(steers);
            desk.Note(steers.Count, "gone");
        }
        _waiting.Clear();
    }

    /// <summary>
    /// What a turn took is part of its response once that began; what a refused create took waits on, and a refused successor's is sent
    /// back.
    /// </summary>
    private void NoteTaken(QueuedFrame ended)
    {
        if (ended.Taken.Count == 0) return;
        var isCommitted = ended.Began.IsCompletedSuccessfully;
        if (!isCommitted && !ended.IsSuccessor) return;
        _waiting.Remove(ended.Taken[0].Response);
        desk.Release(ended.Taken);
    }

    private QueuedFrame Successor(QueuedFrame ended, ChainNode node, IReadOnlyList<Steer> steers)
    {
        var request = ended.Request with
        {
            Input = [.. Items(steers)], HasInput = true, PreviousResponseId = node.Id, Bytes = steers.Sum(steer => steer.Bytes),
            ResumeKey = null, // it names the turn before
        };
        return new QueuedFrame(request, ended.IsBare, time.GetTimestamp(), ended.Claim)
        {
            IsSuccessor = true, Taken = steers, Previous = ended.Source.Turn,
        };
    }

    private static IEnumerable<Item> Items(IEnumerable<Steer> steers) => steers.SelectMany(steer => steer.Input);
}
