using Samovar.Protocol.Errors;
using Samovar.Turns;

namespace Samovar.Server.Http;

/// <summary>A turn that lives as long as the request that asked for it: disposed, it is over, and nothing reads of it any more.</summary>
internal sealed class RequestTurn(TurnHandle turn) : IAsyncDisposable
{
    private Task _reading = Task.CompletedTask;

    public TurnHandle Turn => turn;

    /// <summary>Keeps what is made of its events until it ends: it may read what is counted with the request.</summary>
    public Task<ReadOnlyMemory<byte>> Keep(Task<ReadOnlyMemory<byte>> reading)
    {
        _reading = reading;
        return reading;
    }

    /// <summary>The terminal event.</summary>
    /// <exception cref="ApiException">It was refused.</exception>
    public async Task<LoggedEvent> EndAsync(CancellationToken readerGone)
    {
        using var reader = (await turn.Began).OpenForEnd();
        return await reader.WaitAsync(readerGone) && reader.TryRead(out var last) && last.IsTerminal ? last
            : throw new ApiException(Errors.Internal); // the turn broke so badly that it could not say so
    }

    public async ValueTask DisposeAsync()
    {
        turn.Cancel(); // does nothing to a turn that has ended
        await turn.Ended;
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
