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
    private const string Cancelled = "it was cancelled.";
    private const string NotKept = "the response before it has failed, or was cancelled.";
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
        var (steers, back, isCancelled) = ended.Steers.Close();
        if (!ended.Steers.IsUsed) return null; // most turns
        var number = ended.Began.Result.NextNumber; // what was said was said to its response
        desk.Release([.. back.Select(said => said.Steer)]);
        foreach (var said in back) desk.Note(1, "failed", said.Error.Kind);
        steers = WithoutWhatItHas(node, steers);
        if (steers.Count == 0)
        {
            ended.Steers.End(new SteerOutcome.Settled { Number = number, SentBack = back });
            return null;
        }
        try
        {
            if (node is null || isCancelled) return Fail(isCancelled ? Cancelled : NotKept); // :: 1
            if (RequiredInput.Of(node, steers) is { Count: > 0 } required) // :: 2
            {
                _waiting[node.Id] = steers;
                desk.Note(steers.Count, "pending");
                ended.Steers.End(new SteerOutcome.Waiting(steers, required) { Number = number, SentBack = back });
                return null;
            }
            var successor = Successor(ended, node, steers); // :: 3
            ended.Steers.End(new SteerOutcome.Followed(successor.Began, successor.Source, successor.Steers, steers)
            {
                Number = number, SentBack = back,
            });
            desk.Note(steers.Count, "followed");
            return successor;
        }
        catch
        {
            Fail(new ApiException(Errors.Internal).Message);
            throw;
        }

        QueuedFrame? Fail(string why)
        {
            desk.Release(steers);
            desk.Note(steers.Count, "failed", Errors.SuccessorFailed);
            ended.Steers.End(new SteerOutcome.Failed(steers, new ApiException(Errors.SuccessorFailed, why))
            {
                Number = number, SentBack = back,
            });
            return null;
        }
    }

    /// <summary>What follows does not say again what who made the response took into it.</summary>
    private IReadOnlyList<Steer> WithoutWhatItHas(ChainNode? node, IReadOnlyList<Steer> steers)
    {
        if (node is null || !steers.Any(steer => steer.IsPartOf(node.Output))) return steers;
        desk.Release([.. steers.Where(steer => steer.IsPartOf(node.Output))]);
        return [.. steers.Where(steer => !steer.IsPartOf(node.Output))];
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
            IsSuccessor = true, Taken = steers, Previous = ended.Source.Turn, Sent = ended.Sent?.With(request.Input),
        };
    }

    private static IEnumerable<Item> Items(IEnumerable<Steer> steers) => steers.SelectMany(steer => steer.Input);
}
