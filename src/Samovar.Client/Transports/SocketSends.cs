using System.Net.WebSockets;

namespace Samovar.Client.Transports;

/// <summary>
/// The frames that go up a socket: one after the other, each whole, for the socket would not survive one that is cut off. One goes on when
/// nobody waits for it any more; all end with the link.
/// </summary>
/// <param name="linkEnds">Ends what still waits.</param>
internal sealed class SocketSends(ClientWebSocket socket, CancellationToken linkEnds) : IAsyncDisposable
{
    private readonly SemaphoreSlim _sending = new(1);
    private readonly HashSet<Task> _open = [];

    public Task SendAsync(ReadOnlyMemory<byte> frame)
    {
        var sending = SendWholeAsync(frame);
        if (sending.IsCompletedSuccessfully) return sending;
        lock (_open)
        {
            foreach (var over in _open.Where(static one => one.IsCompleted).ToList())
            {
                _ = over.Exception; // the link is lost with it, and says so
                _open.Remove(over);
            }
            _open.Add(sending);
        }
        return sending;
    }

    /// <summary>Waits for all that were begun, once their link has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] open;
        lock (_open) open = [.. _open];
        foreach (var sending in open) await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sending.Dispose();
    }

    private async Task SendWholeAsync(ReadOnlyMemory<byte> frame)
    {
        await _sending.WaitAsync(linkEnds);
        try
        {
            await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, linkEnds);
        }
        finally
        {
            _sending.Release();
        }
    }
}
