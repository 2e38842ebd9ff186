using System.Net.Sockets;
using Samovar.Testing.Servers;

namespace Samovar.Cluster.Tests;

/// <summary>What stands before the nodes of a cluster for a client: each of its connections goes to a node that lives.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private readonly RelayNetwork _network;
    private readonly Func<Uri> _choose;
    private readonly Func<int, Task> _answered;

    /// <param name="choose">Where a new connection goes.</param>
    /// <param name="answered">Hears how many bytes come from a node, before the client has them.</param>
    public Balancer(Func<Uri> choose, Func<int, Task> answered)
    {
        (_choose, _answered) = (choose, answered);
        _network = new RelayNetwork(choose(), CarryTo);
    }

    public Uri Address => _network.Address;

    /// <summary>Connections that clients have made.</summary>
    public int Connections => _network.Connections;

    /// <summary>Ends every connection that there is now.</summary>
    public void Cut() => _network.Cut();

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    private Relay CarryTo(int number)
    {
        _network.Server = _choose(); // of the connection that is carried next
        return CarryAsync;
    }

    private Task CarryAsync(Socket client, Socket server, CancellationTokenSource cut) =>
        Task.WhenAll(CopyAsync(server, client, _answered, cut), CopyAsync(client, server, static _ => Task.CompletedTask, cut));

    private static async Task CopyAsync(Socket from, Socket to, Func<int, Task> seen, CancellationTokenSource cut)
    {
        var buffer = new byte[16 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, cut.Token) is > 0 and var read)
            {
                await seen(read);
                await to.SendAsync(buffer.AsMemory(0, read), cut.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // cut, or a node has died
        }
        await cut.CancelAsync();
    }
}
