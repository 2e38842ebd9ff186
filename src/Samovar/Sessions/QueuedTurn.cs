using Samovar.Protocol.Errors;
using Samovar.Protocol.Requests;
using Samovar.Turns;

namespace Samovar.Sessions;

/// <summary>A frame that waits in its lane.</summary>
internal sealed class QueuedTurn(CreateRequest request, bool isBare, long arrivedAt)
{
    private readonly TaskCompletionSource<EventLog> _began = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CreateRequest Request { get; } = request;
    public bool IsBare { get; } = isBare;
    public long ArrivedAt { get; } = arrivedAt;
    public Task<EventLog> Began => _began.Task;

    public void Refuse(ApiException error)
    {
        _began.TrySetException(error);
        _ = _began.Task.Exception; // nobody has to look: the connection may be gone
    }

    /// <summary>Tells what the turn tells. Ends when it has begun or was refused.</summary>
    public async Task FollowAsync(RunningTurn turn)
    {
        try
        {
            _began.TrySetResult(await turn.Began);
        }
        catch (ApiException error)
        {
            Refuse(error);
        }
    }
}
