using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Samovar.Tests.Pull;

/// <summary>A server on loopback that answers each connection's one request with the bytes it is given, however wrong they are.</summary>
/// <param name="answer">What it sends for a path, by the number of the connection, from 0; then it closes.</param>
internal sealed class RawServer(Func<string, int, byte[]> answer) : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private Task _serving = Task.CompletedTask;

    public Uri Address => new($"http://{_listener.LocalEndpoint}/");

    public int Connections { get; private set; }

    public RawServer Start()
    {
        _listener.Start();
        _serving = ServeAsync();
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving;
        _listener.Stop(); // not under whoever is about to accept
        _stopping.Dispose();
    }

    /// <summary>An answer with its length, that closes its connection.</summary>
    public static byte[] Ok(byte[] body, string more = "") =>
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n{more}\r\n"), .. body];

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // it was stopped
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        try
        {
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            var path = (await reader.ReadLineAsync(_stopping.Token))?.Split(' ')[1] ?? "";
            while (await reader.ReadLineAsync(_stopping.Token) is { Length: > 0 }) { }
            await stream.WriteAsync(answer(path, Connections++), _stopping.Token);
        }
        catch (IOException)
        {
            // the client left
        }
    }
}
