using System.Net;
using System.Net.Sockets;

namespace Samovar.Testing.Stores;

/// <summary>A network between a client and a server that can swallow everything: connections stay open and nothing arrives.</summary>
internal sealed class SilentLink : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly Task _accepting;
    private volatile TaskCompletionSource _open = Opened();

    public SilentLink(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Mend() => _open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        _ended.Cancel();
        _open.TrySetResult();
        _listener.Stop();
        await _accepting;
        _ended.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync()
    {
        var links = new List<Task>();
        try
        {
            while (true) links.Add(LinkAsync(await _listener.AcceptTcpClientAsync(_ended.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(links);
        }
    }

    private async Task LinkAsync(TcpClient client)
    {
        using var server = new TcpClient();
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _ended.Token);
            using var over = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
            var there = PassAsync(client.GetStream(), server.GetStream(), over.Token);
            var back = PassAsync(server.GetStream(), client.GetStream(), over.Token);
            await Task.WhenAny(there, back);
            over.Cancel();
            await Task.WhenAll(there, back);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // the server is not there
        }
        finally
        {
            client.Dispose();
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, CancellationToken over)
    {
        var bytes = new byte[16 << 10];
        try
        {
            while (await from.ReadAsync(bytes, over) is > 0 and var count)
            {
                await _open.Task.WaitAsync(over);
                await to.WriteAsync(bytes.AsMemory(0, count), over);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // one of the two has gone
        }
    }
}
