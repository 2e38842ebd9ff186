using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Protocol.Json;

namespace Samovar.Client.Turns;

/// <summary>
/// What the user said while a response was being made: sent, then accepted, then part of the response that follows; or given back.
/// </summary>
internal sealed class Steers
{
    private readonly Queue<Said> _sent = new();
    private readonly List<(string Id, Said Said)> _accepted = [];
    private bool _isOver;

    /// <summary>Whether something is still to come of it behind the end of a response.</summary>
    public bool AreOpen
    {
        get { lock (_sent) return _sent.Count + _accepted.Count > 0; }
    }

    /// <summary>Words that wait for the outputs of calls.</summary>
    public List<RawJson> Pending { get; } = [];

    /// <summary>Notes words that are about to be sent; the task ends with their answer.</summary>
    public Task Begin(IReadOnlyList<RawJson> input)
    {
        lock (_sent)
        {
            if (_isOver) throw TooLate("The response is over.");
            var said = new Said(input, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            _sent.Enqueue(said);
            return said.Answer.Task;
        }
    }

    public void Note(TurnEvent e)
    {
        lock (_sent)
        {
            switch (e)
            {
                case TurnEvent.SteerAccepted accepted when _sent.TryDequeue(out var said):
                    _accepted.Add((accepted.SteerId, said));
                    said.Answer.TrySetResult();
                    break;
                case TurnEvent.SteerPending pending when Take(pending.SteerId) is { } said: Pending.AddRange(said.Input); break;
                case TurnEvent.SteerFailed failed when failed.SteerId is { } id && Take(id) is not null: break;
                case TurnEvent.SteerFailed failed when _sent.TryDequeue(out var said):
                    said.Answer.TrySetException(
                        new ResponsesException(ResponsesErrorKind.InvalidRequest, failed.Message) { Code = failed.Code });
                    break;
            }
        }
    }

    /// <summary>The response that follows has begun; its words.</summary>
    public IReadOnlyList<RawJson> Applied()
    {
        lock (_sent)
        {
            var input = _accepted.SelectMany(pair => pair.Said.Input).ToList();
            _accepted.Clear();
            return input;
        }
    }

    /// <summary>Whatever has no answer gets none.</summary>
    /// <param name="isOver">Nothing can be said any more.</param>
    public void Drop(string why, bool isOver)
    {
        lock (_sent)
        {
            _isOver |= isOver;
            while (_sent.TryDequeue(out var said)) said.Answer.TrySetException(TooLate(why));
            _accepted.Clear();
        }
    }

    private Said? Take(string id)
    {
        var at = _accepted.FindIndex(pair => pair.Id == id);
        if (at < 0) return null;
        var said = _accepted[at].Said;
        _accepted.RemoveAt(at);
        return said;
    }

    private static ResponsesException TooLate(string why) =>
        new(ResponsesErrorKind.InvalidRequest, why) { Code = "response_not_active" };

    private sealed record Said(IReadOnlyList<RawJson> Input, TaskCompletionSource Answer);
}
