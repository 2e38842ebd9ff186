using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Samovar.Bench.Servers;

/// <summary>
/// The floor of every gateway, in a process of its own: passes bytes on between two TCP connections and looks at nothing. What it adds to
/// a turn is what one more process on the way costs on this machine.
/// </summary>
internal static class TcpHop
{
    private const int BufferBytes = 16 << 10;

    /// <summary>Serves until its standard input ends.</summary>
    public static async Task RunAsync(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(512);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"PORT={((IPEndPoint)listener.LocalEndpoint).Port}"));
        var accepting = AcceptAsync(listener, port);
        while (await Console.In.ReadLineAsync() is not null) { }
        listener.Stop();
        await accepting;
    }

    private static async Task AcceptAsync(TcpListener listener, int port)
    {
        var pairs = new List<Task>();
        try
        {
            while (true)
            {
                pairs.Add(PassAsync(await listener.AcceptTcpClientAsync(), port));
                pairs.RemoveAll(pair => pair.IsCompleted);
            }
        }
        catch (SocketException)
        {
            // the listener was stopped; what still runs ends with the process
        }
    }

    private static async Task PassAsync(TcpClient client, int port)
    {
        using var near = client;
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, port);
            await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            // either side is gone
        }
    }

    private static async Task CopyAsync(TcpClient from, TcpClient to)
    {
        try { await from.GetStream().CopyToAsync(to.GetStream(), BufferBytes); }
        catch (Exception exception) when (exception is SocketException or IOException or ObjectDisposedException)
        {
            // the other direction ended the pair
        }
    }
}
