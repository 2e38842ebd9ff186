using System.Net.Sockets;

namespace Samovar.Bench.Links;

/// <summary>A client's connection to a link, and the link's own to the server.</summary>
internal sealed class LinkedPair : IDisposable
{
    private readonly TcpClient _near, _far = new() { NoDelay = true };
    private volatile bool _isSilent;

    /// <param name="pump">Passes on what comes, both ways, until both sides are done.</param>
    public LinkedPair(TcpClient near, Uri server, Func<LinkedPair, Task> pump, CancellationToken ending)
    {
        (_near, Ending) = (near, ending);
        near.NoDelay = true;
        Running = RunAsync(server, pump);
    }

    public NetworkStream Client => _near.GetStream();
    public NetworkStream Server => _far.GetStream();
    public CancellationToken Ending { get; }

    /// <summary>Ends with the pair; never faults.</summary>
    public Task Running { get; }

    /// <summary>Nothing is passed on any more, and nobody is told.</summary>
    public bool IsSilent => _isSilent;

    public void Silence() => _isSilent = true;

    private async Task RunAsync(Uri server, Func<LinkedPair, Task> pump)
    {
        try
        {
            await _far.ConnectAsync(server.Host, server.Port, Ending);
            await pump(this);
            if (_isSilent) await Task.Delay(Timeout.Infinite, Ending);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException)
        {
            // the server is gone, or the link
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
    }
}
